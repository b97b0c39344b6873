/**
 * Does something while no other tab does it. Browsers have such locks on HTTPS and on localhost;
 * elsewhere it is done at once, and the server forgives two that refresh within seconds.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  const locks = globalThis.navigator?.locks;
  if (!locks) return work();
  let begun = false;
  const begin = () => {
    begun = true;
    return work();
  };
  return locks.request(name, begin).catch((error) => {
    // A browser that keeps nothing for the page gives it no locks either.
    if (begun) throw error;
    return work();
  });
}

/** Whether tabs can agree on one of them. */
export function tabsCanAgree() {
  return Boolean(globalThis.navigator?.locks && globalThis.BroadcastChannel);
}
