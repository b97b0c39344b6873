import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, message, openChat, status, write } from '../support/stage.js';

const stage = Stage.set();

async function group() {
  const [ada, grace, lin] = [await stage.person('Ada'), await stage.person('Grace'), await stage.person('Lin')];
  return { ada, grace, lin, chat: await ada.group('Engineers', grace, lin) };
}

const field = (page) => page.getByLabel('Message', { exact: true });

test('a name is completed with the keyboard, and its owner is told', async () => {
  const { ada, grace, chat } = await group();
  const [hers, his] = [await stage.pageOf(ada), await stage.pageOf(grace)];
  await his.locator('.chat').first().waitFor();
  await openChat(hers, 'Engineers');
  const options = hers.getByRole('option');
  await field(hers).pressSequentially('Hello @');
  await options.nth(1).waitFor();
  await hers.getByText('2 people fit').waitFor({ state: 'attached' });
  await hers.keyboard.press('ArrowDown');
  const active = await field(hers).getAttribute('aria-activedescendant');
  assert.equal(await hers.locator(`[id="${active}"]`).getAttribute('aria-selected'), 'true');
  await hers.keyboard.type('gra');
  await options.nth(1).waitFor({ state: 'detached' });
  await hers.keyboard.press('Enter');
  assert.equal(await field(hers).inputValue(), `Hello @${grace.name} `);
  assert.equal(await options.count(), 0);
  await hers.keyboard.type('lunch?');
  await hers.keyboard.press('Enter');
  await status(hers, 'lunch?', 'sent');
  assert.equal(await message(hers, 'lunch?').locator('.mention').textContent(), `@${grace.name}`);
  const [{ mentions }] = await ada.history(chat);
  assert.deepEqual(mentions, [grace.id]);

  await his.locator('.chat', { hasText: 'Engineers' }).getByText('1 mention of you').waitFor({ state: 'attached' });
  await openChat(his, 'Engineers');
  await his.locator('.message.for-me .mention.mine', { hasText: grace.name }).waitFor();
  await his.locator('.chat').getByText('1 mention of you').waitFor({ state: 'hidden' });
});

test('Escape wants no name, and an address mentions nobody', async () => {
  const { ada } = await group();
  const page = await stage.pageOf(ada);
  await openChat(page, 'Engineers');
  const options = page.getByRole('option');
  await field(page).pressSequentially('mail grace@');
  assert.equal(await options.count(), 0);
  await page.keyboard.type(' or @');
  await options.first().waitFor();
  await page.keyboard.press('Escape');
  await options.first().waitFor({ state: 'detached' });
  await page.keyboard.type('g');
  assert.equal(await options.count(), 0);
  await page.keyboard.press('Enter');
  await status(page, 'mail grace@', 'sent');
});

test('a name is completed with a click', async () => {
  const { ada, lin } = await group();
  const page = await stage.pageOf(ada, { viewport: { width: 360, height: 640 } });
  await openChat(page, 'Engineers');
  await field(page).pressSequentially('@li');
  await page.getByRole('option', { name: lin.name }).click();
  assert.equal(await field(page).inputValue(), `@${lin.name} `);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA');
});

test('a mention that is taken back counts no longer', async () => {
  const { ada, grace, chat } = await group();
  const page = await stage.pageOf(grace);
  await page.locator('.chat').first().waitFor();
  const said = await ada.say(chat, `@${grace.name} look`);
  const count = page.locator('.chat').getByText('1 mention of you');
  await count.waitFor({ state: 'attached' });
  await ada.edit(chat, said.id, 'look, everybody');
  await count.waitFor({ state: 'hidden' });
  await page.locator('.chat').getByText('1 unread message').waitFor({ state: 'attached' });
});

test('names with characters of expressions and markup are mentioned harmlessly', async () => {
  const ada = await stage.person('Ada');
  const evil = await stage.person('a.*(b|c)[<i>]$ \\d+');
  const chat = await ada.group('Names', evil);
  await ada.say(chat, `@${evil.name} and @aXX`);
  const page = await stage.pageOf(ada);
  await openChat(page, 'Names');
  assert.deepEqual(await page.locator('.mention').allTextContents(), [`@${evil.name}`]);
  await write(page, 'fine');
  await status(page, 'fine', 'sent');
});

test('what the server took for a mention is marked, however it is spelt', async () => {
  const [ada, street] = [await stage.person('Ada'), await stage.person('Straße')];
  const chat = await ada.group('Engineers', street);
  const shouted = `@${street.name.toUpperCase()}`;
  const wide = `@${street.name.replace(/[a-z]/g, (c) => String.fromCodePoint(c.codePointAt(0) + 0xfee0))}`;
  assert.notEqual(shouted.toLowerCase(), `@${street.name.toLowerCase()}`, 'the page alone would not know');
  await ada.say(chat, `👍 ${shouted} and ${wide}, not \`@${street.name}\``);
  const page = await stage.pageOf(street);
  await openChat(page, 'Engineers');
  const mentions = message(page, 'not').locator('.mention.mine');
  await mentions.nth(1).waitFor();
  assert.deepEqual(await mentions.allTextContents(), [shouted, wide]);
});
