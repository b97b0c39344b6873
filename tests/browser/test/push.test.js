import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, eventually, look, message, until } from '../support/stage.js';

const stage = Stage.set({ CONFAB_PUSH_LOOPBACK: 'on' });

/** Of P-256. */
const POINT = 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4';

/** Runs in a page: a browser with a push service that is always there. */
function pretend(p256dh) {
  const keys = { p256dh, auth: 'BTBZMqHH6r4Tts7J_aSIgg' };
  const kept = () => JSON.parse(localStorage.getItem('pretended') ?? 'null');
  const key = () => Uint8Array.from(kept().key).buffer;
  const subscription = () =>
    kept() && {
      endpoint: kept().endpoint,
      options: { applicationServerKey: key(), userVisibleOnly: true },
      toJSON: () => ({ endpoint: kept().endpoint, expirationTime: null, keys }),
      unsubscribe: async () => localStorage.removeItem('pretended'),
    };
  PushManager.prototype.getSubscription = async () => subscription();
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || applicationServerKey.length !== 65) throw new DOMException('no', 'NotAllowedError');
    if (window.outOfReach) throw new DOMException('not there', 'AbortError');
    const endpoint = `http://127.0.0.1:9/${crypto.randomUUID()}`;
    localStorage.setItem('pretended', JSON.stringify({ endpoint, key: [...applicationServerKey] }));
    return subscription();
  };
}

/** How the server tells this page's device. */
const state = (page) =>
  page.evaluate(async () => {
    const { access_token } = JSON.parse(localStorage.getItem('confab.session'));
    const answer = await fetch('/api/v1/push', { headers: { Authorization: `Bearer ${access_token}` } });
    return (await answer.json()).subscription;
  });

const pretended = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('pretended'))?.endpoint ?? null);

async function somebody(options = {}) {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const context = await stage.context(options);
  await context.grantPermissions(['notifications']);
  await context.addInitScript(pretend, POINT);
  const page = await stage.pageOf(ada, { context });
  await page.locator('.chat').waitFor();
  return { ada, grace, chat, context, page };
}

async function choose(page, value) {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  const menu = page.getByLabel('When the page is closed');
  await menu.selectOption(value);
  await page.locator('select:disabled').waitFor({ state: 'detached' });
  const chosen = await menu.inputValue();
  await page.keyboard.press('Escape');
  return chosen;
}

test('a device is told as much as its owner chooses, until it signs out', async () => {
  const { page } = await somebody();
  assert.equal(await state(page), null);
  assert.equal(await choose(page, 'sender'), 'sender');
  const first = await pretended(page);
  assert.deepEqual(await state(page), { endpoint: first, expires_at: null, content: 'sender' });
  await choose(page, 'sender_and_text');
  assert.deepEqual(await state(page), { endpoint: first, expires_at: null, content: 'sender_and_text' });
  await choose(page, 'off');
  assert.equal(await state(page), null);
  assert.equal(await pretended(page), null);
  await choose(page, 'sender');
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { name: 'Welcome back', exact: true }).waitFor();
  await until(page, () => localStorage.getItem('pretended') === null && localStorage.getItem('confab.pushes') === null);
});

test('what the browser or the server has dropped is mended when the page is opened', async () => {
  const { page } = await somebody();
  await choose(page, 'sender_and_text');
  const first = await pretended(page);
  await page.evaluate(() => localStorage.removeItem('pretended'));
  await page.reload();
  await eventually('a new subscription', async () => {
    const now = await state(page);
    return now?.endpoint !== first && now?.endpoint === (await pretended(page));
  });
  await page.evaluate(async () => {
    const { access_token } = JSON.parse(localStorage.getItem('confab.session'));
    await fetch('/api/v1/push/subscription', { method: 'DELETE', headers: { Authorization: `Bearer ${access_token}` } });
  });
  await page.reload();
  await eventually('it is told again', async () => (await state(page))?.content === 'sender_and_text');
  assert.equal((await state(page)).endpoint, await pretended(page));
});

