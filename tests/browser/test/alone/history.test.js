import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, eventually, look, message, openChat, status, until, write } from '../../support/stage.js';

/** Messages of the long chat; the page must not mind how many there are. */
const MANY = Number(process.env.CONFAB_BROWSER_MESSAGES ?? 600);
/** Elements of messages in the page, at most. */
const FEW = 150;

const long = {};

const stage = Stage.set({}, async (stage) => {
  long.ada = await stage.person('Ada');
  long.grace = await stage.person('Grace');
  long.chat = await long.ada.direct(long.grace);
  const words = 'some words that make one message longer than another '.repeat(4);
  await stage.sayAll(long.grace, long.chat, Array.from({ length: MANY }, (_, n) => `Message ${n} ${words.slice(0, (n * 37) % 200)}`));
  await long.ada.read(long.chat, MANY);
});

/** Scrolls up by pages, and watches whether a message jumps when others come in above it. */
function scrollUp(steps) {
  const log = document.querySelector('.log');
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  return (async () => {
    let worst = 0;
    let most = 0;
    for (let step = 0; step < steps; step += 1) {
      const seen = [...log.querySelectorAll('.message')].find((one) => one.getBoundingClientRect().bottom > log.getBoundingClientRect().top + 40);
      const before = seen.getBoundingClientRect().top;
      const wanted = Math.min(log.clientHeight - 100, log.scrollTop);
      log.scrollTop -= wanted;
      for (let wait = 0; wait < 4; wait += 1) await frame();
      if (seen.isConnected) worst = Math.max(worst, Math.abs(seen.getBoundingClientRect().top - before - wanted));
      most = Math.max(most, log.querySelectorAll('.message').length);
    }
    return { worst, most, first: Number(log.querySelector('[data-seq]').dataset.seq) };
  })();
}

/** How far the first message moves in any frame until others are above it. */
async function watchTop() {
  const first = document.querySelector('.log .message');
  const bottom = () => first.getBoundingClientRect().bottom;
  const before = bottom();
  let worst = 0;
  let more = 3;
  while (more > 0) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    worst = Math.max(worst, Math.abs(bottom() - before));
    if (document.querySelector('.log .message') !== first) more -= 1;
  }
  return worst;
}

test('scrolling up reads history, without a jump and with few elements', async () => {
  const page = await stage.pageOf(long.ada);
  await openChat(page, long.grace.name);
  let at = { first: MANY };
  while (at.first > MANY - 400) {
    at = await page.evaluate(scrollUp, 10);
    assert.ok(at.worst <= 1.5, `a message jumped by ${at.worst} pixels`);
    assert.ok(at.most <= FEW, `${at.most} messages are in the page`);
  }
  await page.getByRole('button', { name: 'Jump to the newest message', exact: true }).click();
  await page.locator(`[data-seq="${MANY}"]`).waitFor();
  await until(page, () => {
    const log = document.querySelector('.log');
    return log.scrollHeight - log.scrollTop - log.clientHeight < 2;
  });
  assert.equal(await page.getByRole('button', { name: 'Jump to the newest message', exact: true }).count(), 0);
});

/** Opens the long chat at its top. What is older is asked for, and comes when `release` is called. */
async function atTheTop(page) {
  const asked = [];
  let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/messages\?.*before=/, async (route) => {
    asked.push(route.request().url());
    await held;
    await route.continue();
  });
  await openChat(page, long.grace.name);
  const request = page.waitForRequest(/\/messages\?.*before=/);
  await page.evaluate(() => document.querySelector('.log').scrollTo(0, 0));
  await request;
  await until(page, () => document.querySelector('.log').scrollTop === 0);
  return { asked, release };
}

test('older messages that come when the top was reached already move nothing', async () => {
  const page = await stage.pageOf(long.ada);
  const { release } = await atTheTop(page);
  const watching = page.evaluate(watchTop);
  release();
  const worst = await watching;
  assert.ok(worst <= 1.5, `a message jumped by ${worst} pixels`);
});

test('a chat that was left reads no more of its history', async () => {
  const other = await stage.person('Kay');
  await other.say(await other.direct(long.ada), 'another chat');
  const page = await stage.pageOf(long.ada);
  const { asked, release } = await atTheTop(page);
  await openChat(page, other.name);
  await message(page, 'another chat').waitFor();
  const answered = page.waitForResponse(/\/messages\?.*before=/);
  release();
  await (await answered).finished();
  // What would be asked next would be asked within two frames.
  for (let frame = 0; frame < 10; frame += 1) await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.equal(asked.length, 1);
});

test('a message that comes while one reads older ones moves nothing', async () => {
  const page = await stage.pageOf(long.ada);
  await openChat(page, long.grace.name);
  await page.evaluate(scrollUp, 3);
  const before = await page.evaluate(() => document.querySelector('.log').scrollTop);
  await long.grace.say(long.chat, 'The newest one');
  await page.getByRole('button', { name: 'Jump to the newest message, 1 is new', exact: true }).click();
  await message(page, 'The newest one').waitFor();
  assert.ok(before > 0);
  await eventually('it is read', async () => (await long.ada.chat(long.chat)).unread_count === 0);
});

test('a chat opens where it was read up to', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  await stage.sayAll(grace, chat, Array.from({ length: 200 }, (_, n) => `Message ${n}`));
  await ada.read(chat, 80);
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  const below = await page.locator('.unread').evaluate((divider) => divider.nextElementSibling.dataset.seq);
  assert.equal(below, '81');
  const log = await page.locator('.log').boundingBox();
  const divider = await page.locator('.unread').boundingBox();
  assert.ok(divider.y > log.y && divider.y < log.y + log.height / 2, 'the divider is in view');
  const { unread_count } = await ada.chat(chat);
  assert.ok(unread_count > 80, 'what was not in view is not read');
  await page.getByRole('button', { name: /^Jump to the newest/ }).click();
  await eventually('all is read', async () => (await ada.chat(chat)).unread_count === 0);
});

test('a message counts as read when it was shown in a focused window, not before', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  await grace.say(chat, 'seen');
  await message(page, 'seen').waitFor();
  await eventually('it is read', async () => (await ada.chat(chat)).unread_count === 0);
  await look(page, false);
  await grace.say(chat, 'not seen yet');
  await message(page, 'not seen yet').waitFor();
  await page.locator('.unread').waitFor();
  await write(page, 'written by a program');
  await status(page, 'written by a program', 'sent');
  assert.equal((await ada.chat(chat)).unread_count, 1);
  await look(page, true);
  await eventually('it is read', async () => (await ada.chat(chat)).unread_count === 0);
});

test('a copy that is far behind is read anew', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const first = await grace.say(chat, 'the first');
  const wire = await stage.wire();
  const page = await stage.pageOf(ada, { wire });
  await openChat(page, grace.name);
  wire.cut();
  await stage.sayAll(grace, chat, Array.from({ length: 1_100 }, (_, n) => `Filling ${n}`));
  const last = await grace.say(chat, 'the last');
  wire.mend();
  await page.locator('.chat .badge', { hasText: /\d/ }).waitFor();
  await page.locator(`[data-seq="${first.seq + 1}"]`).waitFor();
  await page.getByRole('button', { name: /^Jump to the newest/ }).click();
  await page.locator(`[data-seq="${last.seq}"]`).waitFor();
});
