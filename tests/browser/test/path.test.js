import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { PathProxy } from '../support/path-proxy.js';
import { png } from '../support/pictures.js';
import { Stage, delivered, openChat, signIn, until, write } from '../support/stage.js';

const stage = Stage.set();
const PATH = '/chat';

test('the page works under a path of somebody else\'s host', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const attachment = await grace.upload('photo.png', 'image/png', png(64, 40));
  await grace.say(chat, 'look', { attachments: [attachment] });

  const proxy = await PathProxy.start(PATH);
  after(() => proxy.stop());
  proxy.server = stage.server.address;
  const { home } = proxy;
  const page = await (await stage.context()).newPage();
  await page.goto(home);
  await signIn(page, ada);
  await openChat(page, grace.name);
  await until(page, () => document.querySelector('.log .picture img')?.naturalWidth > 0);
  await until(page, () => document.querySelector('.chat .avatar img')?.naturalWidth > 0);
  await write(page, 'from under a path');
  await delivered(page, 'from under a path');
  assert.deepEqual((await grace.history(chat)).map(({ text }) => text), ['look', 'from under a path']);

  // The session and the address of the chat are there after a reload, and the worker keeps to the path.
  await page.reload();
  await page.locator('.message', { hasText: 'from under a path' }).waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('confab.session')), null, 'the host\'s root is somebody else\'s');
  const worker = await page.evaluate(async () => {
    const { startPush } = await import(new URL('app/settings/push.js', document.baseURI).href);
    const account = { push: () => Promise.reject(new Error('the worker is there, and that is all')) };
    await startPush({ api: { account } }, 'nothing').catch(() => {});
    return (await navigator.serviceWorker.getRegistration()).scope;
  });
  assert.equal(worker, home);

  const client = await page.context().newCDPSession(page);
  const { errors, data } = await client.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { url } = await client.send('Page.getAppManifest');
  const { start_url, scope, icons } = JSON.parse(data);
  assert.deepEqual([start_url, scope].map((path) => new URL(path, url).href), [home, home]);
  for (const { src } of icons) assert.equal((await fetch(new URL(src, url))).status, 200, src);
  assert.deepEqual(proxy.strayed, []);
});