test('a push service that is not there is told of', async () => {
  const { page } = await somebody();
  await page.evaluate(() => void (window.outOfReach = true));
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByLabel('When the page is closed').selectOption('sender');
  await page.getByRole('alert').getByText('was not reached').waitFor();
  assert.equal(await page.getByLabel('When the page is closed').inputValue(), 'off');
});

/** Hands the worker a push, as the browser does. */
async function pusher(context, page) {
  const client = await context.newCDPSession(page);
  const versions = new Promise((resolve) => {
    client.on('ServiceWorker.workerVersionUpdated', ({ versions: [version] }) => {
      if (version?.status === 'activated') resolve(version);
    });
  });
  await client.send('ServiceWorker.enable');
  const { registrationId, scriptURL } = await versions;
  const worker = context.serviceWorkers()[0];
  const handled = () =>
    worker.evaluate(() => {
      if (self.handled === undefined) {
        self.handled = 0;
        const { waitUntil } = ExtendableEvent.prototype;
        ExtendableEvent.prototype.waitUntil = function (work) {
          waitUntil.call(this, Promise.resolve(work).finally(() => (self.handled += 1)));
        };
      }
      return self.handled;
    });
  // Until the worker has done: who asks Chromium for what is shown while it is being shown makes it forget that.
  const push = async (told) => {
    const before = await handled();
    const message = { origin: new URL(scriptURL).origin, registrationId, data: JSON.stringify(told) };
    await client.send('ServiceWorker.deliverPushMessage', message);
    await eventually('the worker has done', async () => (await handled()) > before);
  };
  return { push, scriptURL };
}

const shown = (page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const notifications = await registration.getNotifications();
    return notifications.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
  });

/** Has somebody look at a page or away from it, and waits until its worker can know. */
async function attend(page, looking) {
  await look(page, looking);
  const isKnown = async (wanted) => {
    const { held } = await navigator.locks.query();
    return held.some(({ name }) => name === 'confab.attention') === wanted;
  };
  await until(page, isKnown, looking);
}

test('the worker tells whoever does not look, in their language, and opens the chat', async () => {
  const { ada, grace, chat, context, page } = await somebody();
  await page.evaluate(() => localStorage.setItem('confab.language', 'ru'));
  await page.reload();
  await page.getByRole('button', { name: 'Настройки', exact: true }).click();
  await page.getByLabel('Когда страница закрыта').selectOption('sender');
  await page.locator('select:disabled').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  const { push, scriptURL } = await pusher(context, page);
  assert.equal(new URL(scriptURL).search, '?lang=ru');
  await attend(page, false);
  const { seq } = await grace.say(chat, 'one');
  await push({ chat, seq, sender: grace.name });
  const first = { title: grace.name, tag: `confab-${chat}`, data: { chat, seq } };
  await eventually('it is shown', async () => (await shown(page)).length === 1);
  assert.deepEqual(await shown(page), [{ ...first, body: 'Новое сообщение' }]);
  await push({ chat, seq, sender: grace.name, text: '<b>one</b>' });
  await eventually('the later one takes its place', async () => (await shown(page))[0]?.body === '<b>one</b>');
  assert.equal((await shown(page)).length, 1);

  const [worker] = context.serviceWorkers();
  await worker.evaluate(async () => {
    const [notification] = await self.registration.getNotifications();
    // A test's click is no gesture, so the window is only asked to come to the front.
    WindowClient.prototype.focus = async () => null;
    self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
  });
  await attend(page, true);
  await message(page, 'one').waitFor();
  await eventually('it is closed', async () => (await shown(page)).length === 0);

  // What is read elsewhere needs no telling any more.
  await attend(page, false);
  const { seq: second } = await grace.say(chat, 'two');
  await push({ chat, seq: second, sender: grace.name });
  await eventually('it is shown', async () => (await shown(page)).length === 1);
  await ada.read(chat, second);
  await eventually('it is closed', async () => (await shown(page)).length === 0);

  // What is told while the page looks for what to close stays.
  const { seq: third } = await grace.say(chat, 'three');
  await page.evaluate(() => {
    const { getNotifications } = ServiceWorkerRegistration.prototype;
    ServiceWorkerRegistration.prototype.getNotifications = async function (filter) {
      ServiceWorkerRegistration.prototype.getNotifications = getNotifications;
      await new Promise((resolve) => (window.goOn = resolve));
      const found = await getNotifications.call(this, filter);
      window.looked = true;
      return found;
    };
  });
  await ada.read(chat, third);
  await until(page, () => window.goOn);
  const { seq: fourth } = await grace.say(chat, 'four');
  await push({ chat, seq: fourth, sender: grace.name });
  await eventually('it is shown', async () => (await shown(page)).length === 1);
  await page.evaluate(() => window.goOn());
  await until(page, () => window.looked);
  assert.equal((await shown(page))[0]?.data.seq, fourth);
});

