import { png } from './pictures.js';

/** Three people, chats of every kind, and a group with everything that a message can be. */
export async function scene(stage) {
  const [ada, grace, lin] = [await stage.admin('Ada'), await stage.person('Grace'), await stage.person('Lin')];
  const group = await ada.group('Engineers', grace, lin);
  const asked = await grace.say(group, 'Who comes along? https://example.org/');
  const told = await ada.say(group, 'I do', { reply_to: asked.id });
  await ada.edit(group, told.id, 'I do!');
  await ada.delete(group, (await ada.say(group, 'Gone')).id);
  await lin.say(group, 'Так и я');
  await lin.read(group, 3);
  await grace.call('PUT', `/messages/${told.id}/reactions/${encodeURIComponent('👍')}`);
  await lin.say(await lin.direct(ada), 'Unread');
  await ada.call('PUT', `/chats/${group}/pins/${asked.id}`);
  await ada.call('PUT', `/messages/${asked.id}/star`);
  await grace.say(group, `@${ada.name} and @${lin.name}, you too?`);
  await grace.say(group, 'Between us: hardly', { to: ada.id });
  const files = [await lin.upload('photo.png', 'image/png', png(640, 400)), await lin.upload('notes.txt', 'text/plain', 'notes')];
  await lin.say(group, 'See these', { attachments: files });
  const room = await ada.room(`library-${ada.id}`);
  await grace.room(`library-${ada.id}`);
  await ada.call('PATCH', `/chats/${room}`, { slow_mode: 10 });
  await ada.call('PATCH', `/chats/${room}/preferences`, { muted_until: '9999-01-01T00:00:00Z', pinned: true });
  await ada.call('PUT', `/chats/${room}/bans/${lin.id}`, { reason: 'Loud' });
  await grace.say(room, 'Quiet');
  await ada.call('PATCH', '/users/me', { first_name: 'Ada', bio: 'Notes' });
  return { ada, grace, lin, group, room };
}

/** Whatever of that is no text of the page: what people wrote and what they are called. */
export const WRITTEN = [
  /(photo|mine|broken)\.png|notes\.txt/g,
  /(Ada|Grace|Lin|Engineers|library)(-\d+)?/g,
  /Who comes along\?|who comes|https:\/\/example\.org\/|I do!?|Unread|and|you too\?|Between us: hardly|See these|Loud|Quiet|Notes/gi,
];
