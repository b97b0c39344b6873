import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, look, openChat } from '../support/stage.js';

const stage = Stage.set();
const DAY_MS = 24 * 3600 * 1000;

/** A page at noon of the day of its only message. */
async function atNoon() {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const { created_at } = await grace.say(chat, 'Good night');
  const noon = Date.parse(`${created_at.slice(0, 10)}T12:00:00Z`);
  const page = await stage.pageOf(ada);
  await page.clock.install({ time: noon });
  await page.reload();
  await openChat(page, grace.name);
  assert.equal(await page.locator('.log .day').textContent(), 'Today');
  const time = page.locator('.chat time');
  assert.match(await time.textContent(), /^\d\d:\d\d$/);
  const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' }).format(noon);
  return { page, noon, weekday, time };
}

test('at midnight an open page says yesterday, and its list of chats the day', async () => {
  const { page, weekday, time } = await atNoon();
  await page.clock.fastForward(DAY_MS / 2);
  await page.locator('.log .day', { hasText: 'Yesterday' }).waitFor();
  await time.getByText(weekday, { exact: true }).waitFor();
  assert.equal(await page.locator('.log .day').count(), 1);
});

test('who comes back to a window after days sees which day it is', async () => {
  const { page, noon, weekday, time } = await atNoon();
  await look(page, false);
  // The computer slept: time has gone on, and no timer has.
  await page.clock.setSystemTime(noon + DAY_MS);
  await look(page, true);
  await page.locator('.log .day', { hasText: 'Yesterday' }).waitFor();
  await time.getByText(weekday, { exact: true }).waitFor();
});
