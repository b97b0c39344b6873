import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, signIn } from '../support/stage.js';

const stage = Stage.set();

test('somebody registers, stays signed in, and signs out', async () => {
  const page = await (await stage.context()).newPage();
  await page.goto(`http://${stage.server.address}/`);
  await page.getByRole('button', { name: 'Create an account', exact: true }).click();
  await page.getByLabel('User name').fill('Newcomer');
  await page.getByLabel('Password').fill('12345678');
  await page.getByRole('button', { name: 'Create account', exact: true }).click();
  await page.getByRole('alert').getByText('must not be only digits').waitFor();
  await page.getByLabel('Password').fill('correct horse battery');
  await page.keyboard.press('Enter');
  await page.locator('.me-name', { hasText: 'Newcomer' }).waitFor();
  await page.getByText('No chats yet').waitFor();
  await page.reload();
  await page.locator('.me-name', { hasText: 'Newcomer' }).waitFor();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { name: 'Welcome back', exact: true }).waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('confab.session')), null);
});

test('a wrong password is told', async () => {
  const ada = await stage.person('Ada');
  const page = await (await stage.context()).newPage();
  await page.goto(`http://${stage.server.address}/`);
  await page.getByLabel('User name').fill(ada.name);
  await page.getByLabel('Password').fill('something else');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('is wrong').waitFor();
});

test('signing out in one tab signs out the others', async () => {
  const ada = await stage.person('Ada');
  const context = await stage.context();
  const first = await stage.pageOf(ada, { context });
  const second = await context.newPage();
  await second.goto(first.url());
  await second.locator('.shell').waitFor();
  await second.getByRole('button', { name: 'Settings', exact: true }).click();
  await second.getByRole('button', { name: 'Sign out', exact: true }).click();
  await first.getByRole('heading', { name: 'Welcome back', exact: true }).waitFor();
});

test('a device that is ended from another one has to sign in again', async () => {
  const ada = await stage.person('Ada');
  const here = await stage.pageOf(ada);
  const there = await stage.pageOf(ada);
  await here.getByRole('button', { name: 'Settings', exact: true }).click();
  const devices = here.locator('.sessions li');
  await devices.nth(2).waitFor();
  // What is read above the devices moves them, and a click that is under way would miss.
  await here.getByRole('button', { name: 'Turn on', exact: true }).waitFor();
  assert.equal(await devices.filter({ hasText: 'this device' }).count(), 1);
  for (let left = 2; left > 0; left -= 1) {
    await here.locator('.sessions button').first().click();
    await devices.nth(left).waitFor({ state: 'detached' });
  }
  await there.getByText('Your session has ended').waitFor();
  assert.equal(await here.locator('.shell').count(), 1);
});

test('a changed password signs out the other devices and works from then on', async () => {
  const ada = await stage.person('Ada');
  const here = await stage.pageOf(ada);
  const there = await stage.pageOf(ada);
  await here.getByRole('button', { name: 'Settings', exact: true }).click();
  const wanted = 'another battery staple';
  await here.getByLabel('Present password').fill('not my password');
  await here.getByLabel('New password').fill(wanted);
  await here.getByRole('button', { name: 'Change password', exact: true }).click();
  await here.getByRole('alert').getByText('present password is wrong').waitFor();
  await here.getByLabel('Present password').fill(ada.password);
  await here.getByRole('button', { name: 'Change password', exact: true }).click();
  await here.locator('.toast', { hasText: 'The password is changed' }).waitFor();
  await there.getByText('Your session has ended').waitFor();
  await signIn(there, { ...ada, password: wanted });
});
