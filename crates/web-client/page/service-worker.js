/**
 * Tells of messages that come by Web Push, and opens their chats. It is there while no page is, so
 * it has what it needs in itself; the page says by its address which language it speaks.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const TEXTS = /** @type {Record<string, string>} */ ({ en: 'New message', ru: 'Новое сообщение' });
const text = TEXTS[new URL(location.href).searchParams.get('lang') ?? ''] ?? TEXTS.en;

/** Where the page lies on its host, without a slash at the end; see app/base.js. */
const BASE = new URL('.', location.href).pathname.slice(0, -1);

/** Where the page leaves what it knows of its subscription: not every browser tells of the one it has dropped. */
const KEPT = `confab-push${BASE}`;

/** Not every system shows an SVG. */
const ICON = `${BASE}/icons/icon-192.png`;

/** Held by every page that somebody looks at, see app/attention.js. */
const ATTENTION = `confab.attention${BASE}`;

/** @typedef {{chat: number, seq: number, sender: string, text?: string}} Told */
/** @typedef {{endpoint: string, auth: string, key: string}} Kept See settings/push.js. */

worker.addEventListener('install', () => void worker.skipWaiting());
worker.addEventListener('push', (event) => event.waitUntil(show(event.data?.json())));
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});
worker.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renew(event)));

/** The windows of the page, the one that was used last first. */
async function pages() {
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return windows.filter(({ url }) => new URL(url).pathname === `${BASE}/`);
}

/** Whether somebody looks at a page, as the pages themselves tell: a closed one holds no lock. */
async function isLookedAt() {
  const { held } = await navigator.locks.query();
  return (held ?? []).some(({ name }) => name === ATTENTION);
}

/** @param {Told} told */
async function show({ chat, seq, sender, text: said }) {
  // They see it there.
  if (await isLookedAt()) return;
  const options = { body: said || text, tag: `confab-${chat}`, renotify: true, icon: ICON, data: { chat, seq } };
  await worker.registration.showNotification(sender, options);
}

/** @param {{chat: number, seq: number}} place */
async function open({ chat, seq }) {
  const hash = `#/chats/${chat}/${seq}`;
  const [page] = await pages();
  if (!page) return void (await worker.clients.openWindow(`${BASE}/${hash}`));
  page.postMessage({ open: hash });
  await page.focus();
}

/**
 * The browser has dropped the subscription. The server takes another one in its place from who knows
 * the old one. Where that fails, a page mends it: one that is open, or the next.
 *
 * @param {any} event
 */
async function renew({ newSubscription }) {
  const found = await caches.match(KEPT);
  /** @type {Kept | null} */
  const old = found ? await found.json() : null;
  if (old) await replace(old, newSubscription).catch(() => {});
  for (const page of await pages()) page.postMessage({ renewed: true });
}

/**
 * @param {Kept} old
 * @param {PushSubscription | null} given What the browser has made in its place, if it did.
 */
async function replace({ endpoint, auth, key }, given) {
  const wanted = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = given ?? (await worker.registration.pushManager.subscribe(wanted));
  const { endpoint: address, keys, expirationTime } = subscription.toJSON();
  const expires_at = expirationTime ? new Date(expirationTime).toISOString() : null;
  const body = JSON.stringify({ old: { endpoint, auth }, endpoint: address, keys, expires_at });
  const headers = { 'Content-Type': 'application/json' };
  const { ok } = await fetch(`${BASE}/api/v1/push/renewals`, { method: 'POST', headers, body });
  if (!ok) return;
  const cache = await caches.open(KEPT);
  await cache.put(KEPT, new Response(JSON.stringify({ endpoint: address, auth: keys?.auth, key })));
}
