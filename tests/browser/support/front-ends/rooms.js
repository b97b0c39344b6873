// As the React bundle of June 2025 does it: a token for each socket, and a line for each frame, cut at `_`.
import { ask, clear, connect, field, kept, on, show } from './shared.js';

let socket;
let chosen;

const bearer = () => ({ Authorization: `Bearer ${kept.get('access')}` });

/** On a 401 it refreshes with the token of the log-in, of which it never keeps a newer one. */
async function get(path) {
  const first = await ask('GET', path, { headers: bearer() });
  if (first.status !== 401) return first.body;
  const { status, body } = await ask('POST', '/api/auth/refresh', { json: { refresh: kept.get('refresh') }, headers: bearer() });
  if (status !== 200) throw new Error('signed out');
  kept.set('access', body.access);
  show('refreshed', 'access');
  return (await ask('GET', path, { headers: bearer() })).body;
}

async function logIn() {
  // It sends along whatever token it has.
  const form = { email: field('email'), password: field('password') };
  const { status, body } = await ask('POST', '/api/auth', { json: form, headers: bearer() });
  if (status !== 200) return show('refused', String(status));
  kept.set('access', body.access);
  kept.set('refresh', body.refresh);
  return start();
}

async function start() {
  const role = await get('/api/auth/site_role');
  show('me', role.is_staff ? '/admin' : role.is_auto_salon_member ? '/auto_salon' : role.is_seller ? '/sellers' : '/listing');
}

on('sign-up', async () => {
  const profile = { name: field('name'), surname: 'Test', age: 30, house: 1, street: 'Street', city: 'City', region: 'Region', country: 'Country', gender: 'Female' };
  const form = { email: field('email'), password: field('password'), profile };
  const { status, body } = await ask('POST', '/api/user/registration', { json: form });
  if (status !== 201) return show('refused', JSON.stringify(body));
  return logIn();
});
on('log-in', logIn);
on('enter', async () => {
  clear('line');
  const { token } = await get('/api/auth/socket');
  socket = connect(`/api/chat/${field('room')}/?token=${token}`, { frame });
});

function frame({ user, user_role: role, message }) {
  const [id, name] = user.split('_');
  if (name !== field('name')) chosen = id;
  show('line', `${name} (${role || 'user'}): ${message}`);
}

const say = (action, data) => socket.send(JSON.stringify({ action, data, request_id: Date.now() }));
on('send', async () => say('send_message', { text: field('text') }));
on('whisper', async () => say('send_private_message', { text: field('text'), userId: chosen }));
if (kept.get('refresh')) await start();
