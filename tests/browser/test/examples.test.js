import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { Example } from '../support/example.js';
import { LAUNCH } from '../support/stage.js';

/** The hosts, each with the command that starts it. */
const HOSTS = [
  ['express', process.execPath, 'shop.js'],
  ['django', '.venv/bin/python', 'manage.py', 'runserver', '--noreload', 'PORT'],
];

for (const [name, ...command] of HOSTS) {
  test(`a buyer and a seller of the shop in ${name} talk about an order`, async (t) => {
    const example = await Example.start(name, ...command);
    t.after(() => example.stop());
    const browser = await chromium.launch(LAUNCH);
    t.after(() => browser.close());
    const wrong = [];
    const open = async (who) => {
      const page = await (await browser.newContext({ viewport: { width: 360, height: 720 } })).newPage();
      page.on('pageerror', (error) => wrong.push(error.message));
      await page.goto(example.url);
      await page.getByRole('button', { name: who }).click();
      await page.getByRole('button', { name: 'Order a kettle' }).waitFor();
      return page;
    };

    const ada = await open('I am Ada');
    await ada.getByRole('button', { name: 'Order a kettle' }).click();
    await ada.getByRole('heading', { name: 'Order 1' }).waitFor();
    await ada.getByRole('listitem').getByText('Thank you for your order.').waitFor();

    const ben = await open('I am Ben, the seller');
    await ben.getByRole('heading', { name: 'Order 1' }).waitFor();
    await ben.getByLabel('Message').fill('It is on its way.');
    await ben.getByRole('button', { name: 'Send' }).click();
    for (const page of [ada, ben]) {
      await page.getByRole('listitem').getByText('It is on its way.').waitFor();
      const lines = await page.getByRole('listitem').allTextContents();
      assert.deepEqual(lines, ['Thank you for your order.', 'It is on its way.']);
    }
    const stranger = await fetch(`${example.url}/shop/confab-token`);
    assert.equal(stranger.status, 401);
    assert.deepEqual(wrong, []);
  });
}
