/**
 * Tells of messages that come by Web Push, and opens their chats. It is there while no page is, so
 * it has what it needs in itself; the page says by its address which language it speaks.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const TEXTS = /** @type {Record<string, string>} */ ({ en: 'New message', ru: 'Новое сообщение' });
const text = TEXTS[new URL(location.href).searchParams.get('lang') ?? ''] ?? TEXTS.en;

/** @typedef {{chat: number, seq: number, sender: string, text?: string}} Told */

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
  return windows.filter(({ url }) => new URL(url).pathname === '/');
}

/** @param {Told} told */
async function show({ chat, seq, sender, text: said }) {
  // Who looks at the page sees it there.
  if ((await pages()).some(({ focused }) => focused)) return;
  const options = { body: said || text, tag: `confab-${chat}`, renotify: true, icon: '/icon.svg', data: { chat, seq } };
  await worker.registration.showNotification(sender, options);
}

/** @param {{chat: number, seq: number}} place */
async function open({ chat, seq }) {
  const hash = `#/chats/${chat}/${seq}`;
  const [page] = await pages();
  if (!page) return void (await worker.clients.openWindow(`/${hash}`));
  page.postMessage({ open: hash });
  await page.focus();
}

/**
 * The browser has dropped the subscription. A page that is open tells the server of the new one;
 * else the next one that is opened does.
 *
 * @param {any} event
 */
async function renew({ oldSubscription }) {
  if (oldSubscription) await worker.registration.pushManager.subscribe(oldSubscription.options);
  for (const page of await pages()) page.postMessage({ renewed: true });
}
