import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, choose, eventually, look, message, openChat, until } from '../support/stage.js';

const stage = Stage.set();

/** Runs in a page: a browser whose notifications a test can see and allow. */
function pretend(granted) {
  window.told = [];
  window.Notification = class {
    static permission = granted ? 'granted' : 'default';

    static async requestPermission() {
      return (this.permission = granted ? 'granted' : 'denied');
    }

    constructor(title, { body, tag }) {
      Object.assign(this, { title, body, tag, open: true });
      window.told.push(this);
    }

    close() {
      this.open = false;
    }
  };
}

const told = (page) => page.evaluate(() => window.told.map(({ title, body, open }) => ({ title, body, open })));

async function two(granted = true) {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const context = await stage.context();
  await context.addInitScript(pretend, granted);
  const page = await stage.pageOf(ada, { context });
  await page.locator('.chat').waitFor();
  return { ada, grace, chat, context, page };
}

async function allow(page) {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByLabel('When nobody looks').selectOption('on');
  await page.keyboard.press('Escape');
}

test('a message is told of while nobody looks, and leads to its place', async () => {
  const { ada, grace, chat, page } = await two();
  await grace.say(chat, 'Nobody asked for this');
  await page.locator('.chat', { hasText: 'Nobody asked' }).waitFor();
  await allow(page);
  await grace.say(chat, 'She is looking');
  await page.locator('.chat', { hasText: 'She is looking' }).waitFor();
  await look(page, false);
  await grace.say(chat, 'Come back');
  await eventually('it is told', async () => (await told(page)).length === 1);
  await ada.say(chat, 'I am elsewhere');
  const group = await grace.group('New', ada);
  await grace.say(group, 'You are in a group');
  await eventually('it is told', async () => (await told(page)).length === 2);
  assert.deepEqual(await told(page), [
    { title: grace.name, body: 'Come back', open: true },
    { title: 'New', body: `${grace.name}: You are in a group`, open: true },
  ]);
  await look(page, true);
  await page.evaluate(() => window.told[1].onclick());
  await message(page, 'You are in a group').waitFor();
  // What was read on another device is not told of any longer.
  await ada.read(chat, 4);
  await until(page, () => window.told.every(({ open }) => !open));
});

test('muted chats, archived ones and blocked people stay silent', async () => {
  const { ada, grace, chat, page } = await two();
  const lin = await stage.person('Lin');
  const [muted, archived, mixed] = [await grace.group('Muted', ada), await grace.group('Archived', ada), await grace.group('Mixed', ada, lin)];
  await ada.call('PATCH', `/chats/${muted}/preferences`, { muted_until: '9999-01-01T00:00:00Z' });
  await ada.call('PATCH', `/chats/${archived}/preferences`, { archived: true });
  await ada.call('PUT', `/users/${lin.id}/block`);
  await allow(page);
  await page.reload();
  await page.getByRole('button', { name: 'Archived: 1 chat', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: `Unblock ${lin.name}`, exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await look(page, false);
  await grace.say(muted, 'one');
  await grace.say(archived, 'two');
  await lin.say(mixed, 'three');
  await grace.say(chat, 'four');
  await eventually('the last one is told', async () => (await told(page)).some(({ body }) => body === 'four'));
  assert.equal((await told(page)).length, 1);
});

test('a chat tells of mentions only, if that is wanted', async () => {
  const { ada, grace, chat, page } = await two();
  const group = await grace.group('Busy', ada);
  await allow(page);
  await openChat(page, 'Busy');
  await choose(page, 'Notify of mentions only');
  await eventually('it is set', async () => (await ada.chat(group)).preferences.mentions_only);
  await page.goto(new URL('#/', page.url()).href);
  await look(page, false);
  await grace.say(group, 'Not for her');
  await grace.say(group, `@${ada.name}, for you`);
  await eventually('she is told', async () => (await told(page)).length > 0);
  assert.deepEqual((await told(page)).map(({ body }) => body), [`${grace.name}: @${ada.name}, for you`]);
  // Its title counts what she wants to hear of.
  await until(page, () => document.title.startsWith('(1) '));
  await grace.say(chat, 'In another chat');
  await eventually('she is told', async () => (await told(page)).length === 2);
  await ada.call('PATCH', `/chats/${group}/preferences`, { mentions_only: false });
  await until(page, () => document.title.startsWith('(3) '));
});

test('of several tabs one tells, and none while one is looked at', async () => {
  const { grace, chat, context, page } = await two();
  await allow(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await other.locator('.chat').waitFor();
  await look(page, false);
  await grace.say(chat, 'Seen in the other tab');
  await other.locator('.chat', { hasText: 'Seen in' }).waitFor();
  await page.locator('.chat', { hasText: 'Seen in' }).waitFor();
  await look(other, false);
  // The other tab lets go of its lock before anything is told.
  await until(page, async () => !(await navigator.locks.query()).held.some(({ name }) => name === 'confab.attention'));
  await grace.say(chat, 'Seen by nobody');
  await eventually('it is told', async () => (await told(page)).length + (await told(other)).length > 0);
  for (const tab of [page, other]) await tab.locator('.chat', { hasText: 'Seen by nobody' }).waitFor();
  const all = [...(await told(page)), ...(await told(other))];
  assert.deepEqual(all.map(({ body }) => body), ['Seen by nobody']);
});

test('a browser that does not allow it is not asked twice by itself', async () => {
  const { page } = await two(false);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByLabel('When nobody looks').selectOption('on');
  await page.getByRole('alert').getByText('does not allow it').waitFor();
  assert.equal(await page.getByLabel('When nobody looks').inputValue(), 'off');
});
