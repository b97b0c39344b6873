import { Problem } from './problem.js';

/** After which an answer is not waited for any longer. */
const PATIENCE_MS = 30_000;
/** The same for a file, which may be large and the way to the server slow. */
const PATIENCE_FOR_FILES_MS = 15 * 60_000;

/** Refusals below 500 that may pass: too slow, too early, too many. */
const MAY_PASS = [408, 425, 429];

/** JSON over HTTP, and files as they are. */
export class Http {
  /** @param {string} base The server's address, without a slash at the end; '' for this page's. */
  constructor(base) {
    this.base = base;
  }

  /**
   * @param {string} method
   * @param {string} path Under `/api/v1`.
   * @param {{token?: string, body?: unknown, signal?: AbortSignal, cookies?: boolean}} [options] `cookies` if the server
   *   is to see its own.
   * @returns {Promise<any>} The body of the answer; null if it has none.
   * @throws {Problem}
   */
  async request(method, path, { token, body, signal, cookies = false } = {}) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    const isFile = body instanceof FormData || body instanceof Blob;
    if (body !== undefined && !isFile) headers['Content-Type'] = 'application/json';
    const patience = AbortSignal.timeout(isFile ? PATIENCE_FOR_FILES_MS : PATIENCE_MS);
    let response;
    let text;
    try {
      response = await fetch(`${this.base}/api/v1${path}`, {
        method,
        headers,
        body: body === undefined || isFile ? body : JSON.stringify(body),
        cache: 'no-store',
        credentials: cookies ? 'same-origin' : 'omit',
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
      });
      text = await response.text();
    } catch {
      throw Problem.offline();
    }
    if (response.ok) return text === '' ? null : JSON.parse(text);
    throw problemOf(response, text);
  }
}

/**
 * @param {Response} response
 * @param {string} text
 */
function problemOf(response, text) {
  const retryAfter = Number(response.headers.get('Retry-After')) || undefined;
  try {
    const problem = JSON.parse(text);
    if (typeof problem.code === 'string') return new Problem(problem, retryAfter);
  } catch {
    // It is no JSON, which is not the server's way to refuse.
  }
  // Something between here and the server answered in its place.
  const { status } = response;
  return new Problem({ status, code: 'no_answer', retryable: status >= 500 || MAY_PASS.includes(status) }, retryAfter);
}
