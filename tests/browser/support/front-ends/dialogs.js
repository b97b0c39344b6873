// As the React client of October 2019 does it: one socket, signed in by a frame, and lists that replace what
// is shown.
import { ask, claims, clear, connect, field, kept, on, show } from './shared.js';

let socket;
let own;
let dialogs = [];

const jwt = () => ({ Authorization: `JWT ${kept.get('access_token')}` });
const send = (event, data) => socket.send(JSON.stringify({ event, data }));

async function logIn(form) {
  const { status, body } = await ask('POST', '/token-auth/jwt/create/', { json: form });
  if (status !== 200) return show('refused', String(status));
  kept.set('access_token', body.access);
  kept.set('refresh_token', body.refresh);
  return start();
}

/** One request more with a new token where the old one has run out. */
async function profile() {
  const path = `/api/v1/profile/${own}`;
  const first = await ask('GET', path, { headers: jwt() });
  if (first.status !== 401) return first.body;
  const refreshed = await ask('POST', '/token-auth/jwt/refresh/', { json: { refresh: kept.get('refresh_token') } });
  if (refreshed.status !== 200) throw new Error('signed out');
  kept.set('access_token', refreshed.body.access);
  show('refreshed', 'access');
  return (await ask('GET', path, { headers: jwt() })).body;
}

async function start() {
  own = claims(kept.get('access_token')).user_id;
  const me = await profile();
  show('me', `${me.user} ${new URL(me.avatar).pathname !== ''}`);
  socket = connect('/ws/main', {
    opened: () => send('authenticate', { access_token: kept.get('access_token') }),
    frame,
  });
}

function frame({ status, event, data }) {
  if (status !== 'ok') return show('error', `${event}: ${data.detail}`);
  if (event === 'authenticate') return send('dialog.get', { id: own });
  if (event === 'dialog.get') {
    dialogs = data;
    clear('dialog', 'message', 'listed');
    for (const { id, interlocutor, last_message: last, messages } of data) {
      show('dialog', `${id} ${interlocutor.user}: ${last.text.split(' ').join(' ')}`);
      for (const message of messages) show('message', `${message.sender_name}: ${message.text}`);
    }
    return show('listed', String(data.length));
  }
  if (event === 'dialog.message.send') {
    // What belongs to a dialog that the page does not have is dropped.
    if (!dialogs.some(({ id }) => id === Number(data.dialog))) return undefined;
    dialogs.newest = Number(data.id);
    return show('message', `${data.sender_name}: ${data.text}`);
  }
  if (event === 'dialog.message.update') return show('edited', `${data.sender_name}: ${data.text}`);
  if (event === 'dialog.message.delete') return show('deleted', String(Number(data.message_id) === dialogs.newest));
  return show('event', event);
}

on('sign-up', async () => {
  const form = { username: field('username'), email: '', password: field('password') };
  const { status } = await ask('POST', '/auth/users/', { json: form });
  if (status !== 201) return show('refused', String(status));
  return logIn(form);
});
on('log-in', () => logIn({ username: field('username'), password: field('password') }));
on('create', async () => send('dialog.create', { id: field('peer') }));
on('send', async () => send('dialog.message.send', { id: dialogs[0].id, text: field('text') }));
on('edit', async () => send('dialog.message.update', { id: dialogs.newest, text: field('text') }));
on('delete', async () => send('dialog.message.delete', { id: dialogs.newest }));
on('remove', async () => send('dialog.get', { id: own }));
if (kept.get('refresh_token')) await start();
