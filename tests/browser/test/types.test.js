import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { TYPES, apiDocument, typeNamed, typesOf } from '../support/api-types.js';

const document = apiDocument();
/** The folder of the client. */
const PAGE = new URL('.', TYPES);
const CLIENTS = ['api.js', 'account-api.js', 'admin-api.js'];

test("the page's types are those of the server's document", async () => {
  const kept = await readFile(TYPES, 'utf8');
  assert.equal(kept, typesOf(document), 'confab/types.js is not what the server describes: run `just page-types` and commit it');
});

test('a schema that cannot be said as a type is refused', () => {
  const of = (schema) => () => typesOf({ components: { schemas: { Odd: schema } } });
  assert.throws(of({ type: 'object', properties: { one: { type: 'date' } } }), /no type for {"type":"date"}/);
  assert.throws(of({ anyOf: [{ type: 'string' }] }), /no type for/);
});

/** The name of what an operation answers with; `null` for nothing, `undefined` if there is no such operation. */
function answerOf(method, path) {
  const operation = document.paths[`/api/v1${path}`]?.[method.toLowerCase()];
  if (!operation) return undefined;
  const [, answer] = Object.entries(operation.responses).find(([status]) => status.startsWith('2'));
  const { $ref } = answer.content?.['application/json']?.schema ?? {};
  return $ref ? typeNamed($ref.split('/').at(-1)) : null;
}

/** A path as the document has it, with parameters in the place of what is filled in here. */
function documented(path) {
  const plain = path.replace(/\$\{query\(.*$/, '').replace(/\$\{[^}]*\}/g, '{}');
  return Object.keys(document.paths).map((one) => one.replace('/api/v1', '')).find((one) => one.replace(/\{\w+\}/g, '{}') === plain) ?? plain;
}

/** The calls in a source: their methods, the path, the type that is declared to come of them, and whether of it the items alone. */
function callsIn(source) {
  const calls = [];
  let declared = '';
  for (const line of source.split('\n')) {
    declared = /@returns \{Promise<(.*)>\}/.exec(line)?.[1].replace(/import\('[^']*'\)\./g, '') ?? declared;
    const [, verb, , path] = /\.call\(([^,]+), (['`])(.*?)\2[,)]/.exec(line) ?? [];
    if (!verb) continue;
    const methods = verb.match(/(?<=')[A-Z]+(?=')/g);
    calls.push({ methods, path: documented(path), declared, items: /const page =|\)\.items/.test(line) });
  }
  return calls;
}

for (const client of CLIENTS) {
  test(`each method of confab/${client} calls what the document describes, and returns what that answers`, async () => {
    const source = await readFile(new URL(client, PAGE), 'utf8');
    const calls = callsIn(source);
    assert.equal(calls.length, source.match(/\.call\(/g).length, 'every call was read');
    for (const { methods, path, declared, items } of calls) {
      for (const method of methods) {
        const answer = answerOf(method, path);
        assert.notEqual(answer, undefined, `${method} ${path} is not described`);
        assert.equal(declared, items ? answer.replace(/^List<(.*)>$/, '$1[]') : String(answer), `${method} ${path}`);
      }
    }
  });
}

test('signing in calls what the document describes', async () => {
  const source = await readFile(new URL('session.js', PAGE), 'utf8');
  const asked = [...source.matchAll(/request\('([A-Z]+)', '([^']+)'/g)].map(([, method, path]) => [path, answerOf(method, path)]);
  const signedIn = ['/auth/register', '/set-up', '/auth/login', '/auth/exchange', '/auth/refresh'];
  assert.deepEqual(Object.fromEntries(asked), { ...Object.fromEntries(signedIn.map((path) => [path, 'SignedIn'])), '/auth/logout': null, '/auth/ways': 'SignInWays' });
});

test('the pushes that have types are those of docs/api/socket.md', async () => {
  const page = await readFile(new URL('../../../docs/api/socket.md', import.meta.url), 'utf8');
  const [, table] = page.split('## Pushes\n');
  const rows = table.split('\n## ')[0].split('\n').filter((line) => line.startsWith('| `'));
  const told = rows.flatMap((row) => [...row.split('|')[1].matchAll(/`([a-z._]+)`/g)].map(([, type]) => type));
  const frames = await readFile(new URL('frames.js', PAGE), 'utf8');
  const typed = [...frames.matchAll(/\{type: ([^,]+),/g)].flatMap(([, types]) => types.replaceAll("'", '').split(' | '));
  assert.deepEqual([...new Set(typed)].sort(), told.sort());
});
