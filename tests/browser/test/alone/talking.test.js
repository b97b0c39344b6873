import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, act, eventually, member, message, openChat, status, texts, write } from '../../support/stage.js';

const stage = Stage.set();

async function two() {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const [hers, his] = [await stage.pageOf(ada), await stage.pageOf(grace)];
  return { ada, grace, chat, hers, his };
}

test('people are found, and a direct chat is opened', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const page = await stage.pageOf(ada);
  await page.getByRole('searchbox').fill(grace.name.toUpperCase());
  await page.getByRole('button', { name: grace.name }).click();
  await page.locator('.head h2', { hasText: grace.name }).waitFor();
  await write(page, 'Hello');
  await status(page, 'Hello', 'sent');
  assert.equal((await grace.history(await grace.direct(ada))).length, 1);
});

test('a message is sending, then sent, then read', async () => {
  const { ada, grace, hers, his } = await two();
  await openChat(hers, grace.name);
  await write(hers, 'Are you there?');
  await status(hers, 'Are you there?', 'sent');
  await his.locator('.chat .badge').getByText('1', { exact: true }).waitFor();
  assert.match(await his.title(), /^\(1\)/);
  await openChat(his, ada.name);
  await message(his, 'Are you there?').waitFor();
  await his.locator('.unread').waitFor();
  await status(hers, 'Are you there?', 'read');
  await his.locator('.chat .badge').waitFor({ state: 'hidden' });
});

test('typing and presence are shown', async () => {
  const { ada, grace, hers, his } = await two();
  await openChat(hers, grace.name);
  await hers.locator('.head p', { hasText: 'online' }).waitFor();
  await openChat(his, ada.name);
  await his.getByLabel('Message', { exact: true }).pressSequentially('He');
  await hers.locator('.head p', { hasText: `${grace.name} is typing…` }).waitFor();
  await hers.locator('.chat .typing').waitFor();
  await his.keyboard.press('Enter');
  await message(hers, 'He').waitFor();
  await hers.locator('.head p', { hasText: 'online' }).waitFor();
  await his.context().close();
  await hers.locator('.head p', { hasText: 'last seen just now' }).waitFor();
});

/** Runs in a page: nobody stops typing because time has passed. */
function keepTyping() {
  const { setTimeout } = window;
  window.setTimeout = (act, ms, ...rest) => (ms === 5_000 ? 0 : setTimeout(act, ms, ...rest));
}

test('who has sent a message, is gone, or cannot be heard any more is not shown as typing', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const wire = await stage.wire();
  const context = await stage.context();
  await context.addInitScript(keepTyping);
  const hers = await stage.pageOf(ada, { context, wire });
  await openChat(hers, grace.name);
  const typing = hers.locator('.head p', { hasText: `${grace.name} is typing…` });
  const typed = async (page) => {
    // Of what is typed within two seconds the server passes one on.
    await eventually('it is heard', async () => {
      await page.getByLabel('Message', { exact: true }).press('x');
      return typing.isVisible();
    });
  };
  const his = await stage.pageOf(grace);
  await openChat(his, ada.name);
  await typed(his);
  // From another device, which says nothing of typing.
  await grace.say(chat, 'Sent from elsewhere');
  await message(hers, 'Sent from elsewhere').waitFor();
  await typing.waitFor({ state: 'detached' });

  await his.reload();
  await openChat(his, ada.name);
  await typed(his);
  await his.context().close();
  await typing.waitFor({ state: 'detached' });

  const again = await stage.pageOf(grace);
  await openChat(again, ada.name);
  await typed(again);
  wire.cut();
  await typing.waitFor({ state: 'detached' });
  await hers.locator('.chat .typing').waitFor({ state: 'detached' });
});

test('messages are answered, edited and deleted, at both ends', async () => {
  const { ada, grace, chat, hers, his } = await two();
  await grace.say(chat, 'What do you think?');
  await openChat(hers, grace.name);
  await openChat(his, ada.name);
  await act(hers, 'What do you think?', 'Reply');
  await write(hers, 'I like it');
  const answer = his.locator('.message', { hasText: 'I like it' });
  await answer.locator('.quote', { hasText: 'What do you think?' }).waitFor();
  await act(hers, 'I like it', 'Edit');
  await write(hers, 'I love it');
  await message(his, 'I love it').getByText('edited').waitFor();
  await his.locator('.message', { hasText: 'I love it' }).hover();
  await act(hers, 'I love it', 'Delete');
  await hers.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await message(his, 'This message was deleted').waitFor();
  await message(hers, 'This message was deleted').waitFor();
  assert.deepEqual(await texts(his), ['What do you think?', 'This message was deleted']);
});

test('the last message of one’s own is edited with the arrow key', async () => {
  const { ada, grace, chat, hers } = await two();
  await ada.say(chat, 'Tommorow');
  await openChat(hers, grace.name);
  await hers.getByLabel('Message', { exact: true }).focus();
  await hers.keyboard.press('ArrowUp');
  await hers.getByText('Editing').waitFor();
  await write(hers, 'Tomorrow');
  await message(hers, 'Tomorrow').getByText('edited').waitFor();
  assert.equal(await hers.getByLabel('Message', { exact: true }).inputValue(), '');
});

