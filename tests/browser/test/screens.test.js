import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { png } from '../support/pictures.js';
import { scene, WRITTEN } from '../support/scene.js';
import { Stage, message, openChat } from '../support/stage.js';
import { PLACE, speaker, textsIn } from '../support/texts.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const LOCALES = { en: 'en-GB', ru: 'ru-RU' };
const stage = Stage.set();

/** What may be in Latin letters on a Russian screen beside what people wrote: names, and what is typed as it is, as secrets are. */
const LATIN = [...WRITTEN, /Confab|English|Chrome, Linux|Mozilla\/.*|\b(node|undici)\b|\b(user|admin)\b|\b(JPEG|PNG|GIF|WebP|Enter)\b/g, /\b[A-Z2-7]{4}\b/g];

/** A walk over the screens of a page, in a language. */
class Walk {
  #spoken;

  constructor(page, language, texts) {
    this.page = page;
    this.t = speaker(texts);
    this.#spoken = language;
  }

  button(key, values) {
    return this.#named('button', key, values);
  }

  item(key) {
    return this.#named('menuitem', key);
  }

  field(key) {
    return this.page.getByLabel(this.t(key), { exact: true });
  }

  async openAndChoose(button, key) {
    await button.click();
    await this.item(key).click();
  }

  async escape(times = 1) {
    for (let n = 0; n < times; n += 1) await this.page.keyboard.press('Escape');
  }

  /** Fails with what is wrong with the screen as it is now: by axe, and by its language. */
  async check(screen) {
    const { page } = this;
    if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: AXE });
    // An animation of something that leaves the page is broken off, which is an end too.
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
    const { violations } = await page.evaluate(() => window.axe.run());
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`);
    assert.deepEqual(found, [], screen);
    if (this.#spoken === 'en') return;
    const own = (await page.evaluate(said)).map((text) => LATIN.reduce((left, known) => left.replace(known, ''), text));
    assert.deepEqual(own.filter((text) => /[a-z]{2}/i.test(text)), [], `${screen} is not all in ${this.#spoken}`);
  }

  #named(role, key, values) {
    return this.page.getByRole(role, { name: this.t(key, values), exact: true });
  }
}

/** Runs in a page: everything that it says to eyes or to a screen reader. */
function said() {
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.data);
  for (const name of ['aria-label', 'aria-description', 'title', 'placeholder', 'alt']) {
    for (const element of document.querySelectorAll(`[${name}]`)) texts.push(element.getAttribute(name));
  }
  return texts;
}

async function walkIn(walk) {
  const { page, t } = walk;
  await page.goto(`http://${stage.server.address}/`);
  await page.getByRole('heading', { name: t('signIn.title'), exact: true }).waitFor();
  await walk.check('signing in');
  await walk.button('signIn.other').click();
  await walk.button('register.submit').click();
  await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
  await walk.check('registering');
}

async function walkList(walk, { grace }) {
  const { page } = walk;
  await page.locator('.chat').nth(1).waitFor();
  await walk.check('the list of chats');
  await page.getByRole('searchbox').fill(grace.name);
  await page.getByRole('button', { name: grace.name }).waitFor();
  await walk.check('finding people');
  await walk.escape();
  await page.getByRole('searchbox').fill('who comes');
  await page.locator('.hit').waitFor();
  await walk.check('found messages');
  await walk.escape();
}

async function walkDialogs(walk, { ada, grace }) {
  const { page } = walk;
  await walk.button('nav.newGroup').click();
  await page.getByRole('dialog').getByRole('button', { name: grace.name }).click();
  await page.locator('.chip').waitFor();
  await walk.check('a new group');
  await walk.escape();
  await walk.button('nav.settings').click();
  await page.locator('.sessions li').first().waitFor();
  await walk.button('factor.turnOn').waitFor();
  await walk.check('settings');
  await walk.button('factor.turnOn').click();
  await walk.field('field.password').fill(ada.password);
  await walk.check('beginning a second factor');
  await walk.button('stepUp.submit').click();
  await page.locator('.secret').waitFor();
  await walk.check('the secret of a second factor');
  await walk.escape(2);
  await walk.button('starred.title').click();
  await page.locator('.dialog .hit').waitFor();
  await walk.check('starred messages');
  await walk.escape();
  await walk.button('nav.rooms').click();
  await page.locator('.dialog .person').first().waitFor();
  await walk.check('rooms');
  await walk.escape();
}

async function walkAdministration(walk) {
  const { page, t } = walk;
  await walk.button('nav.admin').click();
  await page.locator('.accounts li').nth(2).waitFor();
  await walk.check('people to manage');
  for (const [key, screen] of [['admin.role', 'a role'], ['admin.password', 'a password'], ['admin.delete', 'deleting an account']]) {
    await walk.openAndChoose(page.locator('.accounts li', { hasText: 'Grace' }).first().getByRole('button'), key);
    await page.getByRole('dialog').nth(1).waitFor();
    await walk.check(screen);
    await walk.escape();
  }
  for (const [key, rows] of [['admin.chats', '.accounts li'], ['admin.invites', '.invite-link'], ['admin.audit', '.audit li']]) {
    await page.getByRole('tab', { name: t(key) }).click();
    await page.locator(rows).first().waitFor({ state: 'attached' });
    await walk.check(key);
  }
  await walk.escape();
}

