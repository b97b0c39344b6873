import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, act, agree, eventually, message, openChat, status, texts, write } from '../support/stage.js';

const stage = Stage.set();

async function one(text = 'Tommorow') {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const said = await ada.say(chat, text);
  const wire = await stage.wire();
  const page = await stage.pageOf(ada, { wire });
  await openChat(page, grace.name);
  return { ada, grace, chat, said, wire, page, field: page.getByLabel('Message', { exact: true }) };
}

const problem = (status, code, retryable) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({ status, code, title: code, detail: code, retryable, retry_after: retryable ? 0.05 : null, request_id: null, errors: [] }),
});

/** Changes of a message are refused from now on, until they are not. */
async function refuse(page, answer) {
  const asked = [];
  await page.route(/\/messages\/\d+(\/reactions\/.*)?$/, async (route) => {
    if (route.request().method() === 'GET') return route.continue();
    asked.push(route.request().method());
    await (answer === 'abort' ? route.abort() : route.fulfill(answer));
  });
  return asked;
}

const FAILURES = [
  ['there is no answer', 'abort'],
  ['the server cannot store it now', problem(503, 'unavailable', true)],
  ['that was too often', problem(429, 'rate_limited', true)],
  ['the server is at fault', problem(500, 'internal', true)],
  ['a proxy has no server', { status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }],
  ['a proxy finds that too often', { status: 429, contentType: 'text/html', body: '<h1>Slow down</h1>' }],
];
for (const [what, answer] of FAILURES) {
  test(`an edit waits while ${what}, and is saved afterwards`, async () => {
    const { ada, chat, page, field } = await one();
    const asked = await refuse(page, answer);
    await field.press('ArrowUp');
    await write(page, 'Tomorrow');
    await status(page, 'Tomorrow', 'waiting');
    assert.equal(await field.inputValue(), '');
    await eventually('it is tried again', () => asked.length > 1);
    await status(page, 'Tomorrow', 'waiting');
    assert.equal((await ada.history(chat))[0].text, 'Tommorow');
    await page.unrouteAll();
    await status(page, 'Tomorrow', 'sent');
    assert.deepEqual((await ada.history(chat)).map(({ text }) => text), ['Tomorrow']);
  });
}

test('changes that are made without a connection outlive the page, and the last one counts', async () => {
  const { ada, grace, chat, said, wire, page, field } = await one('first');
  const other = await grace.say(chat, 'second');
  const third = await ada.say(chat, 'third');
  await message(page, 'third').waitFor();
  wire.cut();
  await page.getByText('No connection').waitFor();
  await act(page, 'first', 'Edit');
  await write(page, 'first, worse');
  await act(page, 'first, worse', 'Edit');
  await write(page, 'first, better');
  await act(page, 'second', 'React with 👍');
  await act(page, 'second', 'React with 🎉');
  await act(page, 'second', 'React with 👍');
  await page.getByRole('button', { name: /^🎉 1/ }).waitFor();
  await page.getByRole('button', { name: /^👍 1/ }).waitFor({ state: 'detached' });
  await act(page, 'third', 'Delete');
  await agree(page, 'Delete');
  const shown = ['first, better', 'second', 'This message was deleted'];
  await message(page, 'This message was deleted').waitFor();
  assert.deepEqual(await texts(page), shown);
  await field.press('ArrowUp');
  assert.equal(await field.inputValue(), 'first, better', 'a message that is being deleted is not the last one');
  await page.keyboard.press('Escape');
  const kept = () =>
    page.evaluate(async () => {
      const opened = await new Promise((resolve) => (indexedDB.open('confab-changes').onsuccess = ({ target }) => resolve(target.result)));
      const count = await new Promise((resolve) => (opened.transaction('changes').objectStore('changes').count().onsuccess = ({ target }) => resolve(target.result)));
      opened.close();
      return count;
    });
  await eventually('all is kept', async () => (await kept()) === 4);
  const context = page.context();
  await page.close();
  wire.mend();
  const again = await context.newPage();
  await again.goto(`http://${wire.address}/`);
  await openChat(again, grace.name);
  await status(again, 'first, better', 'sent');
  await eventually('all is told', async () => (await ada.history(chat))[2].deleted_at !== null);
  const [one_, two, three] = await ada.history(chat);
  assert.equal(one_.text, 'first, better');
  assert.deepEqual((await ada.call('GET', `/chats/${chat}/messages/${said.id}/edits`)).items.map(({ text }) => text), ['first']);
  assert.deepEqual([two.id, two.reactions], [other.id, [{ emoji: '🎉', user_ids: [ada.id] }]]);
  assert.equal(three.id, third.id);
  assert.deepEqual(await texts(again), shown);
});

test('an edit that is refused comes back into the field', async () => {
  const { page, field } = await one();
  await refuse(page, problem(403, 'not_allowed', false));
  await field.press('ArrowUp');
  await write(page, 'Tomorrow');
  await page.getByText('Not saved. You are not allowed to do this.').waitFor();
  await page.getByText('Editing').waitFor();
  assert.equal(await field.inputValue(), 'Tomorrow');
  assert.deepEqual(await texts(page), ['Tommorow']);
  await page.unrouteAll();
  await page.keyboard.press('Enter');
  await status(page, 'Tomorrow', 'sent');
});

test('an edit that is refused while something else is written stays with its message', async () => {
  const { ada, chat, page, field } = await one();
  let refuseIt;
  const refused = new Promise((resolve) => (refuseIt = resolve));
  await page.route(/\/messages\/\d+$/, async (route) => {
    await refused;
    await route.fulfill(problem(403, 'not_allowed', false));
  });
  await field.press('ArrowUp');
  await write(page, 'Tomorrow');
  await field.fill('Something else');
  refuseIt();
  await status(page, 'Tomorrow', 'failed');
  assert.equal(await field.inputValue(), 'Something else');
  await page.reload();
  await status(page, 'Tomorrow', 'failed');
  await message(page, 'Tomorrow').getByRole('button', { name: 'Edit', exact: true }).click();
  assert.equal(await field.inputValue(), 'Tomorrow');
  await page.unrouteAll();
  await page.keyboard.press('Enter');
  await status(page, 'Tomorrow', 'sent');
  assert.equal(await field.inputValue(), 'Something else');
  assert.deepEqual((await ada.history(chat)).map(({ text }) => text), ['Tomorrow']);
});

test('an edit of a message that is gone comes back as a message to be written', async () => {
  const { ada, chat, said, page, field } = await one();
  await field.press('ArrowUp');
  await ada.delete(chat, said.id);
  await message(page, 'This message was deleted').waitFor();
  await write(page, 'Tomorrow');
  await page.getByText('Not saved. This message was deleted.').waitFor();
  assert.equal(await field.inputValue(), 'Tomorrow');
  assert.equal(await page.getByText('Editing').isVisible(), false);
  await page.keyboard.press('Enter');
  await status(page, 'Tomorrow', 'sent');
});

test('a deletion and a reaction that are refused are taken back, and that is told', async () => {
  const { page } = await one();
  await refuse(page, problem(403, 'not_allowed', false));
  await act(page, 'Tommorow', 'Delete');
  await agree(page, 'Delete');
  await page.getByText('Not saved. You are not allowed to do this.').waitFor();
  await message(page, 'Tommorow').waitFor();
  await act(page, 'Tommorow', 'React with 👍');
  await page.getByText('Not saved. You are not allowed to do this.').nth(1).waitFor();
  assert.equal(await page.locator('.reaction').count(), 0);
  assert.deepEqual(await texts(page), ['Tommorow']);
});
