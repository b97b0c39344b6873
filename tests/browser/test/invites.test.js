import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, agree } from '../support/stage.js';

const stage = Stage.set({ CONFAB_REGISTRATION: 'invite' });
const PASSWORD = 'correct horse battery';

async function enter(page, name, button) {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: button, exact: true }).click();
}

test('an admin invites somebody, who makes an account by the link', async () => {
  stage.server.feed(`${PASSWORD}\n`, 'user', 'add', 'Chief', '--role', 'admin', '--password-stdin');
  const page = await (await stage.context({ viewport: { width: 360, height: 720 } })).newPage();
  await page.goto(`http://${stage.server.address}/`);
  await enter(page, 'Chief', 'Sign in');
  await page.getByRole('button', { name: 'Administration', exact: true }).click();
  await page.getByRole('tab', { name: 'Invitations', exact: true }).click();
  await page.getByLabel('For how many days').fill('400');
  await page.getByRole('button', { name: 'Make an invitation', exact: true }).click();
  await page.getByRole('alert').getByText('too small or too large').waitFor();
  await page.getByLabel('For how many days').fill('2');
  await page.getByLabel('Note').fill('choir');
  await page.getByRole('button', { name: 'Make an invitation', exact: true }).click();
  const link = await page.getByLabel('The link to pass on').inputValue();
  const row = page.locator('.accounts li', { hasText: 'choir' });
  await row.getByText('0 of 1 used').waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, 'nothing is wider than a phone');

  const guest = await (await stage.context({ viewport: { width: 360, height: 720 }, colorScheme: 'dark' })).newPage();
  await guest.goto(link);
  await guest.getByText('You were invited').waitFor();
  await enter(guest, 'Guest', 'Create account');
  await guest.locator('.shell').waitFor();
  assert.equal(new URL(guest.url()).hash, '');

  const late = await (await stage.context()).newPage();
  await late.goto(link);
  await enter(late, 'Late', 'Create account');
  await late.getByRole('alert').getByText('has been used up').waitFor();
  const stranger = await (await stage.context()).newPage();
  await stranger.goto(`http://${stage.server.address}/`);
  await stranger.getByRole('button', { name: 'Create an account', exact: true }).click();
  await enter(stranger, 'Stranger', 'Create account');
  await stranger.getByRole('alert').getByText('needs an invitation').waitFor();

  await page.getByRole('tab', { name: 'Chats', exact: true }).click();
  await page.getByRole('tab', { name: 'Invitations', exact: true }).click();
  await row.getByText('1 of 1 used').waitFor();
  await row.getByRole('button').click();
  await agree(page, 'Revoke');
  await row.waitFor({ state: 'detached' });
});

test('an admin sees who signed in', async () => {
  const page = await (await stage.context()).newPage();
  await page.goto(`http://${stage.server.address}/`);
  await enter(page, 'Chief', 'Sign in');
  await page.getByRole('button', { name: 'Administration', exact: true }).click();
  await page.getByRole('tab', { name: 'Log', exact: true }).click();
  await page.getByLabel('Show').selectOption({ label: 'Sign-ins' });
  const first = page.locator('.audit li').first();
  await first.getByText('signed in').waitFor();
  await first.getByText('127.0.0.1').waitFor();
  await first.getByText('Chief').waitFor();
  await page.locator('.audit li', { hasText: 'made an account' }).waitFor();
});
