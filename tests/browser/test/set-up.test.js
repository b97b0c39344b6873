import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage } from '../support/stage.js';

const stage = Stage.set();
const PASSWORD = 'correct horse battery';

async function fill(page, name, button) {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: button, exact: true }).click();
}

test('whoever opens the link from the log makes the first admin, and decides who may register', async () => {
  const [, link] = /(http:\/\/\S+#\/set-up\/\S+)$/.exec(stage.server.printed.join('\n'));
  const page = await (await stage.context({ viewport: { width: 360, height: 720 } })).newPage();
  await page.goto(`${link.slice(0, -4)}0000`);
  await page.getByRole('heading', { name: 'Set this server up' }).waitFor();
  await fill(page, 'Chief', 'Make the first admin');
  await page.getByText('This link does not set this server up.').waitFor();
  await page.goto('about:blank');
  await page.goto(link);
  assert.equal(await page.getByLabel('Who may make accounts').inputValue(), 'closed');
  await page.getByLabel('Who may make accounts').selectOption('By invitation');
  await fill(page, 'Chief', 'Make the first admin');
  await page.locator('.shell').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  await page.getByRole('button', { name: 'Administration', exact: true }).click();

  const other = await (await stage.context()).newPage();
  await other.goto(link);
  await fill(other, 'Other', 'Make the first admin');
  await other.getByText('This server has been set up. Sign in.').waitFor();
  await other.goto(`http://${stage.server.address}/`);
  await other.getByRole('button', { name: 'Create an account' }).click();
  await fill(other, 'Other', 'Create account');
  await other.getByText('This server needs an invitation.').waitFor();
});