async function walkWriting(walk) {
  const { page } = walk;
  await openChat(page, 'Engineers');
  await page.locator('.pins').waitFor();
  await walk.check('a group');
  await walk.field('compose.label').pressSequentially('@');
  await page.getByRole('option').first().waitFor();
  await walk.check('completing a name');
  await page.locator('.composer input[type=file]').setInputFiles([
    { name: 'mine.png', mimeType: 'image/png', buffer: png(20, 20) },
    { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') },
  ]);
  await page.locator('.upload.failed').waitFor();
  await page.locator('.upload.ready').waitFor();
  await walk.check('attaching files');
  for (const name of ['mine.png', 'broken.png']) await walk.button('group.remove', { name }).click();
  await walk.field('compose.label').fill('');
}

async function walkGroup(walk, { grace }) {
  const { page, t } = walk;
  await page.getByRole('button', { name: 'photo.png', exact: true }).click();
  await page.locator('.viewed img').waitFor();
  await walk.check('a picture');
  await walk.escape();
  await walk.field('compose.label').focus();
  await message(page, 'I do!').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await walk.check('the actions of a message');
  await walk.item('message.reply').click();
  await walk.check('answering');
  await walk.button('chat.info').click();
  await page.locator('.members li').nth(2).waitFor();
  await page.getByText(t('permit.title'), { exact: true }).click();
  await walk.check('about a group');
  await walk.openAndChoose(walk.button('member.actions', { name: grace.name }), 'person.title');
  await page.locator('.person-card .me').waitFor();
  await walk.check('somebody');
  await walk.escape();
  await walk.button('info.delete').click();
  await page.getByText(t('info.deleteText')).waitFor();
  await walk.check('a question');
  await walk.escape(2);
}

async function walkPlaces(walk, { grace }, narrow) {
  const { page, t } = walk;
  const back = async () => narrow && page.getByRole('link', { name: t('nav.back'), exact: true }).click();
  await back();
  await openChat(page, 'library');
  await walk.button('chat.actions').click();
  await walk.item('chat.unmute').waitFor();
  await walk.check('the actions of a chat');
  await walk.item('search.title').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('searchbox').fill('quiet');
  await dialog.locator('.hit').waitFor();
  await walk.check('searching a chat');
  await walk.escape(2);
  await walk.button('chat.info').click();
  await page.locator('.bans li').waitFor();
  await walk.check('about a room');
  await walk.openAndChoose(walk.button('member.actions', { name: grace.name }), 'ban.open');
  await walk.check('a ban');
  await walk.escape(2);
  await back();
  await page.locator('.chat.whisper').click();
  await page.locator('.note.whisper').waitFor();
  await walk.check('a whisper');
}

const WIDE = { width: 1100, height: 720 };
const NARROW = { width: 360, height: 640 };
const WALKS = [
  ['en', 'light', WIDE],
  ['en', 'light', NARROW],
  ['en', 'dark', WIDE],
  ['en', 'dark', NARROW],
  // Its texts are longer.
  ['ru', 'light', WIDE],
  ['ru', 'dark', NARROW],
];

for (const [language, theme, viewport] of WALKS) {
  test(`nothing is wrong with any screen: ${language}, ${theme}, ${viewport.width} pixels wide`, async () => {
    const people = await scene(stage);
    const texts = await textsIn(language);
    // axe is put into the page from outside, which the page's own policy forbids.
    const options = { colorScheme: theme, viewport, locale: LOCALES[language], bypassCSP: true, reducedMotion: 'reduce' };
    const context = await stage.context(options);
    const entrance = await context.newPage();
    await walkIn(new Walk(entrance, language, texts));
    await entrance.close();
    const walk = new Walk(await stage.pageOf(people.ada, { context }), language, texts);
    await walkList(walk, people);
    await walkDialogs(walk, people);
    await walkAdministration(walk);
    await walkWriting(walk);
    await walkGroup(walk, people);
    await walkPlaces(walk, people, viewport === NARROW);
  });
}

test('both languages say the same', async () => {
  const [en, ru] = [await textsIn('en'), await textsIn('ru')];
  assert.deepEqual(Object.keys(ru).sort(), Object.keys(en).sort());
  const forms = (text) => (typeof text === 'string' ? [text] : Object.values(text));
  const places = (text) => [...new Set(forms(text).flatMap((form) => form.match(PLACE) ?? []))].sort();
  for (const [key, text] of Object.entries(en)) {
    assert.deepEqual(places(ru[key]), places(text), key);
    for (const [spoken, of] of [['en', text], ['ru', ru[key]]]) {
      if (typeof of === 'string') continue;
      const needed = new Intl.PluralRules(spoken).resolvedOptions().pluralCategories;
      assert.deepEqual(Object.keys(of).sort(), [...needed].sort(), `${key} in ${spoken}`);
    }
  }
});
