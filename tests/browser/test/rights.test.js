import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const ROOT = new URL('../../../', import.meta.url);
const source = await readFile(new URL('crates/web-client/page/app/rights.js', ROOT), 'utf8');
const rights = await import(`data:text/javascript,${encodeURIComponent(source)}`);

/** The rows of docs/roles.md, each as the page decides it; `null` for what it does not offer, or offers to everybody. */
const ROWS = {
  'read, send, react, mark as read, type': null,
  'whisper to another member': rights.mayWhisper,
  "edit one's own message": null,
  "edit another's message": null,
  "delete one's own message": (chat) => rights.mayDeleteMessage(chat, true),
  "delete another's message": (chat) => rights.mayDeleteMessage(chat, false),
  "see what one's own message said before": (chat) => rights.mayDeleteMessage(chat, true),
  "see what another's said before": (chat) => rights.mayDeleteMessage(chat, false),
  'pin a message': rights.mayPin,
  'change the title': rights.mayRename,
  'say what the chat is about': null,
  'set slow mode': rights.maySetSlowMode,
  'set permissions': rights.maySetPermissions,
  'add people': rights.mayAdd,
  'remove a member': (chat) => rights.mayRemove(chat, 'member'),
  'remove an admin': (chat) => rights.mayRemove(chat, 'admin'),
  'remove the owner': (chat) => rights.mayRemove(chat, 'owner'),
  'ban a member or a stranger': (chat) => rights.mayRemove(chat, 'member'),
  'ban an admin': (chat) => rights.mayRemove(chat, 'admin'),
  'silence a member': (chat) => rights.maySilence(chat, 'member'),
  'silence an admin': (chat) => rights.maySilence(chat, 'admin'),
  'change roles, hand over': rights.maySetRoles,
  leave: rights.mayLeave,
  'delete the chat': rights.mayDelete,
};

/** What a chat usually permits. */
const USUAL = { posting: 'everyone', reacting: 'everyone', leaving: 'everyone', inviting: 'admins', whispering: 'everyone' };

/** The rows of the second table: what the page decides, and what the chat permits then. */
const RESTRICTED = {
  'send, `posting` is `admins`': [rights.mayWrite, { posting: 'admins' }],
  "edit one's own message, `posting` is `admins`": [rights.mayWrite, { posting: 'admins' }],
  "delete one's own message, `posting` is `admins`": [(chat) => rights.mayDeleteMessage(chat, true), { posting: 'admins' }],
  'pin a message, `posting` is `admins`': [rights.mayPin, { posting: 'admins' }],
  'react, `posting` is `admins`': [rights.mayReact, { posting: 'admins' }],
  'react, and `reacting` is `writers`': [rights.mayReact, { posting: 'admins', reacting: 'writers' }],
  'leave, `leaving` is `admins`': [rights.mayLeave, { leaving: 'admins' }],
  'add people, `inviting` is `everyone`': [rights.mayAdd, { inviting: 'everyone' }],
  'whisper to another member, `whispering` is `nobody`': [rights.mayWhisper, { whispering: 'nobody' }],
};

const page = await readFile(new URL('docs/roles.md', ROOT), 'utf8');
const tables = page.match(/(^\|.*\n)+/gm).map((table) => table.trim().split('\n').map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())));
const [[columns, , ...rows], [many, , ...restricted]] = tables;

/** @param {string} column What it decides, of whoever stands as the column says. */
const decided = (may, permissions) => (column) => {
  // Between two people everybody is a member, and there are no permissions.
  const [kind, role] = column.split(' ');
  return may({ kind, role: role ?? 'member', permissions: role ? { ...USUAL, ...permissions } : null }) ? 'yes' : '';
};

test('the page knows every row of the tables of roles', () => {
  assert.equal(tables.length, 2);
  assert.deepEqual(rows.map(([name]) => name), Object.keys(ROWS));
  assert.deepEqual(restricted.map(([name]) => name), Object.keys(RESTRICTED));
});

for (const [name, ...cells] of rows.filter(([row]) => ROWS[row])) {
  test(`the page lets the same people ${name} as the server`, () => {
    assert.deepEqual(columns.slice(1).map(decided(ROWS[name], {})), cells);
  });
}

for (const [name, ...cells] of restricted) {
  test(`the page lets the same people ${name}, as the server`, () => {
    const [may, permissions] = RESTRICTED[name];
    assert.deepEqual(many.slice(1).map(decided(may, permissions)), cells);
  });
}

test('in whispers one writes while people whisper in the chat around them', () => {
  const [whispers, direct] = ['whisper', 'direct'].map((kind) => ({ kind, role: 'member', permissions: null }));
  const around = (whispering) => ({ kind: 'group', role: 'member', permissions: { ...USUAL, whispering } });
  assert.ok(rights.mayWrite(direct) && rights.mayReact(direct) && rights.mayWrite(whispers));
  assert.ok(rights.mayWrite(whispers, around('everyone')));
  assert.ok(!rights.mayWrite(whispers, around('nobody')) && !rights.mayReact(whispers, around('nobody')));
});

test('whoever is silenced is offered nothing that says something', () => {
  const offered = (silence, role = 'admin') => {
    const chat = { kind: 'group', role, permissions: USUAL, silence };
    return [rights.mayWrite(chat), rights.mayReact(chat), rights.mayWhisper(chat), rights.mayPin(chat)];
  };
  const until = (milliseconds) => ({ until: new Date(Date.now() + milliseconds).toISOString() });
  for (const silence of [{ until: null }, until(60_000)]) assert.deepEqual(offered(silence), [false, false, false, false]);
  for (const silence of [null, until(-1)]) assert.deepEqual(offered(silence), [true, true, true, true]);
  assert.ok(!rights.mayWrite({ kind: 'whisper', role: 'member', permissions: null, silence: { until: null } }));
  const chat = { kind: 'project', role: 'owner', permissions: USUAL };
  assert.deepEqual(['member', 'admin', 'owner'].map((role) => rights.maySilence(chat, role)), [true, true, false]);
});
