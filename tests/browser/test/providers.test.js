import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { IdentityProvider, agreeThere, signInThere } from '../support/identity-provider.js';
import { PathProxy } from '../support/path-proxy.js';
import { Stage } from '../support/stage.js';

/** @type {PathProxy} */
let proxy;
/** @type {IdentityProvider} */
let provider;
/** The address of the page. */
let home = '';

// Nobody has a password, and the page lies under a path of somebody else's host.
async function settings() {
  proxy = await PathProxy.start('/talk');
  provider = await IdentityProvider.start();
  ({ home } = proxy);
  provider.serve(home);
  return { ...provider.settings(home), CONFAB_PASSWORDS: 'off' };
}

const stage = Stage.set(settings, async ({ server }) => {
  proxy.server = server.address;
});
after(() => {
  proxy.stop();
  provider.stop();
});

async function page() {
  const page = await (await stage.context()).newPage();
  await page.goto(home);
  return page;
}

async function signIn(page, name) {
  await page.getByRole('link', { name: 'Continue with Acme' }).click();
  await signInThere(page, name);
  await agreeThere(page);
  await page.locator('.shell').waitFor();
}

async function openSettings(page) {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
}

async function logOut(page) {
  await openSettings(page);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.getByRole('link', { name: 'Continue with Acme' }).waitFor();
}

test('somebody signs in with the provider, stays signed in, and signs out of both', async () => {
  const ada = await page();
  assert.equal(await ada.getByLabel('Password').count(), 0);
  assert.equal(await ada.getByRole('button', { name: 'Create an account' }).count(), 0);
  await signIn(ada, 'Ada');
  assert.equal(ada.url(), home, 'what the provider gave is in no address');
  await ada.locator('.me-name', { hasText: 'Ada' }).waitFor();
  await ada.reload();
  await ada.locator('.me-name', { hasText: 'Ada' }).waitFor();
  await openSettings(ada);
  assert.equal(await ada.getByLabel('Present password').count(), 0);
  await ada.getByRole('button', { name: 'Close', exact: true }).click();
  await logOut(ada);
  assert.equal(ada.url(), home);
  // The provider has forgotten them, too.
  await ada.getByRole('link', { name: 'Continue with Acme' }).click();
  await ada.locator('input[name=login]').waitFor();
  assert.deepEqual(proxy.strayed.filter((url) => url !== '/favicon.ico'), []);
});

test('whoever the provider knows is let in without a question, and a log-out there ends every session', async () => {
  const [first, second] = [await page(), await page()];
  await signIn(first, 'Ben');
  await signIn(second, 'Ben');
  await logOut(first);
  await second.getByText('Your session has ended.').waitFor();
  // That browser is still signed in at the provider.
  await second.getByRole('link', { name: 'Continue with Acme' }).click();
  await second.locator('.me-name', { hasText: 'Ben' }).waitFor();
});

test('whoever cancels is told, and what is brought back twice signs nobody in', async () => {
  const carl = await page();
  await carl.getByRole('link', { name: 'Continue with Acme' }).click();
  await carl.getByRole('link', { name: '[ Cancel ]' }).click();
  await carl.getByText('The sign-in was cancelled').waitFor();
  assert.equal(carl.url(), home);
  const back = carl.waitForRequest((request) => /[?]code=/.test(request.url()));
  await signIn(carl, 'Carl');
  const brought = (await back).url();
  await logOut(carl);
  await carl.goto(brought);
  await carl.getByText('This sign-in was not begun in this browser').waitFor();
  assert.equal(carl.url(), home);
});

test('whoever is asked who they are signs in once more with the provider', async () => {
  const dora = await page();
  await signIn(dora, 'Dora');
  const change = async (email) => {
    await openSettings(dora);
    await dora.getByLabel('E-mail address', { exact: true }).fill(email);
    await dora.getByRole('button', { name: 'Save the profile' }).click();
  };
  await change('other@example.org');
  await dora.getByRole('dialog', { name: 'Is it you?' }).getByRole('link', { name: 'Continue' }).click();
  await signInThere(dora, 'Dora');
  await dora.locator('.me-name', { hasText: 'Dora' }).waitFor();
  await change('other@example.org');
  await dora.getByText('The profile is saved.').waitFor();
});
