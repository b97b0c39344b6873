import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { png } from '../support/pictures.js';
import { Stage, act, agree, delivered, eventually, message, openChat, status, until, write } from '../support/stage.js';

const stage = Stage.set();

async function two(options) {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const page = await stage.pageOf(ada, options);
  await openChat(page, grace.name);
  return { ada, grace, chat, page };
}

const picker = (page) => page.locator('.composer input[type=file]');
const ready = (page, n = 1) => eventually('the uploads', async () => (await page.locator('.upload.ready').count()) === n);
const photo = { name: 'photo.png', mimeType: 'image/png', buffer: png(640, 400) };

/** Waits until every picture of the chat is there. */
function loaded(page, count) {
  return until(page, (wanted) => {
    const pictures = [...document.querySelectorAll('.log .picture img')];
    return pictures.length === wanted && pictures.every((one) => one.complete && one.naturalWidth > 0);
  }, count);
}

/** Gives files to an element of the page as a browser does. */
async function hand(page, selector, kinds, files) {
  const told = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: buffer.toString('base64') }));
  await page.evaluate(({ selector, kinds, told }) => {
    const data = new DataTransfer();
    for (const { name, mimeType, bytes } of told) {
      data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: mimeType }));
    }
    for (const kind of kinds) {
      const options = { bubbles: true, cancelable: true };
      const event = kind === 'paste' ? new ClipboardEvent(kind, { ...options, clipboardData: data }) : new DragEvent(kind, { ...options, dataTransfer: data });
      document.querySelector(selector).dispatchEvent(event);
    }
  }, { selector, kinds, told });
}

test('pictures are picked, seen before they are sent, and shown to both', async () => {
  const { ada, grace, chat, page } = await two();
  const his = await stage.pageOf(grace);
  await openChat(his, ada.name);
  await picker(page).setInputFiles([photo, { ...photo, name: 'other.png', buffer: png(300, 300, [0, 90, 200]) }]);
  await ready(page, 2);
  await until(page, () => [...document.querySelectorAll('.tray img')].every((one) => one.naturalWidth > 0));
  await page.getByRole('button', { name: 'Remove other.png', exact: true }).click();
  await ready(page);
  await write(page, 'Look at this');
  await delivered(page, 'Look at this');
  assert.equal(await page.locator('.tray').isVisible(), false);
  for (const one of [page, his]) await loaded(one, 1);
  const [{ attachments }] = await ada.history(chat);
  assert.deepEqual(attachments.map(({ kind, name, width, height }) => ({ kind, name, width, height })), [{ kind: 'image', name: 'photo.png', width: 640, height: 400 }]);

  await his.getByRole('button', { name: 'photo.png', exact: true }).click();
  await until(his, () => document.querySelector('.viewed img').naturalWidth === 640);
  await his.keyboard.press('Escape');
  await page.reload();
  await loaded(page, 1);
});

test('pictures are pasted and dropped, and need no text', async () => {
  const { ada, grace, chat, page } = await two();
  await hand(page, '.composer textarea', ['paste'], [{ ...photo, name: 'pasted.png' }]);
  await ready(page);
  await hand(page, '.log', ['dragenter', 'dragover'], [photo]);
  await page.locator('.conversation[data-drop]').waitFor();
  await hand(page, '.log', ['drop'], [{ ...photo, name: 'dropped.png' }]);
  await page.locator('.conversation[data-drop]').waitFor({ state: 'detached' });
  await ready(page, 2);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await loaded(page, 2);
  await page.getByRole('article', { name: /^You, picture pasted\.png, picture dropped\.png, / }).waitFor();
  const [{ text, attachments }] = await ada.history(chat);
  assert.deepEqual([text, attachments.map(({ name }) => name)], ['', ['pasted.png', 'dropped.png']]);
  const his = await stage.pageOf(grace);
  await his.locator('.chat', { hasText: '2 pictures' }).waitFor();
});

test('pictures reserve their space: nothing moves when they come', async () => {
  const { ada, grace, chat, page } = await two({ viewport: { width: 360, height: 640 } });
  for (const [name, width, height] of [['wide.png', 900, 200], ['high.png', 200, 900], ['small.png', 20, 10]]) {
    await picker(page).setInputFiles({ name, mimeType: 'image/png', buffer: png(width, height) });
    await ready(page);
    await write(page, `It is ${name}`);
    await delivered(page, `It is ${name}`);
  }
  await grace.say(chat, 'Nice');
  await grace.read(chat, 3);
  await ada.read(chat, 4);
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.context().route('**/api/v1/media/**', async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await message(page, 'Nice').waitFor();
  await until(page, () => [...document.querySelectorAll('.picture img')].every((one) => one.src !== ''));
  const boxes = () => page.locator('.message').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
  const before = await boxes();
  await page.evaluate(() => {
    window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (window.shift += value))).observe({ type: 'layout-shift' });
  });
  assert.equal(await page.locator('.picture img').evaluateAll((all) => all.filter((one) => one.naturalWidth > 0).length), 0);
  go();
  await loaded(page, 3);
  assert.deepEqual(await boxes(), before);
  assert.equal(await page.evaluate(() => window.shift), 0);
});

