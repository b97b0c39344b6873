import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, delivered, message, openChat } from '../support/stage.js';

const stage = Stage.set();

/** Runs in a page: another client of the same session sees a card, and sends one. */
async function exchange(id) {
  const { Confab } = await import('/confab.js');
  const confab = new Confab();
  const live = await new Promise((resolve) => {
    confab.on('live', ({ live }) => live && resolve(live));
    confab.start();
  });
  const shown = () => live.replica.copy(id)?.chat.last_message;
  const card = await new Promise((resolve) => {
    live.replica.on('chats', () => shown() && resolve(shown()));
    if (shown()) resolve(shown());
  });
  live.send(id, 'Order 8: a lid', null, [], { kind: 'app', data: { order: 8 } });
  const patched = await confab.api.patchData(id, card.id, { state: 'paid' }).catch(({ code }) => code);
  return { card: [card.kind, card.text, card.data], patched };
}

test('a card is shown by its text, and its data goes through confab.js', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  await grace.say(chat, 'Order 7: 2 kettles', { kind: 'app', data: { order: 7 } });
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  await message(page, 'Order 7: 2 kettles').waitFor();
  const { card, patched } = await page.evaluate(exchange, chat);
  assert.deepEqual(card, ['app', 'Order 7: 2 kettles', { order: 7 }]);
  assert.equal(patched, 'not_allowed', 'it is not theirs');
  await delivered(page, 'Order 8: a lid');
  const [, sent] = await ada.history(chat);
  assert.deepEqual([sent.kind, sent.text, sent.data], ['app', 'Order 8: a lid', { order: 8 }]);
});
