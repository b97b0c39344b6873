import assert from 'node:assert/strict';
import { test } from 'node:test';
import { png } from '../support/pictures.js';
import { Stage, message, openChat, status, texts, write } from '../support/stage.js';

const stage = Stage.set();

test('the policy of the page allows no script but its own', async () => {
  const response = await fetch(`http://${stage.server.address}/`);
  const policy = response.headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self';/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.doesNotMatch(await response.text(), /<script>|<style|style=|onclick=/);
});

test('texts and names that mean harm do none', async () => {
  const ada = await stage.person('Ada');
  const evil = await stage.person('<img src=x onerror="window.harmed=1">');
  const group = await evil.group('<script>window.harmed=1</script>', ada);
  const zalgo = `z${'\u0300\u0301\u0302\u0303'.repeat(200)}`;
  const said = [
    '<img src=x onerror="window.harmed=1">',
    '<script>window.harmed=1</script>',
    'javascript:window.harmed=1',
    '{name} ${window.harmed=1} &lt;b&gt;',
    '\u202Eright to left \u2066and isolated',
    zalgo,
    'ﷺ'.repeat(100),
    'x'.repeat(8_192),
    'many\nlines\n\n\n\nof text',
  ];
  for (const text of said) await evil.say(group, text);
  const page = await stage.pageOf(ada, { viewport: { width: 720, height: 900 } });
  await openChat(page, '<script>');
  await message(page, 'many').waitFor();
  assert.deepEqual(await texts(page), said);
  assert.equal(await page.evaluate(() => window.harmed), undefined);
  assert.equal(await page.locator('.log .text > *, .log .author > *, .log script').count(), 0);
  // Nothing of it covers its neighbours or makes the page wider.
  const { width, inner } = await page.evaluate(() => ({ width: document.documentElement.scrollWidth, inner: innerWidth }));
  assert.ok(width <= inner);
  for (const bubble of await page.locator('.bubble').all()) {
    assert.equal(await bubble.evaluate((element) => getComputedStyle(element).overflow), 'hidden');
  }
  await write(page, 'The author of what follows is not turned around');
  await status(page, 'The author of', 'sent');
});

test('names of files, profiles, pins and hits that mean harm do none', async () => {
  const ada = await stage.admin('Ada');
  const evil = await stage.person('<img src=x onerror="window.harmed=1">');
  const harm = '<img src=x onerror="window.harmed=1"> needle \u202Egnp.exe';
  await evil.call('PATCH', '/users/me', { first_name: '<b>', last_name: '<script>window.harmed=1</script>', bio: harm });
  const group = await evil.group('<svg onload="window.harmed=1">', ada);
  const attachments = [await evil.upload('<img src=x onerror=alert(1)>.html', 'text/html', harm), await evil.upload('"><svg onload=alert(1)>.png', 'image/png', png(9, 9))];
  const said = await evil.say(group, `${harm} @${ada.name}`, { attachments });
  await evil.call('PUT', `/chats/${group}/pins/${said.id}`);
  await ada.call('PUT', `/messages/${said.id}/star`);
  const page = await stage.pageOf(ada);
  await openChat(page, '<svg');
  await page.locator('.pins', { hasText: 'needle' }).waitFor();
  await page.locator('a.file[href]', { hasText: '.html' }).waitFor();
  await page.locator('.author').click();
  await page.locator('.person-card .bio', { hasText: 'needle' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.finder input').fill('needle');
  await page.locator('.hit', { hasText: 'needle' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Starred messages', exact: true }).click();
  await page.locator('.dialog .hit', { hasText: 'needle' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Administration', exact: true }).click();
  await page.locator('.accounts li', { hasText: 'onerror' }).first().waitFor();
  assert.equal(await page.locator('script:not([src]), svg[onload], [onerror], .hit img, .bio *').count(), 0);
  assert.equal(await page.evaluate(() => window.harmed), undefined);
});

test('a link is a link, opens elsewhere, and tells nothing', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await grace.direct(ada);
  await grace.say(chat, 'See (https://example.org/a_b?c=1). Or http://example.org/x, or javascript:alert(1)');
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  const links = await page.locator('.text a').evaluateAll((all) => all.map(({ href, rel, target }) => ({ href, rel, target })));
  assert.deepEqual(links, [
    { href: 'https://example.org/a_b?c=1', rel: 'noopener noreferrer nofollow', target: '_blank' },
    { href: 'http://example.org/x', rel: 'noopener noreferrer nofollow', target: '_blank' },
  ]);
});

const ADDRESSES = [
  ['https://en.wikipedia.org/wiki/Rust_(programming_language)', 'https://en.wikipedia.org/wiki/Rust_(programming_language)'],
  ['(see https://example.org/a_(b)).', 'https://example.org/a_(b)'],
  ['[https://example.org/[1]]', 'https://example.org/[1]'],
  ['“https://example.org/quote”, she said', 'https://example.org/quote'],
  ['‘https://example.org/it’s’', 'https://example.org/it’s'],
  ['«https://example.org/guillemets»', 'https://example.org/guillemets'],
  ['wait https://example.org/dots…', 'https://example.org/dots'],
  ['“https://example.org/引号”然后', 'https://example.org/引号'],
  ['看https://example.org/逗号，然后', 'https://example.org/逗号'],
  ['（https://example.org/括号）', 'https://example.org/括号'],
  ['「https://example.org/ジョン・レノン」を', 'https://example.org/ジョン・レノン'],
  ['https://example.org/句。', 'https://example.org/句'],
  ['https://example.org/顿、https://example.org/号；', 'https://example.org/顿', 'https://example.org/号'],
  ['https://example.org/冒：号', 'https://example.org/冒'],
  ['انظر https://example.org/سؤال؟', 'https://example.org/سؤال'],
  ['देखो https://example.org/वाक्य।', 'https://example.org/वाक्य'],
  ['https://example.org/?a=1&b=-/!', 'https://example.org/?a=1&b=-/'],
  ['https://... and http://'],
];

test('an address ends where it ends in any script, and keeps the brackets that belong to it', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await grace.direct(ada);
  for (const [text] of ADDRESSES) await grace.say(chat, text);
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  const rows = page.locator('.message .text');
  const found = await rows.evaluateAll((all) => all.map((row) => [row.textContent, ...[...row.querySelectorAll('a')].map((link) => link.getAttribute('href'))]));
  assert.deepEqual(found, ADDRESSES);
});

test('8,192 characters can be sent, and one more cannot', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const chat = await ada.direct(grace);
  const page = await stage.pageOf(ada);
  await openChat(page, grace.name);
  const field = page.getByLabel('Message', { exact: true });
  await write(page, '👍'.repeat(8_193));
  await page.getByText('1 character too many').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.equal(await page.locator('.message').count(), 0);
  await write(page, '👍'.repeat(8_192));
  await status(page, '👍', 'sent');
  assert.equal([...(await ada.history(chat))[0].text].length, 8_192);
});
