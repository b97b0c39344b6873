import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { png } from '../support/pictures.js';
import { Stage, member, message, openChat, status, write } from '../support/stage.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const stage = Stage.set();

/** Fails with what axe finds wrong with the screen as it is now. */
async function check(page, screen) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: AXE });
  // An animation of something that leaves the page is broken off, which is an end too.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
  const { violations } = await page.evaluate(() => window.axe.run());
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`);
  assert.deepEqual(found, [], screen);
}

/** Two people, a direct chat and a group with everything that a message can be. */
async function scene() {
  const [ada, grace, lin] = [await stage.admin('Ada'), await stage.person('Grace'), await stage.person('Lin')];
  const group = await ada.group('Engineers', grace, lin);
  const asked = await grace.say(group, 'Who comes along? https://example.org/');
  const told = await ada.say(group, 'I do', { reply_to: asked.id });
  await ada.edit(group, told.id, 'I do!');
  await ada.delete(group, (await ada.say(group, 'Gone')).id);
  await lin.say(group, 'Так и я');
  await lin.read(group, 3);
  await grace.call('PUT', `/messages/${told.id}/reactions/${encodeURIComponent('👍')}`);
  await lin.say(await lin.direct(ada), 'Unread');
  await ada.call('PUT', `/chats/${group}/pins/${asked.id}`);
  await ada.call('PUT', `/messages/${asked.id}/star`);
  await grace.say(group, `@${ada.name} and @${lin.name}, you too?`);
  await grace.say(group, 'Between us: hardly', { to: ada.id });
  const files = [await lin.upload('photo.png', 'image/png', png(640, 400)), await lin.upload('notes.txt', 'text/plain', 'notes')];
  await lin.say(group, 'See these', { attachments: files });
  const room = await ada.room(`library-${ada.id}`);
  await grace.room(`library-${ada.id}`);
  await ada.call('PATCH', `/chats/${room}`, { slow_mode: 10 });
  await ada.call('PATCH', `/chats/${room}/preferences`, { muted_until: '9999-01-01T00:00:00Z', pinned: true });
  await ada.call('PUT', `/chats/${room}/bans/${lin.id}`, { reason: 'Loud' });
  await grace.say(room, 'Quiet');
  await ada.call('PATCH', '/users/me', { first_name: 'Ada', bio: 'Notes' });
  return { ada, grace, lin, group, room };
}

/** The lists that are opened from the chats. */
async function checkLists(page) {
  await page.getByRole('searchbox').fill('who comes');
  await page.locator('.hit').waitFor();
  await check(page, 'found messages');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Starred messages', exact: true }).click();
  await page.locator('.dialog .hit').waitFor();
  await check(page, 'starred messages');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Rooms', exact: true }).click();
  await page.locator('.dialog .person').first().waitFor();
  await check(page, 'rooms');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Administration', exact: true }).click();
  await page.locator('.accounts li').nth(2).waitFor();
  await check(page, 'people to manage');
  await page.locator('.accounts li button').first().click();
  await page.getByRole('menuitem', { name: 'Change the role…', exact: true }).click();
  await check(page, 'a role');
  await page.keyboard.press('Escape');
  for (const [tab, rows] of [['Chats', '.accounts li'], ['Log', '.audit li']]) {
    await page.getByRole('tab', { name: tab }).click();
    await page.locator(rows).first().waitFor();
    await check(page, tab);
  }
  await page.keyboard.press('Escape');
}

/** A room and a whisper. */
async function checkPlaces(page, narrow, grace) {
  const back = async () => narrow && page.getByRole('link', { name: 'Back to the chats', exact: true }).click();
  await back();
  await openChat(page, 'library');
  await page.getByRole('button', { name: 'Actions of the chat', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Unmute', exact: true }).waitFor();
  await check(page, 'the actions of a chat');
  await page.getByRole('menuitem', { name: 'Search messages', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Search in' }).fill('quiet');
  await page.locator('.dialog .hit').waitFor();
  await check(page, 'searching a chat');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'About this chat', exact: true }).click();
  await page.locator('.bans li').waitFor();
  await check(page, 'about a room');
  await member(page, grace, 'Ban…');
  await check(page, 'a ban');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await back();
  await page.locator('.chat.whisper').click();
  await page.locator('.note.whisper').waitFor();
  await check(page, 'a whisper');
}

for (const theme of ['light', 'dark']) {
  for (const viewport of [{ width: 1100, height: 720 }, { width: 360, height: 640 }]) {
    test(`axe finds nothing on any screen, ${theme}, ${viewport.width} pixels wide`, async () => {
      const { ada, grace } = await scene();
      // axe is put into the page from outside, which the page's own policy forbids.
      const context = await stage.context({ colorScheme: theme, viewport, bypassCSP: true, reducedMotion: 'reduce' });
      const entrance = await context.newPage();
      await entrance.goto(`http://${stage.server.address}/`);
      await entrance.getByRole('heading', { name: 'Welcome back', exact: true }).waitFor();
      await check(entrance, 'signing in');
      await entrance.getByRole('button', { name: 'Create an account', exact: true }).click();
      await entrance.getByRole('button', { name: 'Create account', exact: true }).click();
      await entrance.getByRole('alert').filter({ hasText: /./ }).waitFor();
      await check(entrance, 'registering');
      await entrance.close();

      const page = await stage.pageOf(ada, { context });
      await page.locator('.chat').nth(1).waitFor();
      await check(page, 'the list of chats');
      await page.getByRole('searchbox').fill(grace.name);
      await page.getByRole('button', { name: grace.name }).waitFor();
      await check(page, 'finding people');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'New group', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: grace.name }).click();
      await page.locator('.chip').waitFor();
      await check(page, 'a new group');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Settings', exact: true }).click();
      await page.locator('.sessions li').first().waitFor();
      await check(page, 'settings');
      await page.keyboard.press('Escape');
      await checkLists(page);
      await openChat(page, 'Engineers');
      await page.locator('.pins').waitFor();
      await check(page, 'a group');
      await page.getByLabel('Message', { exact: true }).pressSequentially('@');
      await page.getByRole('option').first().waitFor();
      await check(page, 'completing a name');
      await page.locator('.composer input[type=file]').setInputFiles([
        { name: 'mine.png', mimeType: 'image/png', buffer: png(20, 20) },
        { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') },
      ]);
      await page.locator('.upload.failed').waitFor();
      await page.locator('.upload.ready').waitFor();
      await check(page, 'attaching files');
      for (const name of ['mine.png', 'broken.png']) await page.getByRole('button', { name: `Remove ${name}`, exact: true }).click();
      await page.getByRole('button', { name: 'photo.png', exact: true }).click();
      await page.locator('.viewed img').waitFor();
      await check(page, 'a picture');
      await page.keyboard.press('Escape');
      await page.getByLabel('Message', { exact: true }).focus();
      await page.getByLabel('Message', { exact: true }).fill('');
      await message(page, 'I do!').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menu').waitFor();
      await check(page, 'the actions of a message');
      await page.getByRole('menuitem', { name: 'Reply', exact: true }).click();
      await check(page, 'answering');
      await page.getByRole('button', { name: 'About this chat', exact: true }).click();
      await page.locator('.members li').nth(2).waitFor();
      await check(page, 'about a group');
      await member(page, grace, 'Profile');
      await page.locator('.person-card .me').waitFor();
      await check(page, 'somebody');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Delete the chat', exact: true }).click();
      await page.getByText('for everybody in it').waitFor();
      await check(page, 'a question');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await checkPlaces(page, viewport.width < 720, grace);
    });
  }
}

