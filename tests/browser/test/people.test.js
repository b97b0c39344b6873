import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, agree, choose, eventually, member, message, openChat, status, write } from '../support/stage.js';

const stage = Stage.set();

async function two() {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  return { ada, grace, chat: await ada.direct(grace) };
}

test('a profile is changed, and others see it without the address', async () => {
  const { ada, grace } = await two();
  const [hers, his] = [await stage.pageOf(ada), await stage.pageOf(grace)];
  await hers.getByRole('button', { name: 'Settings', exact: true }).click();
  await hers.getByLabel('First name').fill('Ada');
  await hers.getByLabel('Last name').fill('Lovelace');
  await hers.getByLabel('About you').fill('Notes on engines.\n<b>Poetical</b> science.');
  await hers.getByLabel('E-mail address').fill('not an address');
  await hers.getByRole('button', { name: 'Save the profile', exact: true }).click();
  await hers.getByRole('alert').getByText('not an e-mail address').waitFor();
  await hers.getByLabel('E-mail address').fill('ada@example.org');
  await hers.getByRole('button', { name: 'Save the profile', exact: true }).click();
  await hers.locator('.toast', { hasText: 'saved' }).waitFor();

  await openChat(his, ada.name);
  await his.getByRole('button', { name: 'About this chat', exact: true }).click();
  await member(his, ada, 'Profile');
  const card = his.locator('.person-card');
  await card.getByText('Ada Lovelace').waitFor();
  assert.equal(await card.locator('.bio').textContent(), 'Notes on engines.\n<b>Poetical</b> science.');
  assert.equal(await his.getByText('ada@example.org').count(), 0);
});

test('somebody is blocked and unblocked, and neither can write meanwhile', async () => {
  const { ada, grace, chat } = await two();
  await grace.say(chat, 'Buy my things');
  const [hers, his] = [await stage.pageOf(ada), await stage.pageOf(grace)];
  await openChat(hers, grace.name);
  await openChat(his, ada.name);
  await hers.getByRole('button', { name: 'About this chat', exact: true }).click();
  await member(hers, grace, 'Profile');
  await hers.getByRole('button', { name: 'Block', exact: true }).click();
  await agree(hers, 'Block');
  await hers.getByRole('button', { name: 'Unblock', exact: true }).last().waitFor();
  await hers.keyboard.press('Escape');
  await hers.keyboard.press('Escape');
  await hers.getByText(`You have blocked ${grace.name}.`).waitFor();
  const tab = await hers.context().newPage();
  await tab.goto(hers.url());
  await tab.getByText(`You have blocked ${grace.name}.`).waitFor();
  const device = await stage.pageOf(ada);
  await openChat(device, grace.name);
  await device.getByText(`You have blocked ${grace.name}.`).waitFor();
  await write(his, 'Why not?');
  await status(his, 'Why not?', 'failed');
  await message(his, 'Why not?').getByText('cannot be written to').waitFor();

  await hers.reload();
  await hers.getByText(`You have blocked ${grace.name}.`).waitFor();
  await hers.getByRole('button', { name: 'Unblock', exact: true }).click();
  for (const page of [hers, tab, device]) await page.getByText('You have blocked').waitFor({ state: 'detached' });
  await his.getByRole('button', { name: 'Try again', exact: true }).click();
  await message(hers, 'Why not?').waitFor();
});

test('those who are blocked are listed in the settings', async () => {
  const { ada, grace } = await two();
  await ada.call('PUT', `/users/${grace.id}/block`);
  const page = await stage.pageOf(ada);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: `Unblock ${grace.name}`, exact: true }).click();
  await eventually('nobody is blocked', async () => (await ada.call('GET', '/users/me/blocks')).items.length === 0);
  await page.getByRole('button', { name: `Unblock ${grace.name}`, exact: true }).waitFor({ state: 'detached' });
  await page.getByText('Nobody is blocked.').waitFor();
});

test('a chat is muted, kept at the top and archived, for oneself and on every device', async () => {
  const { ada, grace, chat } = await two();
  const other = await ada.group('Busy', grace);
  await grace.say(chat, 'Hello');
  await grace.say(other, 'Hello all');
  const [here, there] = [await stage.pageOf(ada), await stage.pageOf(ada)];
  await there.locator('.chat').nth(1).waitFor();
  const titles = () => there.locator('.chats .title').allTextContents();
  assert.deepEqual(await titles(), ['Busy', grace.name]);
  await openChat(here, grace.name);
  await choose(here, 'Keep at the top');
  await eventually('it is at the top', async () => (await titles())[0] === grace.name);
  await openChat(here, 'Busy');
  await choose(here, 'Mute…', 'For a week');
  await here.locator('.head .marks').getByText('Muted').waitFor({ state: 'attached' });
  await there.locator('.chat', { hasText: 'Busy' }).getByText('Muted').waitFor({ state: 'attached' });
  const before = await there.title();
  await grace.say(other, 'Hello again');
  await there.locator('.chat', { hasText: 'Hello again' }).waitFor();
  assert.equal(await there.title(), before, 'what is muted does not count');
  await choose(here, 'Unmute');
  await there.locator('.chat', { hasText: 'Busy' }).getByText('Muted').waitFor({ state: 'detached' });
  await choose(here, 'Archive');
  await eventually('it is put away', async () => (await titles()).length === 1);
  await there.getByRole('button', { name: 'Archived: 1 chat', exact: true }).click();
  await eventually('it is there', async () => (await titles())[0] === 'Busy');
  await there.getByRole('button', { name: 'Back to the other chats', exact: true }).click();
  await eventually('the others are there', async () => (await titles())[0] === grace.name);
  const { preferences } = await grace.chat(other);
  assert.deepEqual(preferences, { muted_until: null, mentions_only: false, pinned: false, archived: false });
});
