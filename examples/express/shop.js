// A shop with people of its own, who talk about their orders. docs/how-to/connect-your-product.md explains it.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import express from 'express';

const { CONFAB_URL, CONFAB_KEY, CONFAB_SECRET, PORT = '3000' } = process.env;
const ISSUER = 'https://shop.example.org';

/** What a product has in its database. */
const people = { 17: { name: 'Ada', email: 'ada@example.org' }, 18: { name: 'Ben', email: 'ben@example.org' } };
const isKnown = (id) => Object.hasOwn(people, id);
const SELLER = '18';
const orders = [];

/** A JWT that says who somebody is, for a minute. */
function token(id) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { name, email } = people[id];
  const claims = { iss: ISSUER, aud: 'confab', sub: id, preferred_username: name, email };
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, exp: Math.floor(Date.now() / 1000) + 60 })}`;
  return `${text}.${createHmac('sha256', CONFAB_SECRET).update(text).digest('base64url')}`;
}

/** Calls Confab with the shop's key, perhaps as one of its people. */
async function confab(method, path, body, as) {
  const headers = { authorization: `Bearer ${CONFAB_KEY}`, 'content-type': 'application/json' };
  if (as) headers['confab-act-as'] = `ext:${as}`;
  const answer = await fetch(`${CONFAB_URL}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
}

const shop = express();
shop.use(express.json());

/** Stands in for the shop's own log-in: whoever says that they are Ada is Ada. */
const who = (request) => (request.get('cookie') ?? '').match(/(?:^|; )person=(\d+)/)?.[1];
shop.use('/shop', (request, response, next) => (isKnown(who(request)) ? next() : response.sendStatus(401)));

shop.post('/log-in/:person', (request, response) => {
  if (!isKnown(request.params.person)) return response.sendStatus(404);
  response.cookie('person', request.params.person, { httpOnly: true, sameSite: 'strict' }).sendStatus(204);
});

shop.get('/shop/confab-token', (request, response) => {
  response.set('cache-control', 'no-store').json({ token: token(who(request)) });
});

/** Each of these calls may be repeated, so a backend that stopped in the middle does all of it again. */
shop.post('/shop/orders', async (request, response) => {
  const order = orders.push({ buyer: who(request) });
  for (const id of [SELLER, who(request)]) {
    await confab('PUT', `/users/ext:${id}`, { username: people[id].name, email: people[id].email });
  }
  const members = [SELLER, who(request)].map((id) => ({ user_id: `ext:${id}` }));
  await confab('PUT', `/chats/ext:order%2F${order}`, { title: `Order ${order}`, members });
  const thanks = { text: 'Thank you for your order.', client_id: `order-${order}-thanks` };
  await confab('POST', `/chats/ext:order%2F${order}/messages`, thanks, SELLER);
  response.status(201).json({ order });
});

const page = readFileSync(new URL('../shop.html', import.meta.url), 'utf8').replace('%CONFAB_URL%', CONFAB_URL);
shop.get('/', (request, response) => response.type('html').send(page));

const server = shop.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
