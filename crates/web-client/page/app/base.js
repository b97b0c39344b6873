/**
 * Where the page lies on its host, without a slash at the end: `''` at the root, `/chat` at
 * `https://example.org/chat/`. The server is there, too.
 */
export const BASE = new URL('.', document.baseURI).pathname.slice(0, -1);