test('other files are downloaded as they were', async () => {
  const { ada, grace, page } = await two();
  const script = '<script>window.harmed=1</script>';
  await picker(page).setInputFiles({ name: 'page.html', mimeType: 'text/html', buffer: Buffer.from(script) });
  await ready(page);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const his = await stage.pageOf(grace);
  await openChat(his, ada.name);
  const [download] = await Promise.all([his.waitForEvent('download'), his.locator('.log').getByRole('link', { name: 'page.html' }).click()]);
  assert.equal(download.suggestedFilename(), 'page.html');
  assert.equal(await readFile(await download.path(), 'utf8'), script);
  assert.equal(await his.evaluate(() => window.harmed), undefined);
});

test('what cannot be uploaded says why, and keeps nothing from being sent', async () => {
  const { page } = await two();
  await picker(page).setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: photo.buffer.subarray(0, 60) });
  await page.locator('.upload.failed').getByText('The picture is damaged').waitFor();
  await write(page, 'Without it');
  assert.equal(await page.locator('.message').count(), 0);
  await page.getByRole('button', { name: 'Remove broken.png', exact: true }).click();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await status(page, 'Without it', 'sent');
  await picker(page).setInputFiles({ name: 'film.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(25 * 1024 * 1024 + 1) });
  await page.locator('.toast', { hasText: 'film.bin is too large' }).waitFor();
  await picker(page).setInputFiles(Array.from({ length: 11 }, (_, n) => ({ name: `${n}.txt`, mimeType: 'text/plain', buffer: Buffer.from(`${n}`) })));
  await page.locator('.toast', { hasText: '10 files at most' }).waitFor();
  await ready(page, 10);
});

test('a message waits for its files, over a connection that breaks', async () => {
  const wire = await stage.wire();
  const { ada, chat, page } = await two({ wire });
  wire.cut();
  await picker(page).setInputFiles(photo);
  await page.locator('.upload.failed').getByText('cannot be reached').waitFor();
  wire.mend();
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.context().route('**/api/v1/attachments', async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Try again', exact: true }).click();
  await page.locator('.upload[aria-busy]').waitFor();
  await write(page, 'With a picture');
  await page.locator('.composer[aria-busy]').waitFor();
  assert.equal(await page.locator('.message').count(), 0);
  go();
  await status(page, 'With a picture', 'sent');
  await loaded(page, 1);
  assert.equal((await ada.history(chat)).length, 1);
});

test('what is attached stays with its chat until it is sent', async () => {
  const { ada, grace, page } = await two();
  const group = await ada.group('Elsewhere', grace);
  await picker(page).setInputFiles(photo);
  await ready(page);
  await openChat(page, 'Elsewhere');
  assert.equal(await page.locator('.upload').count(), 0);
  await write(page, 'Only words');
  await status(page, 'Only words', 'sent');
  await openChat(page, grace.name);
  await ready(page);
  assert.deepEqual((await ada.history(group))[0].attachments, []);
});

test('a deleted message takes its pictures along', async () => {
  const { ada, grace, page } = await two();
  const his = await stage.pageOf(grace);
  await openChat(his, ada.name);
  await picker(page).setInputFiles(photo);
  await ready(page);
  await write(page, 'Not for long');
  await delivered(page, 'Not for long');
  await loaded(his, 1);
  await act(page, 'Not for long', 'Delete');
  await agree(page, 'Delete');
  await his.locator('.picture').waitFor({ state: 'detached' });
  await message(his, 'This message was deleted').waitFor();
});

test('somebody chooses a picture of themselves, which others see, and takes it away', async () => {
  const { ada, grace, page } = await two();
  const drawn = (where, selector) =>
    where.evaluate(async (selector) => {
      const image = document.querySelector(selector);
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    }, selector);
  const isGreen = ([red, green, blue]) => red < 40 && green > 180 && blue < 40;
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  const remove = page.getByRole('button', { name: 'Remove the picture', exact: true });
  await page.locator('.dialog input[type=file]').setInputFiles({ name: 'me.txt', mimeType: 'text/plain', buffer: Buffer.from('me') });
  await page.locator('.toast', { hasText: 'not a JPEG' }).waitFor();
  assert.equal(await remove.count(), 0, 'there is nothing to remove');
  await page.locator('.dialog input[type=file]').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: png(60, 90, [0, 220, 0]) });
  await page.locator('.toast', { hasText: 'Your picture is changed' }).waitFor();
  assert.ok(isGreen(await drawn(page, '.dialog .avatar.large img')));
  assert.ok(isGreen(await drawn(page, '.side-head .avatar img')));
  const his = await stage.pageOf(grace);
  await his.locator('.chat', { hasText: ada.name }).waitFor();
  assert.ok(isGreen(await drawn(his, '.chat .avatar img')));
  await remove.click();
  await eventually('it is gone', async () => !isGreen(await drawn(page, '.side-head .avatar img')));
  await remove.waitFor({ state: 'detached' });
});
