import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, delivered, eventually, message, openChat, status, write } from '../support/stage.js';

const stage = Stage.set();

/** Runs in a page: what the server is to be sent with `poison` in it is refused in its place. */
function refusePoison({ code, retryable }) {
  window.asked = 0;
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (text) {
    const frame = JSON.parse(text);
    if (window.healedBy && frame.text?.includes(window.healedBy)) window.healed = true;
    if (!frame.text?.includes('poison') || window.healed) return send.call(this, text);
    window.asked += 1;
    const error = { status: retryable ? 503 : 400, code, detail: code, retryable, retry_after: retryable ? 0.02 : null, errors: [] };
    queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify({ re: frame.id, error }) })));
  };
}

async function poisoned(refusal) {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const group = await ada.group('Engineers', grace);
  const context = await stage.context();
  await context.addInitScript(refusePoison, refusal);
  const page = await stage.pageOf(ada, { context });
  const said = async (id) => (await ada.history(id)).map(({ text }) => text);
  return { ada, grace, chat, group, page, said };
}

test('a message that can never be stored is marked, and what was written after it is sent', async () => {
  const { grace, chat, group, page, said } = await poisoned({ code: 'nul_character', retryable: false });
  await openChat(page, grace.name);
  for (const text of ['before', 'poison', 'after']) await write(page, text);
  await status(page, 'poison', 'failed');
  await delivered(page, 'after');
  await openChat(page, 'Engineers');
  await write(page, 'elsewhere');
  await delivered(page, 'elsewhere');
  assert.deepEqual([await said(chat), await said(group)], [['before', 'after'], ['elsewhere']]);
  assert.equal(await page.evaluate(() => window.asked), 1);
});

test('a message that the server always has to put off keeps no other chat waiting', async () => {
  const { grace, chat, group, page, said } = await poisoned({ code: 'unavailable', retryable: true });
  await openChat(page, grace.name);
  await write(page, 'poison');
  await openChat(page, 'Engineers');
  await write(page, 'elsewhere');
  await delivered(page, 'elsewhere');
  await eventually('it is tried many times', () => page.evaluate(() => window.asked > 7));
  await openChat(page, grace.name);
  await status(page, 'poison', 'waiting');
  // Nothing came after it, so it may still be the server's fault.
  await page.evaluate(() => (window.healed = true));
  await delivered(page, 'poison');
  assert.deepEqual([await said(chat), await said(group)], [['poison'], ['elsewhere']]);
});

test('a message that alone is put off again and again is marked, and what was written after it is sent', async () => {
  const { grace, chat, page, said } = await poisoned({ code: 'unavailable', retryable: true });
  await openChat(page, grace.name);
  for (const text of ['before', 'poison one', 'poison two', 'after', 'last']) await write(page, text);
  await status(page, 'poison one', 'failed');
  await status(page, 'poison two', 'failed');
  await message(page, 'poison one').getByText('Not sent. The server cannot answer now.').waitFor();
  await delivered(page, 'last');
  assert.deepEqual(await said(chat), ['before', 'after', 'last']);
  await page.evaluate(() => (window.healed = true));
  await message(page, 'poison two').getByRole('button', { name: 'Try again', exact: true }).click();
  await delivered(page, 'poison two');
  assert.deepEqual(await said(chat), ['before', 'after', 'last', 'poison two']);
});

test('what is put off for a while goes out in the order of writing', async () => {
  const { grace, chat, page, said } = await poisoned({ code: 'unavailable', retryable: true });
  await openChat(page, grace.name);
  const written = ['poison 1', 'poison 2', 'poison 3', 'poison 4'];
  for (const text of written) await write(page, text);
  await eventually('all are tried', () => page.evaluate(() => window.asked > 40));
  // The server recovers with the first one: what was tried past it before was refused as it was.
  await page.evaluate(() => (window.healedBy = 'poison 1'));
  await delivered(page, 'poison 4');
  for (const text of written) await delivered(page, text);
  assert.deepEqual(await said(chat), written);
});
