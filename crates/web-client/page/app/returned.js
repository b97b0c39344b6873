import { Problem } from '../confab.js';

/**
 * Goes on with a sign-in whose provider has sent the browser back. What it gave leaves the address before anything
 * else happens: it is no place to come back to.
 *
 * @param {import('../confab.js').Confab} confab
 * @returns {Promise<Problem | null>} Why nobody was signed in.
 */
export async function returned(confab) {
  const said = new URLSearchParams(location.search);
  history.replaceState(null, '', location.pathname + location.hash);
  const [state, code, error, iss] = ['state', 'code', 'error', 'iss'].map((name) => said.get(name) ?? undefined);
  try {
    // The provider's word stands in front of the dot.
    await confab.session.finish(state?.split('.')[0] ?? '', { state: state ?? '', code, error, iss });
    return null;
  } catch (refusal) {
    if (refusal instanceof Problem) return refusal;
    throw refusal;
  }
}
