import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, eventually, message, openChat, write } from '../support/stage.js';

const stage = Stage.set();

/** Opens what there is to know about the open chat, with what its members may do. */
async function openPermissions(page) {
  await page.getByRole('button', { name: 'About this chat', exact: true }).click();
  await page.getByText('What members may do', { exact: true }).click();
}

/** The menu of a message, and what is in it. */
async function menuOf(page, text) {
  await message(page, text).hover();
  await message(page, text).getByRole('button', { name: 'Actions', exact: true }).click();
  const menu = page.getByRole('menu');
  await menu.waitFor();
  const items = await menu.getByRole('menuitem').evaluateAll((all) => all.map((item) => item.ariaLabel ?? item.textContent));
  await page.keyboard.press('Escape');
  return items;
}

test('an owner makes a channel, and who only reads is offered no more', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const group = await ada.group('News', grace);
  await grace.say(group, 'Before it was a channel');
  const [hers, his] = [await stage.pageOf(ada), await stage.pageOf(grace)];
  await openChat(hers, 'News');
  await openChat(his, 'News');
  const composer = his.getByLabel('Message', { exact: true });
  await composer.waitFor();
  assert.ok((await menuOf(his, 'Before it was a channel')).includes('Edit'));

  await openPermissions(hers);
  await hers.getByLabel('Who writes').selectOption({ label: 'Admins only' });
  await his.getByText('Only admins write here.').waitFor();
  await composer.waitFor({ state: 'hidden' });
  await hers.keyboard.press('Escape');
  await write(hers, 'Now it is one');
  await message(his, 'Now it is one').waitFor();
  const items = await menuOf(his, 'Before it was a channel');
  assert.deepEqual([items.includes('Edit'), items.includes('Reply'), items.includes('Delete')], [false, false, true]);
  assert.ok(items.includes('React with 👍'), 'they may react');

  await openPermissions(hers);
  await hers.getByLabel('Who reacts').selectOption({ label: 'Only those who write' });
  await hers.getByLabel('Who may leave').selectOption({ label: 'Admins only' });
  await hers.getByLabel('Who whispers').selectOption({ label: 'Nobody' });
  await eventually('all that was set', async () => {
    const { reacting, leaving, whispering } = (await ada.call('GET', `/chats/${group}`)).permissions;
    return reacting === 'writers' && leaving === 'admins' && whispering === 'nobody';
  });
  await his.getByRole('button', { name: 'About this chat', exact: true }).click();
  const about = his.getByRole('dialog');
  await about.getByText('News').first().waitFor();
  assert.equal(await about.getByText('What members may do').count(), 0, 'the owner sets it');
  assert.equal(await about.getByRole('button', { name: 'Leave the group', exact: true }).count(), 0);
  await his.keyboard.press('Escape');
  const fewer = await menuOf(his, 'Now it is one');
  assert.deepEqual([fewer.includes('React with 👍'), fewer.includes('Whisper')], [false, false]);

  await hers.getByLabel('Who writes').selectOption({ label: 'Everyone' });
  await composer.waitFor();
  await write(his, 'Free again');
  await message(hers, 'Free again').waitFor();
});

test('whispers that were hushed can be read and nothing can be written', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const group = await ada.group('Class', grace);
  await grace.say(group, 'Between us', { to: ada.id });
  const page = await stage.pageOf(grace);
  await page.locator('.chat', { hasText: 'Whisper in Class' }).click();
  const composer = page.getByLabel('Message', { exact: true });
  await composer.waitFor();
  await ada.call('PATCH', `/chats/${group}`, { permissions: { whispering: 'nobody' } });
  await page.getByText('Whispering is turned off').waitFor();
  await composer.waitFor({ state: 'hidden' });
  await message(page, 'Between us').waitFor();
});

test('a newcomer sees what is written since they joined', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const group = await ada.group('Board');
  await ada.say(group, 'Before anybody came');
  const hers = await stage.pageOf(ada);
  await openChat(hers, 'Board');
  await hers.getByText('This is the beginning of the conversation.').waitFor();
  await openPermissions(hers);
  await hers.getByLabel('What newcomers see').selectOption({ label: 'Only what is written after they join' });
  await eventually('the setting', async () => (await ada.call('GET', `/chats/${group}`)).permissions.history === 'from_joining');
  await hers.keyboard.press('Escape');

  const his = await stage.pageOf(grace);
  await ada.call('PUT', `/chats/${group}/members/${grace.id}`);
  await openChat(his, 'Board');
  await his.getByText('You see what was written since you joined.').waitFor();
  await write(hers, 'Welcome');
  await message(his, 'Welcome').waitFor();
  assert.equal(await his.getByText('Before anybody came').count(), 0);
  assert.equal(await his.getByText('This is the beginning of the conversation.').count(), 0);
});
