import { Problem } from '../../confab.js';
import { BASE } from '../base.js';
import { pushes, setPushes } from '../preferences.js';

/**
 * @typedef {import('../../confab.js').Confab} Confab
 * @typedef {import('../../confab/types.js').NewPushSubscription} NewPushSubscription
 * @typedef {import('../../confab/types.js').PushContent} PushContent
 */

/** Whether this browser can be told of messages while no page is open. */
export function canPush() {
  return 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
}

const WORKER = `${BASE}/service-worker.js`;

/** Lets the browser load this page's own worker and nothing else. */
const trust = /** @type {any} */ (window).trustedTypes?.createPolicy('confab-worker', {
  createScriptURL: (/** @type {string} */ lang) => `${WORKER}?lang=${encodeURIComponent(lang)}`,
});

/** The worker, speaking the language that the page speaks now. */
async function register() {
  const { lang } = document.documentElement;
  const url = trust?.createScriptURL(lang) ?? `${WORKER}?lang=${lang}`;
  await navigator.serviceWorker.register(url);
  return navigator.serviceWorker.ready;
}

/** Where the worker looks for what the server is to know of a subscription that the browser drops. */
const KEPT = `confab-push${BASE}`;

/**
 * Leaves it there for when no page is open.
 *
 * @param {PushSubscription} subscription
 * @param {string} key Of the server, in base64url.
 */
async function keepForWorker(subscription, key) {
  const { endpoint, keys } = subscription.toJSON();
  const cache = await caches.open(KEPT);
  await cache.put(KEPT, new Response(JSON.stringify({ endpoint, auth: keys?.auth, key })));
}

/**
 * Has this device told of messages from now on.
 *
 * @param {Confab} confab
 * @param {PushContent} content What a notification carries.
 */
export async function startPush({ api: { account } }, content) {
  const { pushManager } = await register();
  const { public_key } = await account.push();
  const key = bytesOf(public_key);
  const known = await pushManager.getSubscription();
  const isOurs = known && sameBytes(known.options.applicationServerKey, key);
  if (known && !isOurs) await known.unsubscribe();
  const subscription = isOurs ? known : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, expirationTime, keys } = /** @type {Required<PushSubscriptionJSON> & Pick<NewPushSubscription, 'keys'>} */ (subscription.toJSON());
  const expires_at = expirationTime ? new Date(expirationTime).toISOString() : null;
  await account.subscribe({ endpoint, keys, expires_at, content });
  await keepForWorker(subscription, public_key);
  setPushes(content);
}

/**
 * Has it told no more.
 *
 * @param {Confab} confab
 */
export async function stopPush({ api: { account }, live }) {
  setPushes(null);
  await globalThis.caches?.delete(KEPT);
  if (live) await account.unsubscribe();
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

/**
 * Makes things so as somebody chose: a browser may drop a subscription, the server may have
 * forgotten it, and one that signs out is to be told nothing.
 *
 * @param {Confab} confab
 */
export async function keepPush(confab) {
  const content = pushes();
  if (!content || !canPush()) return;
  try {
    if (!confab.live || Notification.permission !== 'granted') return void (await stopPush(confab));
    const registration = await register();
    const here = await registration.pushManager.getSubscription();
    const { public_key, subscription } = await confab.api.account.push();
    const isOurs = here && sameBytes(here.options.applicationServerKey, bytesOf(public_key));
    const isKept = isOurs && here.endpoint === subscription?.endpoint && subscription.content === content;
    if (isKept) await keepForWorker(here, public_key);
    else await startPush(confab, content);
  } catch (error) {
    // Without a connection, to this server or the push service, the next page tries again.
    if (!(error instanceof Problem || error instanceof DOMException)) throw error;
  }
}

/** @param {string} text In base64url. */
function bytesOf(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/**
 * @param {ArrayBuffer | null} one
 * @param {Uint8Array} other
 */
function sameBytes(one, other) {
  return one !== null && String(new Uint8Array(one)) === String(other);
}
