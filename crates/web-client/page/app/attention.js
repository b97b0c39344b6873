import { tabsCanAgree } from '../confab.js';
import { BASE } from './base.js';

/** Held, by as many tabs as like, while somebody looks at them; service-worker.js asks for it, too. */
const LOCK = `confab.attention${BASE}`;

/** Whether somebody looks at this window. */
export function isAttentive() {
  return !document.hidden && document.hasFocus();
}

/**
 * Lets the other tabs and the worker know whether somebody looks at this one.
 *
 * @param {import('./scope.js').Scope} scope
 */
export function shareAttention(scope) {
  if (!tabsCanAgree()) return;
  /** @type {AbortController | null} */
  let held = null;
  const letGo = () => {
    held?.abort();
    held = null;
  };
  const follow = () => {
    if (!isAttentive()) return letGo();
    if (held) return;
    const { signal } = (held = new AbortController());
    const untilLetGo = () => new Promise((resolve) => signal.addEventListener('abort', resolve));
    // The request is rejected when it is let go of before it was granted, or where no page gets locks.
    navigator.locks.request(LOCK, { mode: 'shared', signal }, untilLetGo).catch(() => {});
  };
  for (const event of ['focus', 'blur']) scope.listen(window, event, follow);
  scope.listen(document, 'visibilitychange', follow);
  scope.add(letGo);
  follow();
}

/** Whether somebody looks at any tab of this page. */
export async function isLookedAt() {
  if (isAttentive() || !tabsCanAgree()) return isAttentive();
  // A page that gets no locks knows of itself alone.
  const { held } = await navigator.locks.query().catch(() => ({ held: [] }));
  return (held ?? []).some(({ name }) => name === LOCK);
}
