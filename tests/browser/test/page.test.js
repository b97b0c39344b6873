import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage } from '../support/stage.js';

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
  assert.deepEqual(wire.requests.slice(first), ['GET /']);
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
