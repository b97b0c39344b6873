import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, act, delivered, message, openChat, signIn, until, write } from '../support/stage.js';

const stage = Stage.set();

const fieldOf = (page) => page.getByLabel('Message', { exact: true });
const kept = (page) => page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith('confab.unsent.')));

async function two() {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const group = await ada.group('Engineers', grace);
  const page = await stage.pageOf(ada);
  return { ada, grace, chat, group, page };
}

async function reload(page, title) {
  await page.reload();
  await openChat(page, title);
}

test('what was typed survives a reload, each in its chat, until it is sent', async () => {
  const { grace, page } = await two();
  await openChat(page, grace.name);
  await fieldOf(page).fill('for one');
  await openChat(page, 'Engineers');
  assert.equal(await fieldOf(page).inputValue(), '');
  await fieldOf(page).fill('for many');
  await reload(page, grace.name);
  assert.equal(await fieldOf(page).inputValue(), 'for one');
  await page.keyboard.press('Enter');
  await delivered(page, 'for one');
  await reload(page, grace.name);
  assert.equal(await fieldOf(page).inputValue(), '');
  await openChat(page, 'Engineers');
  assert.equal(await fieldOf(page).inputValue(), 'for many');
  await fieldOf(page).fill('');
  await reload(page, 'Engineers');
  assert.equal(await fieldOf(page).inputValue(), '');
  assert.deepEqual(await kept(page), []);
});

test('an answer and an edit that were begun are gone on with after a reload', async () => {
  const { ada, grace, chat, page } = await two();
  const asked = await grace.say(chat, 'What do you think?');
  const mine = await ada.say(chat, 'Hm');
  await openChat(page, grace.name);
  await act(page, 'What do you think?', 'Reply');
  await fieldOf(page).fill('I like');
  await reload(page, grace.name);
  await page.getByText(`Reply to ${grace.name}`).waitFor();
  await fieldOf(page).press('End');
  await page.keyboard.type(' it');
  await act(page, 'Hm', 'Edit');
  await fieldOf(page).fill('Hm, well');
  await reload(page, grace.name);
  await page.getByText('Editing').waitFor();
  assert.equal(await fieldOf(page).inputValue(), 'Hm, well');
  await fieldOf(page).press('Enter');
  await message(page, 'Hm, well').getByText('edited').waitFor();
  assert.equal(await fieldOf(page).inputValue(), 'I like it');
  await page.keyboard.press('Enter');
  await delivered(page, 'I like it');
  const [, edited, answer] = await ada.history(chat);
  assert.deepEqual([edited.id, edited.text], [mine.id, 'Hm, well']);
  // Who begins an edit gives up the answer that they began.
  assert.deepEqual([answer.text, answer.reply_to], ['I like it', null]);
  assert.ok(asked.id < mine.id);
});

test('what is sent in one tab does not wait to be sent again in another', async () => {
  const { grace, page } = await two();
  await openChat(page, grace.name);
  await fieldOf(page).fill('once');
  const other = await page.context().newPage();
  await other.goto(page.url());
  await until(other, () => document.querySelector('textarea')?.value === 'once');
  await fieldOf(page).press('Enter');
  await until(other, () => document.querySelector('textarea').value === '');
});

test('who signs out leaves nothing of it behind, in no tab', async () => {
  const { ada, grace, page } = await two();
  await openChat(page, grace.name);
  await fieldOf(page).fill('a secret');
  const other = await page.context().newPage();
  await other.goto(page.url());
  await until(other, () => document.querySelector('textarea')?.value === 'a secret');
  await fieldOf(other).fill('another secret');
  assert.equal((await kept(page)).length, 1);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  for (const tab of [page, other]) await tab.getByRole('heading', { name: 'Welcome back', exact: true }).waitFor();
  await until(page, () => !Object.keys(localStorage).some((key) => key.startsWith('confab.unsent.')));
  await signIn(page, ada);
  await openChat(page, grace.name);
  assert.equal(await fieldOf(page).inputValue(), '');
});

test('who is signed out by the server finds it again, and nobody else does', async () => {
  const { ada, grace, page } = await two();
  await openChat(page, grace.name);
  await fieldOf(page).fill('half a thought');
  const end = async () => {
    const { id } = await page.evaluate(() => ({ id: JSON.parse(localStorage.getItem('confab.session')).session_id }));
    await ada.call('DELETE', `/auth/sessions/${id}`);
    await page.getByText('Your session has ended').waitFor();
  };
  await end();
  await signIn(page, ada);
  await openChat(page, grace.name);
  assert.equal(await fieldOf(page).inputValue(), 'half a thought');
  await end();
  await page.reload();
  await signIn(page, grace);
  await openChat(page, ada.name);
  assert.equal(await fieldOf(page).inputValue(), '');
  assert.deepEqual(await kept(page), []);
});

test('a message is typed and sent where the browser keeps nothing more', async () => {
  const { grace, page } = await two();
  await openChat(page, grace.name);
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await fieldOf(page).fill('typed in vain?');
  await openChat(page, 'Engineers');
  await openChat(page, grace.name);
  assert.equal(await fieldOf(page).inputValue(), 'typed in vain?');
  await page.keyboard.press('Enter');
  await delivered(page, 'typed in vain?');
});