test('a conversation is had with the keyboard alone', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  for (const text of ['one', 'two', 'three']) await grace.say(chat, text);
  const page = await stage.pageOf(ada);
  await page.locator('.chat').waitFor();
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await message(page, 'three').waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.getAttribute('aria-label'));
  assert.equal(await focused(), 'Message');
  for (const stop of ['Attach files', 'Actions']) {
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(), stop);
  }
  await page.keyboard.press('Shift+Tab');
  assert.match(await focused(), new RegExp(`^${grace.name}, three, `));
  await page.keyboard.press('ArrowUp');
  assert.match(await focused(), new RegExp(`^${grace.name}, two, `));
  await page.keyboard.press('Home');
  assert.match(await focused(), new RegExp(`^${grace.name}, one, `));
  await page.keyboard.press('ArrowDown');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Escape');
  assert.match(await focused(), /, two, /);
  await page.keyboard.press('Enter');
  for (let quick = 0; quick < 6; quick += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByText(`Reply to ${grace.name}`).waitFor();
  await page.keyboard.type('an answer');
  await page.keyboard.press('Enter');
  await status(page, 'an answer', 'sent');
  const sent = page.getByRole('article', { name: new RegExp(`^You, an answer, in reply to ${grace.name}, `) });
  await sent.waitFor();
});

