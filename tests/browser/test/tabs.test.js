import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, eventually, message, openChat, status, write } from '../support/stage.js';

// Shorter than what a page keeps ahead of a token's end: it renews at half the life, and not with every request.
const LIFE_MS = 14_000;
const stage = Stage.set({ CONFAB_ACCESS_TOKEN_LIFE: String(LIFE_MS / 1_000) });

async function tabsOf(number) {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const wire = await stage.wire();
  const first = await stage.pageOf(ada, { wire });
  const tabs = [first];
  while (tabs.length < number) tabs.push(await first.context().newPage());
  await Promise.all(tabs.slice(1).map((tab) => tab.goto(first.url())));
  for (const tab of tabs) await openChat(tab, grace.name);
  return { ada, grace, chat, wire, tabs };
}

test('tabs share one connection, and what happens in one shows in the others', async () => {
  const { grace, chat, wire, tabs } = await tabsOf(3);
  await eventually('one socket', () => wire.sockets.size === 1);
  await grace.say(chat, 'to all tabs');
  for (const tab of tabs) await message(tab, 'to all tabs').waitFor();
  for (const [n, tab] of tabs.entries()) {
    await write(tab, `from tab ${n}`);
    for (const other of tabs) await status(other, `from tab ${n}`, 'sent');
  }
  assert.equal(wire.sockets.size, 1);
});

test('when the tab with the connection is closed, another one takes over', async () => {
  const { ada, grace, chat, wire, tabs } = await tabsOf(3);
  for (let left = 2; left > 0; left -= 1) {
    await tabs.shift().close();
    await eventually('one socket', () => wire.sockets.size === 1);
    await grace.say(chat, `to ${left} tabs`);
    for (const tab of tabs) await message(tab, `to ${left} tabs`).waitFor();
    await write(tabs[0], `from ${left} tabs`);
    for (const tab of tabs) await status(tab, `from ${left} tabs`, 'sent');
  }
  assert.equal((await ada.history(chat)).length, 4);
});

test('every tab catches up when the connection comes back', async () => {
  const { grace, chat, wire, tabs } = await tabsOf(2);
  const edited = await grace.say(chat, 'to be edited');
  for (const tab of tabs) await message(tab, 'to be edited').waitFor();
  wire.cut();
  for (const tab of tabs) await tab.getByText('No connection').waitFor();
  await grace.edit(chat, edited.id, 'edited meanwhile');
  await grace.say(chat, 'said meanwhile');
  wire.mend();
  for (const tab of tabs) {
    await message(tab, 'edited meanwhile').waitFor();
    await message(tab, 'said meanwhile').waitFor();
  }
});

test('tabs that renew at once use the refresh token once', async () => {
  const { wire, tabs } = await tabsOf(3);
  const before = await sessionOf(tabs[0]);
  await tabs[0].evaluate((kept) => localStorage.setItem('confab.session', kept), JSON.stringify({ ...before, renew_at: 0 }));
  const start = Date.now();
  await Promise.all(tabs.map((tab) => tab.reload()));
  for (const tab of tabs) await tab.locator('.log:not([aria-busy])').waitFor();
  // A token that was used twice would have ended the session.
  for (const tab of tabs) assert.equal(await tab.locator('.shell').count(), 1);
  assert.ok(wire.requests.some((line) => line.startsWith('POST /api/v1/auth/refresh')));
  const after = await sessionOf(tabs[0]);
  assert.equal(after.refresh_token.split('.').length, 3);
  assert.notEqual(after.refresh_token, before.refresh_token);
  // The next renewal is half a life away, however short that is.
  assert.ok(after.renew_at >= start + LIFE_MS / 2, `${after.renew_at - start} ms`);
});

async function sessionOf(tab) {
  return JSON.parse(await tab.evaluate(() => localStorage.getItem('confab.session')));
}
