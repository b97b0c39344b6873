import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scene } from '../support/scene.js';
import { Stage, message, openChat, status, write } from '../support/stage.js';

const stage = Stage.set();

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
  const { ada } = await scene(stage);
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
