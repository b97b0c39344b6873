import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, act, agree, delivered, eventually, member, message, openChat, status, until, write } from '../support/stage.js';

const stage = Stage.set();

/** Enters a room by the dialog. */
async function enter(page, name) {
  await page.getByRole('button', { name: 'Rooms', exact: true }).click();
  await page.getByLabel('Name of the room').fill(name);
  await page.getByRole('button', { name: 'Enter', exact: true }).click();
  await page.locator('.head h2', { hasText: name }).waitFor();
}

test('a room is made by entering it, found by others, and left', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const [hers, his] = [await stage.pageOf(ada), await stage.pageOf(grace)];
  await hers.getByRole('button', { name: 'Rooms', exact: true }).click();
  await hers.getByText('No rooms yet.').waitFor();
  await hers.keyboard.press('Escape');
  await enter(hers, 'Кафе');
  await hers.locator('.head p', { hasText: 'Room · 1 member' }).waitFor();
  await write(hers, 'Anybody here?');
  await status(hers, 'Anybody here?', 'sent');

  await his.getByRole('button', { name: 'Rooms', exact: true }).click();
  await his.getByLabel('Name of the room').fill('no spaces please');
  await his.keyboard.press('Enter');
  await his.getByRole('alert').getByText('and nothing else').waitFor();
  await his.getByRole('button', { name: 'Кафе 1 member', exact: true }).click();
  await message(his, 'Anybody here?').waitFor();
  await hers.locator('.head p', { hasText: '2 members' }).waitFor();

  await his.getByRole('button', { name: 'About this chat', exact: true }).click();
  await his.getByRole('button', { name: 'Leave the room', exact: true }).click();
  await agree(his, 'Leave the room');
  await his.getByText('This chat is not there any more').waitFor();
  await hers.locator('.head p', { hasText: '1 member' }).waitFor();
});

test('a whisper is seen by two, and looks like one', async () => {
  const [ada, grace, lin] = [await stage.person('Ada'), await stage.person('Grace'), await stage.person('Lin')];
  const group = await ada.group('Engineers', grace, lin);
  await grace.say(group, 'What does everybody think?');
  const [hers, his, theirs] = [await stage.pageOf(ada), await stage.pageOf(grace), await stage.pageOf(lin)];
  await openChat(theirs, 'Engineers');
  await openChat(hers, 'Engineers');
  await act(hers, 'What does everybody think?', 'Whisper');
  await hers.locator('.whispers .head p', { hasText: 'Whisper in Engineers' }).waitFor();
  await hers.getByText(`only you and ${grace.name} see`).waitFor();
  assert.equal(await hers.getByLabel('Message', { exact: true }).getAttribute('placeholder'), `Whisper to ${grace.name}`);
  await write(hers, 'Between us');
  await status(hers, 'Between us', 'sent');

  const whisper = his.locator('.chat', { hasText: ada.name });
  await whisper.getByText('Whisper in Engineers').waitFor({ state: 'attached' });
  await whisper.click();
  await message(his, 'Between us').waitFor();
  await write(his, 'I agree');
  await message(hers, 'I agree').waitFor();
  await status(hers, 'Between us', 'read');
  await grace.say(group, 'Aloud again');
  await message(theirs, 'Aloud again').waitFor();
  assert.equal(await theirs.getByText('Between us').count(), 0);
  assert.equal(await theirs.locator('.chat').count(), 1);

  // From the list of members the same whispers are come to.
  await hers.locator('.chat', { hasText: 'Engineers' }).first().click();
  await hers.getByRole('button', { name: 'About this chat', exact: true }).click();
  await member(hers, grace, 'Whisper');
  await message(hers, 'I agree').waitFor();
});

test('members are made admins, banned with an end, let in again, and slowed down', async () => {
  const [ada, grace, lin] = [await stage.person('Ada'), await stage.person('Grace'), await stage.person('Lin')];
  const room = await ada.room(`governed-${ada.id}`);
  for (const person of [grace, lin]) await person.room(`governed-${ada.id}`);
  const [hers, his] = [await stage.pageOf(ada), await stage.pageOf(grace)];
  await openChat(his, 'governed');
  await openChat(hers, 'governed');
  await hers.getByRole('button', { name: 'About this chat', exact: true }).click();
  await member(hers, lin, 'Make admin');
  await hers.locator('.members li', { hasText: lin.name }).getByText('Admin').waitFor();
  await until(hers, (name) => document.activeElement?.getAttribute('aria-label') === name, `Actions for ${lin.name}`);
  await member(hers, lin, 'Make plain member');
  await hers.locator('.members li', { hasText: lin.name }).getByText('Admin').waitFor({ state: 'detached' });

  await member(hers, lin, 'Ban…');
  await hers.getByLabel('Until when').selectOption({ label: 'For a week' });
  await hers.getByLabel('Reason').fill('Advertising');
  await hers.getByRole('button', { name: 'Ban', exact: true }).click();
  await hers.locator('.bans li', { hasText: 'Advertising' }).waitFor();
  await assert.rejects(lin.room(`governed-${ada.id}`), /banned/);
  const [{ until: end }] = (await ada.call('GET', `/chats/${room}/bans`)).items;
  const days = (new Date(end) - Date.now()) / 86_400_000;
  assert.ok(days > 6.9 && days < 7.1, `${days} days`);
  await hers.getByRole('button', { name: `Lift the ban of ${lin.name}`, exact: true }).click();
  await hers.locator('.bans li').waitFor({ state: 'detached' });
  await lin.room(`governed-${ada.id}`);

  await hers.getByLabel('Slow mode').selectOption({ label: '1 hour' });
  await his.getByText('Slow mode: one message each 1 hour.').waitFor();
  await write(his, 'My turn');
  await delivered(his, 'My turn');
  await write(his, 'Too soon');
  await status(his, 'Too soon', 'waiting');
  // What waits in one chat keeps no other one waiting.
  const chat = await grace.direct(ada);
  await openChat(his, ada.name);
  await write(his, 'Elsewhere');
  await status(his, 'Elsewhere', 'sent');
  await hers.keyboard.press('Escape');
  await eventually('one message', async () => (await grace.history(room)).length === 1 && (await ada.history(chat)).length === 1);

  await hers.getByRole('button', { name: 'About this chat', exact: true }).click();
  await member(hers, grace, 'Hand over');
  await agree(hers, 'Hand over');
  await hers.locator('.members li', { hasText: grace.name }).getByText('Owner').waitFor();
  assert.equal((await grace.chat(room)).role, 'owner');
});