test('a quoted message is jumped to', async () => {
  const { ada, grace, chat, hers } = await two();
  const first = await grace.say(chat, 'The very first one');
  await stage.sayAll(grace, chat, Array.from({ length: 300 }, (_, n) => `Filling ${n}`));
  await ada.say(chat, 'An answer', { reply_to: first.id });
  await ada.read(chat, 302);
  await openChat(hers, grace.name);
  await message(hers, 'An answer').getByRole('button', { name: 'The very first one' }).click();
  await message(hers, 'The very first one').first().waitFor();
  await hers.getByRole('button', { name: 'Jump to the newest message', exact: true }).click();
  await message(hers, 'An answer').waitFor();
});

test('a group is made, governed and left', async () => {
  const [ada, grace, lin] = [await stage.person('Ada'), await stage.person('Grace'), await stage.person('Lin')];
  const [hers, his] = [await stage.pageOf(ada), await stage.pageOf(grace)];
  await hers.getByRole('button', { name: 'New group', exact: true }).click();
  await hers.getByLabel('Name of the group').fill('Lunch');
  await hers.getByLabel('Find people to add').fill(grace.name);
  await hers.getByRole('dialog').getByRole('button', { name: grace.name }).click();
  await hers.getByRole('button', { name: 'Create group', exact: true }).click();
  await hers.locator('.head p', { hasText: '2 members' }).waitFor();
  await openChat(his, 'Lunch');

  await hers.getByRole('button', { name: 'About this chat', exact: true }).click();
  await hers.getByRole('button', { name: 'Add people', exact: true }).click();
  await hers.getByLabel('Find people to add').fill(lin.name);
  await hers.getByRole('dialog').getByRole('button', { name: lin.name }).click();
  await hers.getByRole('button', { name: 'Add people', exact: true }).click();
  await hers.locator('.members li', { hasText: lin.name }).waitFor();
  await his.locator('.head p', { hasText: '3 members' }).waitFor();
  await member(hers, grace, 'Make admin');
  await hers.locator('.members li', { hasText: grace.name }).getByText('Admin').waitFor();
  await hers.getByLabel('Name of the group').fill('Dinner');
  await hers.getByRole('button', { name: 'Rename', exact: true }).click();
  await his.locator('.head h2', { hasText: 'Dinner' }).waitFor();

  await his.getByRole('button', { name: 'About this chat', exact: true }).click();
  await member(his, lin, 'Remove');
  await his.getByRole('dialog').last().getByRole('button', { name: 'Remove', exact: true }).click();
  await hers.locator('.members li', { hasText: lin.name }).waitFor({ state: 'detached' });
  await his.getByRole('button', { name: 'Leave the group', exact: true }).click();
  await his.getByRole('dialog').last().getByRole('button', { name: 'Leave the group', exact: true }).click();
  await his.getByText('This chat is not there any more').waitFor();
  await hers.locator('.head p', { hasText: '1 member' }).waitFor();
});

test('a message that the server refuses can be thrown away', async () => {
  const { ada, grace, chat, hers } = await two();
  const first = await grace.say(chat, 'Soon gone');
  await openChat(hers, grace.name);
  await act(hers, 'Soon gone', 'Reply');
  await grace.delete(chat, first.id);
  await message(hers, 'This message was deleted').waitFor();
  await write(hers, 'An answer to nothing');
  await status(hers, 'An answer to nothing', 'failed');
  await message(hers, 'An answer to nothing').getByText('is not there any more').waitFor();
  await hers.getByRole('button', { name: 'Try again', exact: true }).click();
  await status(hers, 'An answer to nothing', 'failed');
  await hers.getByRole('button', { name: 'Discard', exact: true }).click();
  await message(hers, 'An answer to nothing').waitFor({ state: 'detached' });
  await hers.reload();
  await openChat(hers, grace.name);
  assert.deepEqual(await texts(hers), ['This message was deleted']);
  await eventually('one message', async () => (await ada.history(chat)).length === 1);
});

test('reactions are put on, seen by others, and taken back', async () => {
  const { ada, grace, chat, hers, his } = await two();
  await grace.say(chat, 'It works!');
  await openChat(hers, grace.name);
  await openChat(his, ada.name);
  await act(hers, 'It works!', 'React with 👍');
  await his.getByRole('button', { name: `👍 1: ${ada.name}`, exact: true }).click();
  const both = hers.getByRole('button', { name: `👍 2: ${ada.name}, ${grace.name}`, exact: true });
  await both.waitFor();
  assert.equal(await both.getAttribute('aria-pressed'), 'true');
  await both.click();
  await hers.getByRole('button', { name: `👍 1: ${grace.name}`, exact: true }).waitFor();
  // What is shown here at once the server may hear of a moment later.
  const wanted = JSON.stringify([{ emoji: '👍', user_ids: [grace.id] }]);
  await eventually('hers is taken back', async () => JSON.stringify((await ada.history(chat))[0].reactions) === wanted);
});
