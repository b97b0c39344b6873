import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, agree, eventually, member, signIn, until } from '../support/stage.js';

const stage = Stage.set();

async function open(page, tab) {
  await page.getByRole('button', { name: 'Administration', exact: true }).click();
  await page.getByRole('tab', { name: tab }).click();
}

test('an admin finds people and manages their accounts', async () => {
  const [root, ada] = [await stage.admin('Root'), await stage.person('Ada')];
  const [page, hers] = [await stage.pageOf(root), await stage.pageOf(ada)];
  await open(page, 'People');
  const [row, own] = [ada, root].map(({ name }) => page.locator('.accounts li', { hasText: name }));
  await own.waitFor();
  await page.getByLabel('Find people').fill(ada.name);
  await own.waitFor({ state: 'detached' });
  await member(page, ada, 'Change the role…');
  await page.getByLabel('Role', { exact: true }).fill('emperor');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('alert').getByText('no such role').waitFor();
  await page.getByLabel('Role', { exact: true }).fill('seller');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await row.getByText('seller').waitFor();
  await until(page, (name) => document.activeElement?.getAttribute('aria-label') === name, `Actions for ${ada.name}`);

  const password = 'a password by the admin';
  await member(page, ada, 'Set a password…');
  await page.getByRole('textbox', { name: 'New password' }).fill(password);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await hers.getByText('Your session has ended').waitFor();
  await signIn(hers, { ...ada, password });
  await member(page, ada, 'Sign out everywhere');
  await agree(page, 'Sign out everywhere');
  await hers.getByText('Your session has ended').waitFor();

  await member(page, ada, 'Disable');
  await agree(page, 'Disable');
  await row.getByText('disabled').waitFor();
  await hers.getByLabel('User name').fill(ada.name);
  await hers.getByLabel('Password').fill(password);
  await hers.keyboard.press('Enter');
  await hers.getByRole('alert').getByText('This account is disabled').waitFor();
  await page.getByLabel('Accounts').selectOption({ label: 'Active' });
  await row.waitFor({ state: 'detached' });
  await page.getByLabel('Accounts').selectOption({ label: 'Disabled' });
  await member(page, ada, 'Enable');
  await row.waitFor({ state: 'detached' });
  await page.getByLabel('Accounts').selectOption({ label: 'All' });
  await member(page, ada, 'Delete the account');
  await page.getByRole('button', { name: 'Delete the account', exact: true }).click();
  await row.waitFor({ state: 'detached' });

  await page.getByRole('tab', { name: 'Log', exact: true }).click();
  await page.locator('.audit li').nth(6).waitFor();
  // Names are looked up after the lines are there.
  await page.locator('.audit li').first().getByText(root.name).waitFor();
  const lines = (await page.locator('.audit li p').allTextContents()).map((line) => line.replaceAll(root.name, 'Root'));
  assert.match(lines[0], /^Root deleted the account /);
  await page.locator('.audit li', { hasText: '(seller)' }).getByText(root.name).waitFor();
  const [{ action }] = (await root.call('GET', '/admin/audit')).items;
  assert.equal(action, 'user.deleted');
});

test('an admin sees rooms and chats without what was said, and deletes them', async () => {
  const [root, ada] = [await stage.admin('Root'), await stage.person('Ada')];
  const room = await ada.room('rowdy');
  await ada.say(room, 'Unspeakable');
  const [page, hers] = [await stage.pageOf(root), await stage.pageOf(ada)];
  await hers.locator('.chat', { hasText: 'rowdy' }).waitFor();
  await open(page, 'Chats');
  await page.locator('.accounts li', { hasText: 'rowdy' }).getByText('Room · 1 member · 1 message').waitFor();
  assert.equal(await page.getByText('Unspeakable').count(), 0);
  await page.getByRole('button', { name: 'Delete rowdy', exact: true }).click();
  await agree(page, 'Delete the chat');
  await page.locator('.accounts li', { hasText: 'rowdy' }).waitFor({ state: 'detached' });
  await hers.locator('.chat', { hasText: 'rowdy' }).waitFor({ state: 'detached' });
});

test('the parts are walked with the arrow keys', async () => {
  const page = await stage.pageOf(await stage.admin('Root'));
  await open(page, 'People');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('tab', { name: 'Chats', selected: true }).waitFor();
  await page.getByLabel('Kind').waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('tab', { name: 'People', selected: true }).waitFor();
});

test('a role that is given or taken shows at once in every tab, and after an absence', async () => {
  const [root, ada] = [await stage.admin('Root'), await stage.person('Ada')];
  const give = (role) => root.call('PATCH', `/admin/users/${ada.id}`, { role });
  const wire = await stage.wire();
  const hers = await stage.pageOf(ada, { wire });
  const tab = await hers.context().newPage();
  await tab.goto(hers.url());
  const ways = [hers, tab].map((page) => page.getByRole('button', { name: 'Administration', exact: true }));
  for (const page of [hers, tab]) await page.getByText('No chats yet').waitFor();
  for (const way of ways) assert.equal(await way.count(), 0);
  await give('admin');
  for (const way of ways) await way.waitFor();
  await hers.getByText('Your role on this server is now: Admin of the server.').waitFor();

  await open(hers, 'People');
  await member(hers, root, 'Sign out everywhere');
  await give('seller');
  for (const way of ways) await way.waitFor({ state: 'detached' });
  await hers.getByText('Your role on this server is now: seller.').waitFor();
  assert.equal(await hers.getByRole('dialog').count(), 0);
  await until(hers, () => document.activeElement?.getAttribute('aria-label') === 'Starred messages');

  wire.cut();
  await hers.getByText('No connection').waitFor();
  await give('admin');
  wire.mend();
  for (const way of ways) await way.waitFor();
  // The account that the browser keeps says the same, for pages that are opened without a connection.
  await until(hers, () => JSON.parse(localStorage.getItem('confab.session')).user.role === 'admin');
});

test('whoever is no admin is not offered administration', async () => {
  const page = await stage.pageOf(await stage.person('Ada'));
  await page.getByRole('button', { name: 'Rooms', exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Administration', exact: true }).count(), 0);
  await eventually('the list', async () => (await page.getByText('No chats yet').count()) === 1);
});
