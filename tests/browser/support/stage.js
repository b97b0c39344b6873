import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { chromium } from 'playwright-core';
import { Person } from './person.js';
import { Server } from './server.js';
import { Wire } from './wire.js';

/** How long to wait for what must happen at all. Generous, so that a slow machine fails nothing. */
const DEADLINE_MS = 30_000;
/** What a page may complain about when its connection is cut. */
const LOST = /net::ERR_|WebSocket connection|Failed to load resource/;

/** The browser of the system, which asks nobody for anything by itself. */
export const LAUNCH = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    // A page that a test hands out itself has no address, and would not reach this machine's sockets.
    '--disable-features=LocalNetworkAccessChecks'],
};

/**
 * A server and a browser for the tests of a file. Whatever a page complains about fails its test.
 */
export class Stage {
  #browser;
  #contexts = [];
  #wires = [];
  #complaints = [];

  /** Sets the stage for the tests of this file; `settings` may be a function that finds them, and `prepare` is run once it is there. */
  static set(settings = {}, prepare = async () => {}) {
    const stage = new Stage();
    before(async () => {
      stage.server = await Server.start(typeof settings === 'function' ? await settings() : settings);
      stage.#browser = await chromium.launch(LAUNCH);
      await prepare(stage);
    });
    afterEach(async () => {
      for (const context of stage.#contexts.splice(0)) await context.close();
      for (const wire of stage.#wires.splice(0)) wire.close();
      assert.deepEqual(stage.#complaints.splice(0), []);
    });
    after(async () => {
      await stage.#browser?.close();
      await stage.server?.stop();
    });
    return stage;
  }

  person(name) {
    return Person.register(this.server, name);
  }

  /** Somebody who manages the server. */
  async admin(name) {
    const person = await this.person(name);
    this.server.command('user', 'set-role', person.name, 'admin');
    return person;
  }

  /** A way to the server that can be cut. */
  async wire() {
    const wire = await Wire.to(this.server.address);
    this.#wires.push(wire);
    return wire;
  }

  /** A browser of its own, which nobody has signed in with. */
  async context(options = {}) {
    const context = await this.#browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', viewport: { width: 1100, height: 720 }, ...options });
    context.setDefaultTimeout(DEADLINE_MS);
    await context.addInitScript(pretendAttention);
    this.#contexts.push(context);
    context.on('weberror', (error) => this.#complaints.push(String(error.error().stack)));
    context.on('console', (message) => {
      const serious = ['error', 'warning'].includes(message.type());
      if (serious && !LOST.test(message.text())) this.#complaints.push(message.text());
    });
    return context;
  }

  /** A page of somebody who has signed in, over a wire or directly. */
  async pageOf(person, { wire, context, ...options } = {}) {
    const own = context ?? (await this.context(options));
    const page = await own.newPage();
    const base = `http://${(wire ?? this.server).address}`;
    await page.goto(`${base}/icon.svg`);
    await page.evaluate((kept) => localStorage.setItem('confab.session', kept), JSON.stringify(await person.logIn()));
    await page.goto(base);
    await page.locator('.shell').waitFor();
    return page;
  }

  /** Says many things in a chat, in any order, quicker than one request each. */
  async sayAll(person, chat, texts) {
    const page = await (await this.context()).newPage();
    await page.goto(`http://${this.server.address}/icon.svg`);
    await page.evaluate(sendAll, { token: person.token, chat, texts, senders: SENDERS });
    await page.context().close();
  }
}

/**
 * Runs in every page, which somebody looks at until a test says otherwise. Browsers that are driven have
 * every page believe in its focus, and do not all tell the same to workers and to other pages.
 */
function pretendAttention() {
  window.looking = true;
  document.hasFocus = () => window.looking;
}

/** Sockets that send at the same time: the server writes together what arrives together. */
const SENDERS = 40;

/** Runs in a page. */
async function sendAll({ token, chat, texts, senders }) {
  const left = [...texts];
  const one = () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${location.host}/api/v1/ws`);
      socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', token }));
      socket.onclose = reject;
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(data);
        if (frame.error) reject(new Error(frame.error.detail));
        if (frame.type !== 'ready' && !frame.re) return;
        const text = left.shift();
        if (text !== undefined) return socket.send(JSON.stringify({ id: '1', type: 'send', chat, text }));
        socket.onclose = null;
        socket.close();
        resolve();
      };
    });
  await Promise.all(Array.from({ length: senders }, one));
}

export async function signIn(page, person) {
  await page.getByLabel('User name', { exact: true }).fill(person.name);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.shell').waitFor();
}

/** From now on somebody looks at a page, or nobody does. */
export async function look(page, looking) {
  await page.evaluate((now) => {
    window.looking = now;
    window.dispatchEvent(new Event(now ? 'focus' : 'blur'));
  }, looking);
}

/** Opens a chat from the list. */
export async function openChat(page, title) {
  await page.locator('.chat', { has: page.locator('.title', { hasText: title }) }).click();
  await page.locator('.head h2', { hasText: title }).waitFor();
  await page.locator('.log:not([aria-busy])').waitFor();
}

/** Chooses from the menu of the open chat. */
export async function choose(page, ...actions) {
  await page.getByRole('button', { name: 'Actions of the chat', exact: true }).click();
  for (const action of actions) await page.getByRole('menuitem', { name: action }).click();
}

/** Writes in the chat that is open. */
export async function write(page, text) {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

/** The message with this text. */
export function message(page, text) {
  return page.locator('.message', { hasText: text });
}

/** Waits until a message that was sent from this page has a status. */
export function status(page, text, wanted) {
  return message(page, text).locator(`[data-status="${wanted}"]`).waitFor();
}

/** Waits until a message that was sent from this page is on the server, read or not. */
export function delivered(page, text) {
  return message(page, text).locator('[data-status="sent"], [data-status="read"]').waitFor();
}

/** Chooses an action of a message. */
export async function act(page, text, action) {
  await message(page, text).hover();
  await message(page, text).getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** Chooses an action of somebody in the list of members that is open. */
export async function member(page, person, action) {
  await page.getByRole('button', { name: `Actions for ${person.name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** Says yes to the question that is asked. */
export async function agree(page, answer) {
  await page.getByRole('dialog').last().getByRole('button', { name: answer, exact: true }).click();
}

/** Waits until a function of the page's answers yes. */
export function until(page, condition, argument) {
  return page.waitForFunction(condition, argument, { timeout: DEADLINE_MS });
}

/** Waits until something outside of the page is so. */
export async function eventually(what, condition) {
  const end = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The texts of the messages in the page. */
export function texts(page) {
  return page.locator('.message .text').allTextContents();
}
