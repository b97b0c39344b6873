/** @typedef {import('./types.js').Problem} Refusal */

/** What a request was refused with: the server's problem, or that it could not be reached. */
export class Problem extends Error {
  /**
   * @param {Pick<Refusal, 'status' | 'code'> & Partial<Refusal>} problem
   * @param {number} [retryAfter] Seconds after which to try again, if the server said so.
   */
  constructor(problem, retryAfter) {
    super(problem.detail ?? problem.code);
    this.name = 'Problem';
    this.status = problem.status;
    /** For programs: docs/api/errors.md lists them; `offline` when there was no answer. */
    this.code = problem.code;
    /** Whether the same request may succeed later. */
    this.retryable = problem.retryable ?? false;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter ?? problem.retry_after;
  }

  /** There was no answer. */
  static offline() {
    const detail = 'The server cannot be reached.';
    return new Problem({ status: 0, code: 'offline', detail, retryable: true });
  }

  /** The code of the first field at fault, or else of the request. */
  get reason() {
    return this.errors[0]?.code ?? this.code;
  }
}
