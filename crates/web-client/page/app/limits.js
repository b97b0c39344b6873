/** What the server allows. Until it has said so, what servers allow unless somebody chose otherwise. */
export const limits = { messageChars: 8_192, messageFiles: 10, fileBytes: 25 * 1024 * 1024 };

/**
 * Asks the server. Where it does not answer, it still refuses what it does not allow.
 *
 * @param {import('../confab/api.js').Api} api
 */
export async function askLimits(api) {
  const said = await api.limits().catch(() => null);
  if (!said) return;
  limits.messageChars = said.message_chars;
  limits.messageFiles = said.message_files;
  limits.fileBytes = said.file_bytes;
}
