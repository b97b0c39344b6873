/**
 * Measures how long the page takes in a browser that has never seen it: a fresh profile, and a browser
 * process of its own, each time.
 *
 *     node cold-start.js [times]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Person } from './support/person.js';
import { Server } from './support/server.js';
import { LAUNCH } from './support/stage.js';
import { Wire } from './support/wire.js';

const times = Number(process.argv[2] ?? 7);
const CHATS = 30;

/** Runs in the page from its first moment: notes when something can first be used. */
function watch(selector) {
  const look = () => {
    const found = document.querySelector(selector);
    if (!found) return;
    watcher.disconnect();
    // It is there once the frame that has it was drawn.
    requestAnimationFrame(() => setTimeout(() => (window.usableAfter = performance.now())));
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document, { childList: true, subtree: true });
}

/** Opens the page as somebody, or as nobody, and answers the milliseconds from the start of the navigation. */
async function open(address, selector, kept) {
  const profile = await mkdtemp(join(tmpdir(), 'cold-start-'));
  const context = await chromium.launchPersistentContext(profile, { ...LAUNCH, viewport: { width: 1100, height: 720 } });
  const page = context.pages()[0] ?? (await context.newPage());
  if (kept) {
    await context.addInitScript((text) => localStorage.setItem('confab.session', text), JSON.stringify(kept));
  }
  await page.addInitScript(watch, selector);
  await page.goto(`http://${address}/`);
  const ms = await (await page.waitForFunction(() => window.usableAfter)).jsonValue();
  await context.close();
  await rm(profile, { recursive: true });
  return Math.round(ms);
}

const server = await Server.start();
const ada = await Person.register(server, 'Ada');
for (let n = 0; n < CHATS; n += 1) {
  const chat = await ada.group(`Group ${n}`);
  await ada.say(chat, `Something to show ${n}`);
}
for (const [what, selector, signedIn] of [['the sign-in form', 'form input:focus', false], [`a list of ${CHATS} chats`, '.chat', true]]) {
  const openOnce = async (address) => open(address, selector, signedIn && (await ada.logIn()));
  const wire = await Wire.to(server.address);
  await openOnce(wire.address);
  wire.close();
  const ms = [];
  for (let n = 0; n < times; n += 1) ms.push(await openOnce(server.address));
  ms.sort((a, b) => a - b);
  console.log(`${what}: ${ms.join(', ')} ms, median ${ms[ms.length >> 1]} ms; ${wire.received} bytes, ${wire.requests.length} requests`);
}
await server.stop();
