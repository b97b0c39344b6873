import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, message, openChat, until } from '../support/stage.js';

const stage = Stage.set();

test('the page is small, and kept by the browser', async () => {
  const wire = await stage.wire();
  const context = await stage.context();
  const page = await context.newPage();
  await page.goto(`http://${wire.address}/`);
  await page.getByRole('heading', { name: 'Welcome back', exact: true }).waitFor();
  assert.ok(wire.received < 150_000, `${wire.received} bytes`);
  const first = wire.requests.length;
  await page.reload();
  await page.getByRole('heading', { name: 'Welcome back', exact: true }).waitFor();
  assert.deepEqual(wire.requests.slice(first), ['GET /', 'GET /api/v1/auth/ways']);
});

test('files say what they are and whether they changed', async () => {
  const at = (path) => `http://${stage.server.address}${path}`;
  const page = await fetch(at('/'));
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  const client = await fetch(at('/confab.js'));
  assert.equal(client.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.equal(client.headers.get('content-encoding'), 'gzip');
  assert.equal(client.headers.get('x-content-type-options'), 'nosniff');
  const etag = client.headers.get('etag');
  const again = await fetch(at('/confab.js'), { headers: { 'If-None-Match': etag } });
  assert.equal(again.status, 304);
  assert.equal(await again.text(), '');
  const plain = await fetch(at('/confab.js'), { headers: { 'Accept-Encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(await plain.text(), await client.text());
  const head = await fetch(at('/confab.js'), { method: 'HEAD' });
  assert.equal(head.status, 200);
  const kept = /"(v-[0-9a-f]+)\/app\/main\.js"/.exec(await page.text())[1];
  assert.match((await fetch(at(`/${kept}/confab.js`))).headers.get('cache-control'), /immutable/);
  assert.equal((await fetch(at('/v-0123/confab.js'))).headers.get('cache-control'), 'no-cache');
  for (const path of ['/nothing.js', `/${kept}/nothing.js`, `/${kept}/`, '/app/../secret.key']) {
    assert.equal((await fetch(at(path))).status, 404, path);
  }
});

/** Width, height, and whether it may be seen through, as a PNG says of itself. */
function measure(png) {
  assert.equal(png.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  return [png.readUInt32BE(16), png.readUInt32BE(20), png.includes('tRNS')];
}

test('a phone can install the page: its manifest is there, and the icons are what it says', async () => {
  const at = (path) => new URL(path, `http://${stage.server.address}/`);
  const get = async (path, type) => {
    const answer = await fetch(at(path));
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, type], path);
    return Buffer.from(await answer.arrayBuffer());
  };
  const index = await (await fetch(at('/'))).text();
  const [, linked] = /<link rel="manifest" href="([^"]+)">/.exec(index);
  const manifest = JSON.parse(await get(linked, 'application/manifest+json'));
  assert.deepEqual(await get('/manifest.webmanifest', 'application/manifest+json'), await get(linked, 'application/manifest+json'));
  const { name, start_url, scope, display } = manifest;
  assert.deepEqual({ name, start_url, scope, display }, { name: 'Confab', start_url: '../', scope: '../', display: 'standalone' });
  const pictures = manifest.icons.filter(({ type }) => type === 'image/png');
  assert.deepEqual(pictures.map(({ sizes, purpose }) => `${sizes} ${purpose}`), ['192x192 any', '512x512 any', '512x512 maskable']);
  for (const { src, sizes, purpose } of pictures) {
    const [width, height, through] = measure(await get(`/${src}`, 'image/png'));
    assert.equal(`${width}x${height}`, sizes, src);
    assert.equal(through, purpose === 'any', 'a system cuts its own shape out of a maskable one');
  }
  const [, touch] = /<link rel="apple-touch-icon" href="([^"]+)">/.exec(index);
  assert.deepEqual(measure(await get(touch, 'image/png')), [180, 180, false]);
});

test('the browser takes the manifest, and finds nothing wrong with it', async () => {
  const context = await stage.context();
  const page = await context.newPage();
  await page.goto(`http://${stage.server.address}/`);
  const client = await context.newCDPSession(page);
  const { url, errors, data } = await client.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.match(new URL(url).pathname, /^\/v-[0-9a-f]+\/manifest\.webmanifest$/);
  assert.equal(JSON.parse(data).icons.length, 4);
  const { installabilityErrors } = await client.send('Page.getInstallabilityErrors');
  // A window that keeps nothing installs nothing, which is no fault of the page.
  assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
});

test('the client module works in a page of its own', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const page = await (await stage.context()).newPage();
  await page.goto(`http://${stage.server.address}/icon.svg`);
  const text = await page.evaluate(
    async ({ name, password, id }) => {
      const { Confab, Problem } = await import('/confab.js');
      const confab = new Confab();
      const refused = await confab.session.logIn(name, 'not it').catch((error) => error);
      if (!(refused instanceof Problem) || refused.code !== 'wrong_credentials') throw refused;
      await confab.session.logIn(name, password);
      const { live } = confab;
      const loaded = new Promise((resolve) => live.replica.on('chats', () => live.replica.loaded && resolve()));
      await loaded;
      await live.replica.open(id);
      live.send(id, 'from a module');
      return new Promise((resolve) => {
        live.replica.on('chat', () => {
          const last = live.replica.copy(id).history.last;
          if (last) resolve(last.text);
        });
      });
    },
    { name: ada.name, password: ada.password, id: chat },
  );
  assert.equal(text, 'from a module');
  assert.equal((await grace.history(chat)).length, 1);
});

test('the client module follows the settings of a chat', async () => {
  const ada = await stage.person('Ada');
  const chat = await ada.group('Engineers');
  const page = await (await stage.context()).newPage();
  await page.goto(`http://${stage.server.address}/icon.svg`);
  await page.evaluate(
    async ({ name, password }) => {
      const { Confab } = await import('/confab.js');
      const confab = new Confab();
      await confab.session.logIn(name, password);
      const { replica } = confab.live;
      window.chatOf = (id) => (replica.loaded ? replica.copy(id)?.chat : undefined);
    },
    { name: ada.name, password: ada.password },
  );
  await until(page, (id) => window.chatOf(id)?.title === 'Engineers', chat);
  const wanted = { title: 'Builders', description: 'About bridges.', slow_mode: 5 };
  await ada.call('PATCH', `/chats/${chat}`, wanted);
  await until(page, (id) => window.chatOf(id).title === 'Builders', chat);
  const { title, description, slow_mode } = await page.evaluate((id) => window.chatOf(id), chat);
  assert.deepEqual({ title, description, slow_mode }, wanted);
});

test('a chat whose messages could not be read is read again', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  await grace.say(chat, 'there all the time');
  const page = await stage.pageOf(ada);
  let lost = 0;
  await page.route(/\/messages(\?.*)?$/, (route) => (lost++ < 2 ? route.abort() : route.continue()));
  await openChat(page, grace.name);
  await message(page, 'there all the time').waitFor();
  assert.ok(lost > 2, `${lost} requests`);
});
