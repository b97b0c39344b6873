import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage, message, openChat, write } from '../support/stage.js';

const stage = Stage.set();

/** Opens what may be done about a member of the open chat. */
async function openMember(page, name) {
  await page.getByRole('button', { name: 'About this chat', exact: true }).click();
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menu').waitFor();
}

async function choose(page, item) {
  await page.getByRole('menuitem', { name: item, exact: true }).click();
  await page.keyboard.press('Escape');
}

test('an admin silences a member, who reads and is told why there is nowhere to write', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const group = await ada.group('Class', grace);
  await grace.say(group, 'Before');
  const [hers, his] = [await stage.pageOf(ada), await stage.pageOf(grace)];
  await openChat(hers, 'Class');
  await openChat(his, 'Class');
  const composer = his.getByLabel('Message', { exact: true });
  await composer.waitFor();
  await openMember(hers, grace.name);
  const items = await hers.getByRole('menuitem').allTextContents();
  assert.deepEqual(items.filter((item) => item.startsWith('Silence')), ['Silence for an hour', 'Silence for a day', 'Silence until lifted']);
  await choose(hers, 'Silence until lifted');
  await his.getByText('You are silenced here: you can read, and not write.').waitFor();
  await composer.waitFor({ state: 'hidden' });
  await write(hers, 'Quiet, please');
  await message(his, 'Quiet, please').waitFor();

  // It is there after a reload, and in the menu of whoever may lift it.
  await his.reload();
  await his.getByText('You are silenced here').waitFor();
  await openMember(hers, grace.name);
  assert.equal(await hers.getByRole('menuitem', { name: 'Silence for an hour' }).count(), 0);
  await choose(hers, 'Lift the silence');
  await composer.waitFor();
  await write(his, 'Sorry');
  await message(hers, 'Sorry').waitFor();
});

test('a silence says until when and what for, and ends on the page by itself', async () => {
  const [ada, grace] = [await stage.person('Ada'), await stage.person('Grace')];
  const group = await ada.group('Class', grace);
  const his = await stage.pageOf(grace);
  await openChat(his, 'Class');
  const composer = his.getByLabel('Message', { exact: true });
  await composer.waitFor();
  const until = new Date(Date.now() + 3_000).toISOString();
  await ada.call('PUT', `/chats/${group}/silences/${grace.id}`, { until, reason: 'Shouting' });
  await his.getByText(/You are silenced here until .*Reason: Shouting/).waitFor();
  await composer.waitFor({ state: 'hidden' });
  await composer.waitFor();
  await write(his, 'May I?');
  await message(his, 'May I?').waitFor();
});

test('a menu that was asked for opens although the list of members was filled anew meanwhile', async () => {
  const [ada, grace, lin] = [await stage.person('Ada'), await stage.person('Grace'), await stage.person('Lin')];
  const group = await ada.group('Class', grace);
  const page = await stage.pageOf(ada);
  await openChat(page, 'Class');
  await page.getByRole('button', { name: 'About this chat', exact: true }).click();
  let goOn;
  const held = new Promise((resolve) => { goOn = resolve; });
  const asked = page.waitForRequest(/\/changes/);
  await page.route(/\/changes/, async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('button', { name: `Actions for ${grace.name}`, exact: true }).click();
  await asked;
  await ada.call('PUT', `/chats/${group}/members/${lin.id}`, { role: 'member' });
  await page.getByRole('button', { name: `Actions for ${lin.name}`, exact: true }).waitFor();
  goOn();
  await page.getByRole('menuitem', { name: 'Silence for an hour', exact: true }).waitFor();
});
