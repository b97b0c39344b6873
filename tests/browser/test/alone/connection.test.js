import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, eventually, message, openChat, status, texts, until, write } from '../../support/stage.js';

const stage = Stage.set();

async function overWire() {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const wire = await stage.wire();
  const page = await stage.pageOf(ada, { wire });
  return { ada, grace, chat, wire, page };
}

test('a connection that is lost is told of after two seconds, and comes back by itself', async () => {
  const { wire, page } = await overWire();
  await until(page, () => !document.querySelector('.banner'));
  await page.evaluate(() => {
    const place = document.querySelector('.banner-place');
    new MutationObserver(() => (window.toldAt ??= performance.now())).observe(place, { childList: true });
    window.cutAt = performance.now();
  });
  wire.cut();
  await page.getByText('No connection').waitFor();
  const waited = await page.evaluate(() => window.toldAt - window.cutAt);
  assert.ok(waited >= 1_990, `told after ${waited} ms`);
  wire.mend();
  await page.locator('.banner').waitFor({ state: 'detached' });
});

test('what happened meanwhile is caught up with exactly', async () => {
  const { ada, grace, chat, wire, page } = await overWire();
  const kept = await grace.say(chat, 'stays as it is');
  const edited = await grace.say(chat, 'will be edited');
  const deleted = await grace.say(chat, 'will be deleted');
  await openChat(page, grace.name);
  await message(page, 'will be deleted').waitFor();
  await write(page, 'mine');
  await status(page, 'mine', 'sent');
  wire.cut();
  await page.getByText('No connection').waitFor();
  await grace.edit(chat, edited.id, 'was edited');
  await grace.delete(chat, deleted.id);
  await grace.read(chat, kept.seq + 3);
  for (let n = 0; n < 5; n += 1) await grace.say(chat, `new ${n}`);
  wire.mend();
  await page.getByRole('button', { name: 'Try now', exact: true }).click();
  await message(page, 'new 4').waitFor();
  await status(page, 'mine', 'read');
  const there = (await ada.history(chat)).map((one) => (one.deleted_at ? 'This message was deleted' : one.text));
  assert.deepEqual(await texts(page), there);
});

test('on a slow network what is written shows at once, and goes out in order', async () => {
  const { ada, grace, chat, wire, page } = await overWire();
  await openChat(page, grace.name);
  await page.evaluate(() => {
    window.states = [];
    const look = () => {
      for (const row of document.querySelectorAll('.message.own')) {
        const state = `${row.querySelector('.text').textContent} ${row.querySelector('[data-status]').dataset.status}`;
        if (!window.states.includes(state)) window.states.push(state);
      }
    };
    new MutationObserver(look).observe(document.querySelector('.log-list'), { childList: true, subtree: true });
  });
  wire.delay = 300;
  const written = ['first', 'second', 'third'];
  for (const text of written) await write(page, text);
  for (const text of written) await status(page, text, 'sent');
  const states = await page.evaluate(() => window.states);
  for (const text of written) assert.ok(states.includes(`${text} waiting`), `${text} was shown before it was sent`);
  assert.deepEqual((await ada.history(chat)).map((one) => one.text), written);
  await page.reload();
  await message(page, 'third').waitFor();
  assert.deepEqual(await texts(page), written);
});

test('what is written without a connection goes out once when it is back', async () => {
  const { ada, grace, chat, wire, page } = await overWire();
  await openChat(page, grace.name);
  wire.cut();
  await page.getByText('No connection').waitFor();
  const written = ['first', 'second', 'third'];
  for (const text of written) await write(page, text);
  for (const text of written) await status(page, text, 'waiting');
  wire.mend();
  for (const text of written) await status(page, text, 'sent');
  assert.deepEqual((await ada.history(chat)).map((one) => one.text), written);
  assert.deepEqual(await texts(page), written);
});

test('what is written without a connection goes out once after the page was closed', async () => {
  const { ada, grace, chat, wire, page } = await overWire();
  await openChat(page, grace.name);
  wire.cut();
  await page.getByText('No connection').waitFor();
  await write(page, 'from before');
  await status(page, 'from before', 'waiting');
  await until(page, async () => {
    const opened = await new Promise((resolve) => {
      const opening = indexedDB.open('confab');
      opening.onsuccess = () => resolve(opening.result);
    });
    const kept = await new Promise((resolve) => {
      const reading = opened.transaction('outbox').objectStore('outbox').count();
      reading.onsuccess = () => resolve(reading.result);
    });
    opened.close();
    return kept === 1;
  });
  await page.close();
  wire.mend();
  const [again, third] = [await page.context().newPage(), await page.context().newPage()];
  for (const tab of [again, third]) await tab.goto(`http://${wire.address}/`);
  await openChat(again, grace.name);
  await status(again, 'from before', 'sent');
  await again.reload();
  await openChat(again, grace.name);
  await status(again, 'from before', 'sent');
  assert.deepEqual((await ada.history(chat)).map((one) => one.text), ['from before']);
});

test('an answer that is lost sends nothing twice', async () => {
  const { ada, grace, chat, wire, page } = await overWire();
  await openChat(page, grace.name);
  await page.evaluate(() => {
    const take = WebSocket.prototype.send;
    WebSocket.prototype.send = function send(text) {
      take.call(this, text);
      if (text.includes('"send"')) window.sent = true;
    };
  });
  for (let n = 0; n < 5; n += 1) {
    await page.evaluate(() => (window.sent = false));
    await write(page, `number ${n}`);
    await until(page, () => window.sent);
    wire.cut();
    wire.mend();
  }
  for (let n = 0; n < 5; n += 1) await status(page, `number ${n}`, 'sent');
  const there = (await ada.history(chat)).map((one) => one.text);
  assert.deepEqual(there, ['number 0', 'number 1', 'number 2', 'number 3', 'number 4']);
  assert.deepEqual(await texts(page), there);
});

test('a connection that is lost while it catches up leaves no hole', async () => {
  const { grace, chat, wire, page } = await overWire();
  await openChat(page, grace.name);
  wire.cut();
  await grace.say(chat, 'missed');
  await page.evaluate(() => {
    const take = WebSocket.prototype.send;
    window.swallows = true;
    WebSocket.prototype.send = function send(text) {
      if (!window.swallows || !text.includes('"resume"')) return take.call(this, text);
      window.resumes = true;
      this.addEventListener('message', ({ data }) => (window.pushed ||= data.includes('pushed')));
    };
  });
  wire.mend();
  await until(page, () => window.resumes);
  await grace.say(chat, 'pushed');
  await until(page, () => window.pushed);
  await page.evaluate(() => (window.swallows = false));
  wire.cut();
  wire.mend();
  await message(page, 'missed').waitFor();
  await message(page, 'pushed').waitFor();
  assert.deepEqual((await texts(page)).slice(-2), ['missed', 'pushed']);
});

test('a server that is killed and started again is come back to', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  await write(page, 'before');
  await status(page, 'before', 'sent');
  await stage.server.kill();
  await page.getByText('No connection').waitFor();
  await write(page, 'meanwhile');
  await status(page, 'meanwhile', 'waiting');
  await stage.server.start();
  await status(page, 'meanwhile', 'sent');
  await grace.say(chat, 'after');
  await message(page, 'after').waitFor();
  await eventually('three messages', async () => (await ada.history(chat)).length === 3);
  assert.deepEqual(await texts(page), ['before', 'meanwhile', 'after']);
});
