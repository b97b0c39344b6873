// As the Angular client of November 2023 does it: one socket for the whole site, whose address has the token of
// the page's load.
import { ask, clear, connect, field, kept, on, show } from './shared.js';

let socket;
let me;
let chat;
let newest;

const bearer = () => ({ Authorization: `Bearer ${kept.get('access')}` });

/** Asks once more with a new pair of tokens after a 401. */
async function get(path) {
  const first = await ask('GET', path, { headers: bearer() });
  if (first.status !== 401) return first.body;
  const { status, body } = await ask('POST', '/api/token/refresh/', { json: { refresh: kept.get('refresh') } });
  if (status !== 200) throw new Error('signed out');
  keep(body);
  show('refreshed', 'both');
  return (await ask('GET', path, { headers: bearer() })).body;
}

function keep({ access, refresh }) {
  kept.set('access', access);
  kept.set('refresh', refresh);
}

async function start() {
  me = await get('/auth/users/current/');
  show('me', `${me.id} ${me.first_name} ${me.onboarding_stage}`);
  socket = connect(`/ws/chat/?token=${kept.get('access')}`, { opened: () => show('ready', 'socket'), frame });
  for (const { id, name, last_message: last } of await get('/chats/directs/')) {
    show('chat', `${id} ${name}: ${last && last.text ? last.text : ''}`);
  }
}

function frame({ type, content, error }) {
  if (error) return show('error', error);
  if (type === 'new_message') {
    newest = content.message.id;
    const { author, text, files, created_at: at } = content.message;
    return show('message', `${author.first_name}: ${text} (${files.length}, ${Number.isNaN(Date.parse(at))})`);
  }
  if (type === 'edit_message') return show('edited', `${content.message.text} ${content.message.is_edited}`);
  if (type === 'delete_message') return show('deleted', String(content.message_id === newest));
  if (type === 'user_typing') return show('typing', String(content.user_id));
  if (type === 'set_online' || type === 'set_offline') return show(type, String(content.user_id));
  return undefined;
}

const say = (type, content) => socket.send(JSON.stringify({ type, content: { chat_type: 'direct', chat_id: chat, ...content } }));

on('sign-up', async () => {
  const form = { email: field('email'), password: field('password'), first_name: field('first_name'), last_name: field('last_name'), birthday: '2000-01-01' };
  const { status, body } = await ask('POST', '/auth/users/', { json: form });
  if (status === 201) return logIn();
  return show('refused', body.email ? body.email.find((text) => text.includes('email')) : JSON.stringify(body));
});
on('log-in', logIn);
async function logIn() {
  const { status, body } = await ask('POST', '/api/token/', { json: { email: field('email'), password: field('password') } });
  if (status !== 200) return show('refused', String(status));
  keep(body);
  return start();
}
on('open', async () => {
  chat = `${me.id}_${field('peer')}`;
  const opened = await get(`/chats/directs/${chat}/`);
  chat = opened.id;
  const page = await get(`/chats/directs/${chat}/messages/?offset=0&limit=20`);
  clear('message', 'opened');
  show('opened', `${opened.name} ${page.count}`);
  for (const { author, text } of page.results.reverse()) show('message', `${author.first_name}: ${text}`);
});
on('send', async () => say('new_message', { text: field('text'), reply_to: null, file_urls: [] }));
on('edit', async () => say('edit_message', { message_id: newest, text: field('text') }));
on('delete', async () => say('delete_message', { message_id: newest }));
on('type', async () => say('user_typing', {}));
if (kept.get('refresh')) await start();
