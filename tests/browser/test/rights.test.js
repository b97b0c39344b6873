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
  'add people': rights.mayAdd,
  'remove a member': (chat) => rights.mayRemove(chat, 'member'),
  'remove an admin': (chat) => rights.mayRemove(chat, 'admin'),
  'remove the owner': (chat) => rights.mayRemove(chat, 'owner'),
  'ban a member or a stranger': (chat) => rights.mayRemove(chat, 'member'),
  'ban an admin': (chat) => rights.mayRemove(chat, 'admin'),
  'change roles, hand over': rights.maySetRoles,
  leave: rights.mayLeave,
  'delete the chat': rights.mayDelete,
};

const lines = (await readFile(new URL('docs/roles.md', ROOT), 'utf8')).split('\n').filter((line) => line.startsWith('|'));
const [columns, , ...rows] = lines.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));

test('the page knows every row of the table of roles', () => {
  assert.deepEqual(rows.map(([name]) => name), Object.keys(ROWS));
});

for (const [name, ...cells] of rows.filter(([row]) => ROWS[row])) {
  test(`the page lets the same people ${name} as the server`, () => {
    const decided = columns.slice(1).map((column) => {
      // Between two people everybody is a member.
      const [kind, role = 'member'] = column.split(' ');
      return ROWS[name]({ kind, role }) ? 'yes' : '';
    });
    assert.deepEqual(decided, cells);
  });
}
