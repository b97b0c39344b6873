// As the page of August 2025 does it: a token for requests, the cookie of the log-in for sockets.
import { ask, connect, field, kept, on, show } from './shared.js';

let me;
let chat;
let socket;

const token = () => ({ Authorization: `Token ${kept.get('token')}` });
const get = (path) => ask('GET', path, { headers: token() });

async function load() {
  const who = await get('/api/users/me/');
  if (who.status === 200) {
    me = who.body;
    show('me', `${me.username} ${me.bio ?? ''}`);
  } else {
    show('signed-out', String(who.status));
  }
  // It walks the list whether or not somebody is signed in.
  const { body: chats } = await get('/api/chats/');
  if (!Array.isArray(chats)) return;
  for (const one of chats) row(one);
  connect('/ws/notifications/', {
    opened: () => show('ready', 'notifications'),
    frame: async ({ type, chat_id: id }) => {
      if (type === 'new_chat') row((await get(`/api/chats/${id}/`)).body);
    },
  });
}

function row(one) {
  show('row', `${one.id} ${one.display_name}: ${one.last_message}`);
  chat = one;
}

on('sign-up', async () => {
  const { status, body } = await ask('POST', '/api/users/', { json: { username: field('username'), password: field('password') } });
  if (status === 201) return logIn();
  return show('refused', (body.password ?? body.non_field_errors ?? body.username)[0]);
});
on('log-in', logIn);
async function logIn() {
  const { status, body } = await ask('POST', '/api/login/', { json: { username: field('username'), password: field('password') } });
  if (status !== 200) return show('refused', String(status));
  kept.set('token', body.token);
  location.reload();
}
on('log-out', async () => {
  const { status } = await ask('POST', '/api/logout/', { headers: token() });
  if (status === 200) localStorage.removeItem('token');
  location.reload();
});
on('start', async () => {
  const { body: people } = await get('/api/users/all/');
  const other = people.find(({ username }) => username === field('peer'));
  await get(`/api/users/${other.id}/profile/`);
  const { body } = await ask('POST', '/api/chats/get_or_create/', { json: { user_id: String(other.id) }, headers: token() });
  chat = body;
  await open();
});
async function open() {
  const other = chat.members.find((id) => id !== me.id);
  const { body: profile } = await get(`/api/users/${other}/profile/`);
  show('peer', `${profile.username} ${profile.is_online}`);
  const { body: messages } = await get(`/api/chats/${chat.id}/get_messages/`);
  for (const { author, text } of Array.isArray(messages) ? messages : []) show('message', `${author.id === me.id}: ${text}`);
  socket = connect(`/ws/chat/${chat.id}/`, {
    opened: () => show('ready', 'chat'),
    frame: ({ text, author_id: author, author_avatar: avatar, time }) => {
      show('message', `${author === me.id}: ${text} ${avatar.startsWith('/')} ${Number.isNaN(Date.parse(time))}`);
    },
  });
}
on('send', async () => {
  if (!socket) await open();
  if (socket.readyState !== WebSocket.OPEN) await new Promise((resolve) => socket.addEventListener('open', resolve));
  socket.send(JSON.stringify({ text: field('text') }));
});
on('save', async () => {
  const json = { username: field('username'), first_name: '', last_name: '', bio: field('bio') };
  const { status } = await ask('PATCH', `/api/users/${me.id}/`, { json, headers: token() });
  show('saved', String(status));
});
await load();
