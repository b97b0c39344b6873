import assert from 'node:assert/strict';
import { test } from 'node:test';
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
