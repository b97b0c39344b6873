// As the page of the repository and the first steps of its React client do it: tokens in the store, a socket for
// each room with the token in its address.
import { ask, connect, field, kept, on, show } from './shared.js';

let me;
let room;
let socket;

const bearer = () => ({ Authorization: `Bearer ${kept.get('access_token')}` });

/** Refreshes once after a 401, and keeps only the new access token. */
async function call(method, path, json) {
  const first = await ask(method, path, { json, headers: bearer() });
  if (first.status !== 401) return first;
  const { status, body } = await ask('POST', '/api/auth/token/refresh/', { json: { refresh: kept.get('refresh_token') } });
  if (status !== 200) throw new Error('signed out');
  kept.set('access_token', body.access);
  show('refreshed', 'access');
  return ask(method, path, { json, headers: bearer() });
}

function keep({ user, tokens }) {
  kept.set('access_token', tokens.access);
  kept.set('refresh_token', tokens.refresh);
  show('user', user.username);
}

async function start() {
  me = (await call('GET', '/api/auth/me/')).body;
  show('me', me.username);
  const { body: rooms } = await call('GET', '/api/chat/rooms/');
  for (const { id, participants, unread_count: unread } of rooms) {
    room = id;
    const other = participants.find((one) => one.id !== me.id);
    show('room', `${other ? other.username : ''} ${unread}`);
  }
}

on('sign-up', async () => {
  const password = field('password');
  const json = { username: field('username'), email: '', password, password_confirm: password, first_name: 'A', last_name: 'B' };
  const { status, body } = await ask('POST', '/api/auth/register/', { json });
  if (status !== 201) return show('refused', Object.values(body)[0][0]);
  keep(body);
  return start();
});
on('log-in', async () => {
  const { status, body } = await ask('POST', '/api/auth/login/', { json: { username: field('username'), password: field('password') } });
  if (status !== 200) return show('refused', `${status} ${body.error}`);
  keep(body);
  return start();
});
on('log-out', async () => {
  await call('POST', '/api/auth/logout/', { refresh: kept.get('refresh_token') });
  localStorage.clear();
  location.reload();
});
on('start', async () => {
  const { body } = await call('GET', `/api/auth/search/?q=${encodeURIComponent(field('peer'))}`);
  const made = await call('POST', '/api/chat/create-direct-chat/', { user_id: body.users[0].id });
  room = made.body.room.id;
  await open();
});
async function open() {
  const { body } = await call('GET', `/api/chat/rooms/${room}/history/`);
  for (const { user, content } of body.messages) show('message', `${user.username}: ${content}`);
  socket = connect(`/ws/chat/${room}/?token=${kept.get('access_token')}`, { opened: () => show('ready', 'room'), frame });
}
function frame({ type, username, message, is_typing: typing, is_online: online }) {
  if (type === 'chat_message') show('message', `${username}: ${message}`);
  else if (type === 'typing_indicator') show('typing', `${username} ${typing}`);
  else if (type === 'user_status') show('status', `${username} ${online}`);
  else show(type, message);
}
on('send', async () => {
  if (!socket) await open();
  if (socket.readyState !== WebSocket.OPEN) await new Promise((resolve) => socket.addEventListener('open', resolve));
  socket.send(JSON.stringify({ type: 'chat_message', message: field('text') }));
});
on('type', async () => socket.send(JSON.stringify({ type: 'typing', is_typing: true })));
if (kept.get('refresh_token')) await start();