test('everything is in the language of the browser, or in the chosen one', async () => {
  const ada = await stage.person('Ada');
  const context = await stage.context({ locale: 'ru-RU' });
  const page = await context.newPage();
  await page.goto(`http://${stage.server.address}/`);
  await page.getByRole('heading', { name: 'С возвращением', exact: true }).waitFor();
  await page.getByLabel('Имя пользователя').fill(ada.name);
  await page.getByLabel('Пароль').fill(ada.password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Настройки', exact: true }).click();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'ru');
  await page.getByLabel('Язык').selectOption('en');
  await page.getByRole('heading', { name: 'Appearance', exact: true }).waitFor();
  await page.reload();
  await page.getByText('No chats yet').waitFor();
});

test('light and dark follow the system, or the choice', async () => {
  const ada = await stage.person('Ada');
  const context = await stage.context({ colorScheme: 'dark' });
  const page = await stage.pageOf(ada, { context });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  assert.notEqual(dark, light);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByLabel('Theme').selectOption('dark');
  assert.equal(await ground(), dark);
  await page.reload();
  await page.locator('.shell').waitFor();
  assert.equal(await ground(), dark);
});

test('360 pixels are enough for everything', async () => {
  const { ada } = await scene();
  const page = await stage.pageOf(ada, { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  const fits = async (screen) => {
    const { width, beyond } = await page.evaluate(() => ({ width: document.documentElement.scrollWidth, beyond: innerWidth }));
    assert.ok(width <= beyond, `${screen} is ${width} pixels wide`);
  };
  await page.locator('.chat').first().waitFor();
  await fits('the list');
  assert.equal(await page.locator('.pane').isVisible(), false);
  await openChat(page, 'Engineers');
  await fits('a chat');
  assert.equal(await page.locator('.side').isVisible(), false);
  // Nothing hovers over a touch screen, so the actions are always there.
  await message(page, 'I do!').getByRole('button', { name: 'Actions', exact: true }).tap();
  await page.getByRole('menuitem', { name: 'Copy text', exact: true }).waitFor();
  await fits('a menu');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'About this chat', exact: true }).tap();
  await page.locator('.members li').nth(2).waitFor();
  await fits('a dialog');
  await page.keyboard.press('Escape');
  await write(page, 'word'.repeat(100));
  await page.getByRole('button', { name: 'Send', exact: true }).tap();
  await status(page, 'wordword', 'sent');
  await fits('a long word');
  await page.getByRole('link', { name: 'Back to the chats', exact: true }).tap();
  await page.locator('.side').waitFor();
  await openChat(page, 'library');
  await page.getByRole('button', { name: 'About this chat', exact: true }).tap();
  await page.locator('.bans li').waitFor();
  await fits('about a room');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Back to the chats', exact: true }).tap();
  for (const [name, content] of [['Rooms', '.person'], ['Starred messages', '.hit'], ['Administration', '.accounts li'], ['Settings', '.sessions li']]) {
    await page.getByRole('button', { name }).tap();
    const dialog = page.getByRole('dialog');
    await dialog.locator(content).first().waitFor();
    await fits(name);
    const { inner, outer } = await dialog.locator('.dialog-body').evaluate((body) => ({ inner: body.scrollWidth, outer: body.clientWidth }));
    assert.ok(inner <= outer, `${name} is ${inner} pixels wide inside of ${outer}`);
    await page.keyboard.press('Escape');
  }
});
