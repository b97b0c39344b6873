import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { LAUNCH, Stage, delivered, message, openChat, signIn, write } from '../support/stage.js';

const stage = Stage.set();

async function two() {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  return { ada, grace, chat: await ada.direct(grace) };
}

/** Signs in, talks, changes a preference and signs out. */
async function use(page, { ada, grace, chat }) {
  await page.goto(`http://${stage.server.address}/`);
  await signIn(page, ada);
  await openChat(page, grace.name);
  await write(page, 'from memory');
  await delivered(page, 'from memory');
  await grace.say(chat, 'heard');
  await message(page, 'heard').waitFor();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByLabel('Theme').selectOption('dark');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { name: 'Welcome back', exact: true }).waitFor();
  assert.deepEqual((await ada.history(chat)).map(({ text }) => text), ['from memory', 'heard']);
}

/** Run in a page from its first moment. */
const REFUSALS = {
  'must not be touched': () => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('Access is denied for this document.', 'SecurityError');
      },
    });
  },
  'takes nothing': () => {
    Storage.prototype.setItem = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
  },
  'is not there': () => Object.defineProperty(window, 'localStorage', { value: null }),
};
for (const [what, refuse] of Object.entries(REFUSALS)) {
  test(`the page works in memory where localStorage ${what}`, async () => {
    const people = await two();
    const context = await stage.context();
    await context.addInitScript(refuse);
    await use(await context.newPage(), people);
  });
}

test('a session that is longer than what there is room for is renewed', async () => {
  const { ada } = await two();
  const page = await stage.pageOf(ada);
  const good = await page.evaluate(async () => {
    const { user, ...kept } = JSON.parse(localStorage.getItem('confab.session'));
    localStorage.setItem('confab.session', JSON.stringify({ ...kept, user: { id: user.id } }));
    let filling = '';
    for (let size = 8 * 1024 * 1024; size >= 1; size /= 2) {
      try {
        localStorage.setItem('filling', filling + 'x'.repeat(size));
        filling += 'x'.repeat(size);
      } catch {
        // A smaller piece may still fit.
      }
    }
    const { Api, Session } = await import('/confab.js');
    const session = new Session();
    const renewed = await session.renew(kept.access_token);
    const { id } = await new Api(session).account.profile();
    return renewed !== kept.access_token && id === user.id && session.user.id === user.id;
  });
  assert.ok(good);
});

test('the page works in a browser that blocks everything that pages could keep', async () => {
  const people = await two();
  const profile = await mkdtemp(join(tmpdir(), 'confab-blocked-'));
  await mkdir(join(profile, 'Default'));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, { ...LAUNCH, locale: 'en-GB', viewport: { width: 1100, height: 720 } });
  try {
    const page = await context.newPage();
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error.stack)));
    await page.goto(`http://${stage.server.address}/`);
    const refused = await page.evaluate(() => {
      try {
        return !window.localStorage;
      } catch (error) {
        return error.name === 'SecurityError';
      }
    });
    assert.ok(refused, 'the browser blocks storage');
    await use(page, people);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    await rm(profile, { recursive: true });
  }
});
