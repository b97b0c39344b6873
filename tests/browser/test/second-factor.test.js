import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Authenticator } from '../support/authenticator.js';
import { Stage, until } from '../support/stage.js';

const stage = Stage.set();

function press(page, name) {
  return page.getByRole('dialog').last().getByRole('button', { name, exact: true }).click();
}

async function typePassword(page, person) {
  await page.getByRole('dialog').last().getByLabel('Password', { exact: true }).fill(person.password);
}

function codeOf(page) {
  return page.getByLabel('Code', { exact: true });
}

async function openSettings(page) {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
}

/** Turns the second factor on, and returns the app and the recovery codes. */
async function turnOn(page, person) {
  await openSettings(page);
  await press(page, 'Turn on');
  await page.getByRole('dialog').last().getByLabel('Password', { exact: true }).fill('wrong password');
  await press(page, 'Continue');
  await page.getByRole('alert').getByText('password is wrong').waitFor();
  await typePassword(page, person);
  await press(page, 'Continue');
  const grouped = await page.locator('.secret').textContent();
  assert.match(grouped, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  const address = await page.getByRole('link', { name: 'open the app' }).getAttribute('href');
  assert.ok(address.startsWith('otpauth://totp/Confab:') && address.includes(grouped.replaceAll(' ', '')), address);
  const app = new Authenticator(grouped);
  await codeOf(page).fill('x');
  await press(page, 'Turn on');
  await page.getByRole('alert').getByText('The code is wrong').waitFor();
  await codeOf(page).fill(app.code());
  await press(page, 'Turn on');
  await page.locator('.recovery-codes li').nth(9).waitFor();
  const codes = await page.locator('.recovery-codes li').allTextContents();
  await press(page, 'I have kept them');
  await page.getByText('It is on').waitFor();
  return { app, codes };
}

/** Signs in with the password alone, as far as that goes. */
async function begin(person) {
  const page = await (await stage.context({ viewport: { width: 360, height: 720 } })).newPage();
  await page.goto(`http://${stage.server.address}/`);
  await page.getByLabel('User name', { exact: true }).fill(person.name);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  assert.equal(await codeOf(page).count(), 0, 'nobody is asked for a code before');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await codeOf(page).waitFor();
  return page;
}

async function enter(page, code) {
  await codeOf(page).fill(code);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a second factor is turned on, asked for and turned off', async () => {
  const ada = await stage.person('Ada');
  const page = await stage.pageOf(ada);
  const { app, codes } = await turnOn(page, ada);

  const phone = await begin(ada);
  await until(phone, () => document.activeElement?.getAttribute('name') === 'code');
  await enter(phone, 'AAAA-AAAA-AAAA-AAAA');
  await phone.getByRole('alert').getByText('The code is wrong').waitFor();
  await enter(phone, app.code());
  await phone.locator('.shell').waitFor();
  const tablet = await begin(ada);
  await enter(tablet, codes[1]);
  await tablet.locator('.shell').waitFor();
  const again = await begin(ada);
  await enter(again, codes[1]);
  await again.getByRole('alert').getByText('was used before').waitFor();

  await press(page, 'New recovery codes');
  await typePassword(page, ada);
  await codeOf(page).fill(codes[2]);
  await press(page, 'New recovery codes');
  await page.locator('.recovery-codes li').nth(9).waitFor();
  const [code] = await page.locator('.recovery-codes li').allTextContents();
  await press(page, 'I have kept them');
  await press(page, 'Turn off');
  await typePassword(page, ada);
  await codeOf(page).fill(codes[3]);
  await press(page, 'Turn off');
  await page.getByRole('alert').getByText('The code is wrong').waitFor();
  await codeOf(page).fill(code);
  await press(page, 'Turn off');
  await page.getByRole('dialog').last().getByRole('button', { name: 'Turn on', exact: true }).waitFor();
  await ada.logIn();
});

test('an act that is refused is repeated once the password was typed', async () => {
  const ada = await stage.person('Ada');
  const page = await stage.pageOf(ada);
  // As if the session had been opened long ago, until it is proved.
  let proved = false;
  const acts = [];
  await page.route('**/api/v1/auth/step-up', async (route) => {
    const response = await route.fetch();
    proved ||= response.status() === 204;
    await route.fulfill({ response });
  });
  await page.route('**/api/v1/users/me', async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    acts.push(route.request().postDataJSON().email);
    if (proved) return route.continue();
    const problem = { title: 'Forbidden', status: 403, code: 'step_up_required', detail: 'x', retryable: false };
    return route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify(problem) });
  });
  await openSettings(page);
  const email = page.getByLabel('E-mail address', { exact: true });
  await email.fill('ada@example.org');
  await page.getByRole('button', { name: 'Save the profile', exact: true }).click();
  await page.getByRole('heading', { name: 'Is it you?', exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('alert').getByText('needs your password once more').waitFor();
  assert.deepEqual(acts, ['ada@example.org']);

  await page.getByRole('button', { name: 'Save the profile', exact: true }).click();
  await page.getByRole('dialog').last().getByLabel('Password', { exact: true }).fill('wrong password');
  await press(page, 'Continue');
  await page.getByRole('alert').getByText('password is wrong').waitFor();
  await typePassword(page, ada);
  await press(page, 'Continue');
  await page.getByText('The profile is saved.').waitFor();
  assert.deepEqual(acts, Array(3).fill('ada@example.org'));
  assert.equal((await ada.call('GET', '/users/me')).email, 'ada@example.org');
});
