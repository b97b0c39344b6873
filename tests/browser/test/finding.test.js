import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, act, eventually, message, openChat, texts, until } from '../support/stage.js';

const stage = Stage.set();

async function two() {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  return { ada, grace, chat: await ada.direct(grace) };
}

/** Chooses what is in the menu of the chat that is open. */
async function choose(page, action) {
  await page.getByRole('button', { name: 'Actions of the chat', exact: true }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** Whether an element of a message is in view. */
function inView(element) {
  const [log, rect] = [document.querySelector('.log').getBoundingClientRect(), element.getBoundingClientRect()];
  return rect.top >= log.top && rect.bottom <= log.bottom;
}

test('messages are searched, and one is jumped to with what was said around it', async () => {
  const { ada, grace, chat } = await two();
  await stage.sayAll(grace, chat, Array.from({ length: 150 }, (_, n) => `Before ${n}`));
  const wanted = await grace.say(chat, 'Remember the <b>marmalade</b> for breakfast');
  await stage.sayAll(grace, chat, Array.from({ length: 150 }, (_, n) => `After ${n}`));
  await ada.read(chat, 301);
  const page = await stage.pageOf(ada);
  await page.locator('.chat').waitFor();
  await page.getByRole('searchbox').fill('marmal');
  const hit = page.locator('.hit', { hasText: 'marmalade' });
  await hit.click();
  const found = page.locator(`[data-seq="${wanted.seq}"]`);
  await found.waitFor();
  await until(page, (seq) => document.activeElement?.getAttribute('data-seq') === String(seq), wanted.seq);
  assert.ok(await found.evaluate(inView));
  const around = await texts(page);
  const at = around.indexOf('Remember the <b>marmalade</b> for breakfast');
  assert.ok(at >= 20 && around.length - at > 20, 'what was said around it is there');
  assert.match(around[at - 1], /^Before/);
  assert.match(around[at + 1], /^After/);
  assert.match(page.url(), /#\/chats\/\d+$/);

  // The same hit again, after scrolling away.
  await page.getByRole('button', { name: 'Jump to the newest message', exact: true }).click();
  await page.locator('[data-seq="301"]').waitFor();
  await hit.click();
  await found.waitFor();
  await until(page, (seq) => document.activeElement?.getAttribute('data-seq') === String(seq), wanted.seq);

  await page.getByRole('searchbox').fill('zebra');
  await page.locator('.hits', { hasText: 'Nothing found' }).waitFor();
});

test('one chat is searched, page by page', async () => {
  const { ada, grace, chat } = await two();
  await stage.sayAll(grace, chat, Array.from({ length: 70 }, (_, n) => `Needle ${n}`));
  await grace.say(await grace.group('Elsewhere', ada), 'Needle of another chat');
  await ada.read(chat, 70);
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  await choose(page, 'Search messages');
  await page.getByLabel(`Search in ${grace.name}`).fill('needle');
  await page.locator('.dialog .hit').nth(19).waitFor();
  for (const last of [39, 59, 69]) {
    await page.getByRole('dialog').getByRole('button', { name: 'Show more', exact: true }).click();
    await page.locator('.dialog .hit').nth(last).waitFor();
  }
  assert.equal(await page.locator('.dialog .hit').count(), 70);
  const oldest = page.locator('.dialog .hit').nth(69);
  const seq = Number((await oldest.getAttribute('href')).split('/').at(-1));
  await oldest.click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator(`[data-seq="${seq}"]`).waitFor();
});

test('messages are starred for oneself, on every device, and listed', async () => {
  const { ada, grace, chat } = await two();
  await grace.say(chat, 'Worth keeping');
  await grace.say(chat, 'Not worth it');
  const wire = await stage.wire();
  const [here, there, his] = [await stage.pageOf(ada), await stage.pageOf(ada, { wire }), await stage.pageOf(grace)];
  for (const page of [here, there]) await openChat(page, grace.name);
  await openChat(his, ada.name);
  await act(here, 'Worth keeping', 'Star');
  await message(here, 'Worth keeping').locator('.mark.star').waitFor();
  await message(there, 'Worth keeping').locator('.mark.star').waitFor();
  assert.equal(await his.locator('.mark.star').count(), 0);
  await here.reload();
  await message(here, 'Worth keeping').locator('.mark.star').waitFor();

  // Stars have no version; a device that was away learns of them all the same.
  wire.cut();
  await there.getByText('No connection').waitFor();
  await act(here, 'Worth keeping', 'Remove the star');
  await act(here, 'Not worth it', 'Star');
  await message(here, 'Not worth it').locator('.mark.star').waitFor();
  wire.mend();
  await message(there, 'Not worth it').locator('.mark.star').waitFor();
  await message(there, 'Worth keeping').first().locator('.mark.star').waitFor({ state: 'detached' });

  await here.getByRole('button', { name: 'Starred messages', exact: true }).click();
  await here.locator('.dialog .hit').waitFor();
  await here.locator('.dialog .hit', { hasText: 'Not worth it' }).click();
  await until(here, () => document.activeElement?.getAttribute('data-seq') === '2');
});

test('messages are pinned for everybody, listed, jumped to, and taken down', async () => {
  const { ada, grace, chat } = await two();
  const first = await grace.say(chat, 'The address is 7 High Street');
  await stage.sayAll(grace, chat, Array.from({ length: 200 }, (_, n) => `Filling ${n}`));
  const last = await grace.say(chat, 'And ring twice');
  await ada.read(chat, 202);
  await grace.call('PUT', `/chats/${chat}/pins/${first.id}`);
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  await page.getByRole('button', { name: /^Pinned message: .* The address/ }).click();
  await until(page, (seq) => document.activeElement?.getAttribute('data-seq') === String(seq), first.seq);
  await page.getByRole('button', { name: 'Jump to the newest message', exact: true }).click();
  await act(page, 'And ring twice', 'Pin');
  await page.getByRole('button', { name: /^Pinned message: .* And ring twice/ }).waitFor();
  await page.getByRole('button', { name: 'Show all 2', exact: true }).click();
  await page.locator('.dialog .hit').nth(1).waitFor();
  assert.deepEqual(await page.locator('.dialog .hit .said').allTextContents(), ['And ring twice', 'The address is 7 High Street']);
  await page.keyboard.press('Escape');
  await act(page, 'And ring twice', 'Unpin');
  await page.getByRole('button', { name: /^Pinned message: .* The address/ }).waitFor();
  await grace.delete(chat, first.id);
  await page.locator('.pins').waitFor({ state: 'hidden' });
  assert.equal((await grace.history(chat)).find(({ id }) => id === last.id).pinned_at, null);
});

test('only those who may pin are offered it', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const group = await ada.group('Engineers', grace);
  await ada.say(group, 'Read this');
  const page = await stage.pageOf(grace);
  await openChat(page, 'Engineers');
  await message(page, 'Read this').hover();
  await message(page, 'Read this').getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Reply', exact: true }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: 'Pin', exact: true }).count(), 0);
  assert.equal(await page.getByRole('menuitem', { name: 'Delete', exact: true }).count(), 0);
});

test('an edited message shows its author what it said before', async () => {
  const { ada, grace, chat } = await two();
  const said = await ada.say(chat, 'The first wording');
  await ada.edit(chat, said.id, 'The second wording');
  await ada.edit(chat, said.id, 'The last wording');
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  await act(page, 'The last wording', 'What it said before');
  await eventually('both', async () => (await page.locator('.edits .text').count()) === 2);
  assert.deepEqual(await page.locator('.edits .text').allTextContents(), ['The first wording', 'The second wording']);
});
