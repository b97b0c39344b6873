import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, member, openChat } from '../support/stage.js';

const stage = Stage.set({ CONFAB_DIRECTORY: 'nobody' });

/** Two people whom an admin has brought together, and one whom they never met. */
async function order() {
  const chief = await stage.admin('Chief');
  const [ada, grace, lin] = [await stage.person('Ada'), await stage.person('Grace'), await stage.person('Lin')];
  await chief.group('Order 7', ada, grace);
  return { chief, ada, grace, lin };
}

test('whoever finds nobody is offered no people and no rooms', async () => {
  const { ada, grace, lin } = await order();
  const page = await stage.pageOf(ada);
  const search = page.getByRole('searchbox', { name: 'Find chats and messages', exact: true });
  await search.fill(lin.name);
  await page.getByRole('heading', { name: 'Messages', exact: true }).waitFor();
  assert.equal(await page.getByRole('heading', { name: 'People', exact: true }).count(), 0);
  await search.fill('');
  assert.equal(await page.getByRole('button', { name: 'Rooms', exact: true }).count(), 0);
  await page.getByRole('button', { name: 'New group', exact: true }).click();
  await page.getByRole('dialog').getByRole('textbox').waitFor();
  assert.equal(await page.getByRole('dialog').getByRole('searchbox').count(), 0);
  await page.keyboard.press('Escape');

  await openChat(page, 'Order 7');
  await page.getByRole('button', { name: 'About this chat', exact: true }).click();
  await member(page, grace, 'Profile');
  const card = page.locator('.person-card');
  await card.getByRole('button', { name: 'Write a message', exact: true }).waitFor();
  const drawn = await card.locator('img').evaluate(async (image) => (await fetch(image.src)).text());
  assert.match(drawn, />G\d?</, 'the picture is hers, though an image sends no token');
});

test('an admin finds everybody', async () => {
  const { chief, lin } = await order();
  const page = await stage.pageOf(chief);
  await page.getByRole('button', { name: 'Rooms', exact: true }).waitFor();
  await page.getByRole('searchbox', { name: 'Find chats, people and messages', exact: true }).fill(lin.name);
  await page.locator('.found button', { hasText: lin.name }).waitFor();
});
