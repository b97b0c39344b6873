/**
 * The client of a Confab server: `import { Confab } from '/confab.js'`.
 *
 * It signs in and stays signed in, keeps one connection for all tabs of a browser, comes back and
 * catches up by itself, and sends every message once. docs/how-to/use-confab-js.md shows how.
 */
export { Confab } from './confab/client.js';
export { Api } from './confab/api.js';
export { tabsCanAgree } from './confab/locks.js';
export { Problem } from './confab/problem.js';
export { Session } from './confab/session.js';
export { browserStorage } from './confab/storage.js';
