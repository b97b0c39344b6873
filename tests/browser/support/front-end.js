import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const TYPES = { html: 'text/html', js: 'text/javascript' };

/** A page of somebody who uses the small front end of a dialect, at the server's own address. */
export async function frontEnd(stage, dialect) {
  const page = await (await stage.context()).newPage();
  await page.route('**/front-end/*', (route) => {
    const file = basename(new URL(route.request().url()).pathname);
    const body = readFileSync(new URL(`./front-ends/${file}`, import.meta.url), 'utf8');
    return route.fulfill({ contentType: TYPES[file.split('.').pop()], body });
  });
  await page.goto(`http://${stage.server.address}/front-end/${dialect}.html`);
  return page;
}

/** Fills in fields of the form, and presses a button. */
export async function press(page, button, fields = {}) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}`).fill(value);
  await page.locator(`#${button}`).click();
}

/** Waits for a line of a kind with exactly this text. */
export function line(page, kind, text) {
  const exact = typeof text === 'string' ? new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) : text;
  return page.locator(`#log .${kind}`).filter({ hasText: exact }).first().waitFor();
}

/** The texts of all lines of a kind. */
export function lines(page, kind) {
  return page.locator(`#log .${kind}`).allTextContents();
}

/** Makes a token that is kept one that the server refuses, as if its time were over. */
export function spoil(page, name) {
  return page.evaluate((key) => {
    const [head, claims, seal] = localStorage.getItem(key).split('.');
    localStorage.setItem(key, [head, claims, [...seal].reverse().join('')].join('.'));
  }, name);
}

/** Kills the server and starts it again with what it had. */
export async function restart(stage) {
  await stage.server.kill();
  await stage.server.start();
}
