import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { BINARY } from './server.js';

/** The file of the page that has the types. */
export const TYPES = new URL('../../../crates/web-client/page/confab/types.js', import.meta.url);

const HEAD = `/**
 * What the REST API takes and answers. Made from the server's OpenAPI document: change that one, then run \`just page-types\`.
 * What only the socket says is in frames.js.
 */

/**
 * A page of a list.
 *
 * @template T
 * @typedef {object} List
 * @property {T[]} items What is on it.
 * @property {string | null} next What to pass as \`cursor\` for the page after it; \`null\` on the last one.
 */
`;

/** The OpenAPI document of the server. */
export function apiDocument() {
  const { error, status, stdout, stderr } = spawnSync(BINARY, ['openapi'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (error) throw error;
  if (status !== 0) throw new Error(`confab openapi: ${stderr}`);
  return JSON.parse(stdout);
}

/** The file of types, as JSDoc, since the page has no build step. What this does not know how to say, it refuses. */
export function typesOf({ components: { schemas } }) {
  const blocks = Object.entries(schemas).map(([name, schema]) => (listed(name, schema, schemas) ? '' : declared(name, schema)));
  return `${[HEAD, ...blocks.filter(Boolean)].join('\n')}\nexport {};\n`;
}

/** The name of the type of a schema, as the page says it: `List_Chat` is a `List<Chat>`. */
export function typeNamed(name) {
  return name.replace(/^List_(.*)$/, 'List<$1>');
}

/** Whether it is a list of another schema, which it repeats instead of naming it. */
function listed(name, { properties }, schemas) {
  const [, of] = /^List_(.*)$/.exec(name) ?? [];
  if (!of) return false;
  const [list, items] = [Object.keys(properties).sort(), properties.items?.items];
  if (list.join() !== 'items,next' || !isDeepStrictEqual(items, schemas[of])) throw new Error(`${name} is no list of ${of}`);
  return true;
}

function declared(name, schema) {
  const fields = schema.type === 'object' ? Object.entries(schema.properties) : [];
  const type = schema.type === 'object' ? 'object' : typeOf(schema);
  const lines = [...said(schema.description), '', `@typedef {${type}} ${name}`];
  for (const [field, of] of fields) {
    const place = schema.required?.includes(field) ? field : `[${field}]`;
    lines.push(`@property {${typeOf(of)}} ${[place, ...said(of.description ?? of.oneOf?.[0].description)].join(' ')}`);
  }
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

/** A description on one line. */
function said(text) {
  return text ? [text.replace(/\s+/g, ' ').replaceAll('*/', '*\u200b/')] : [];
}

/** A schema as TypeScript writes it. */
function typeOf(schema) {
  const { $ref, oneOf, allOf, type, items, format } = schema;
  if ($ref) return typeNamed($ref.split('/').at(-1));
  if (oneOf) return oneOf.map(typeOf).join(' | ');
  if (allOf) return allOf.map(typeOf).join(' & ');
  if (schema.enum) return schema.enum.map((word) => `'${word}'`).join(' | ');
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one })).join(' | ');
  if (type === 'array') return /^[\w<>]+$/.test(typeOf(items)) ? `${typeOf(items)}[]` : `(${typeOf(items)})[]`;
  if (type === 'object') return schema.properties ? `{${fieldsOf(schema).join(', ')}}` : 'Record<string, any>';
  if (format === 'binary') return 'Blob';
  const known = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' }[type];
  if (!known) throw new Error(`no type for ${JSON.stringify(schema)}`);
  return known;
}

function fieldsOf({ properties, required = [] }) {
  return Object.entries(properties).map(([name, of]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(of)}`);
}