test('who looks at the page is told there alone', async () => {
  const { grace, chat, context, page } = await somebody();
  await choose(page, 'sender');
  const { push } = await pusher(context, page);
  // Another window of the page that nobody looks at changes nothing.
  const other = await context.newPage();
  await other.goto(page.url());
  await other.locator('.chat').waitFor();
  await look(other, false);
  await attend(page, true);
  await push({ chat, seq: 1, sender: grace.name });
  assert.deepEqual(await shown(page), []);
  await attend(page, false);
  await push({ chat, seq: 2, sender: grace.name });
  assert.deepEqual((await shown(page)).map(({ data }) => data), [{ chat, seq: 2 }]);
});

test('the worker tells whoever has closed the page, whatever else of the server they look at', async () => {
  const { grace, chat, context, page } = await somebody();
  await choose(page, 'sender');
  await attend(page, true);
  const elsewhere = await context.newPage();
  await elsewhere.goto(`http://${stage.server.address}/api/docs/`);
  const { push } = await pusher(context, elsewhere);
  await page.close();
  await until(elsewhere, async () => (await navigator.locks.query()).held.length === 0);
  await push({ chat, seq: 1, sender: grace.name });
  assert.deepEqual((await shown(elsewhere)).map(({ data }) => data), [{ chat, seq: 1 }]);
});

test('the worker renews what the browser has dropped while no page is open', async () => {
  const { context, page } = await somebody();
  await choose(page, 'sender_and_text');
  const first = await state(page);
  const worker = context.serviceWorkers()[0];
  // A page of the same server that is none of the page's, to ask how things are.
  const elsewhere = await context.newPage();
  await elsewhere.goto(`http://${stage.server.address}/api/docs/`);
  await page.close();
  const drop = (name, given) =>
    worker.evaluate(
      async ({ name, given, auth }) => {
        const made = { endpoint: `http://127.0.0.1:9/${name}`, expirationTime: null, keys: { p256dh: self.p256dh, auth } };
        const subscription = { toJSON: () => made };
        PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
          if (!userVisibleOnly || applicationServerKey.length !== 87) throw new DOMException('no', 'NotAllowedError');
          return subscription;
        };
        const event = new ExtendableEvent('pushsubscriptionchange');
        self.dispatchEvent(Object.assign(event, { newSubscription: given ? subscription : null }));
      },
      { name, given, auth: btoa(name.padEnd(16)).replaceAll('=', '') },
    );
  await worker.evaluate((p256dh) => void (self.p256dh = p256dh), POINT);
  for (const [name, given] of [['second', false], ['third', true], ['fourth', false]]) {
    await drop(name, given);
    const expected = { ...first, endpoint: `http://127.0.0.1:9/${name}` };
    await eventually(`the ${name} one`, async () => (await state(elsewhere))?.endpoint === expected.endpoint);
    assert.deepEqual(await state(elsewhere), expected);
    // The next one is shown the secret of this one.
    const kept = () => worker.evaluate(async () => (await (await caches.match('confab-push')).json()).endpoint);
    await eventually('it is kept', async () => (await kept()) === expected.endpoint);
  }
});

test('the worker may do nothing but that', async () => {
  const answer = await fetch(`http://${stage.server.address}/service-worker.js?lang=ru`);
  assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.equal(answer.headers.get('cache-control'), 'no-cache');
  assert.equal(answer.headers.get('content-security-policy'), "default-src 'none'; connect-src 'self'");
});
