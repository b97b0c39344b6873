// Small front ends that ask as the original ones do, in the same order, each with two people in two browsers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frontEnd, line, lines, press, restart, spoil } from '../support/front-end.js';
import { Stage } from '../support/stage.js';

const PASSWORD = 'Correct-horse-77';
const stage = Stage.set();

test('dialogs: two people talk, edit and delete, and stay signed in', async () => {
  const [ann, ben] = [await frontEnd(stage, 'dialogs'), await frontEnd(stage, 'dialogs')];
  await press(ann, 'sign-up', { username: 'dialogs.ann', password: PASSWORD });
  await line(ann, 'listed', '0');
  await press(ann, 'sign-up', { username: 'dialogs.ann' });
  await line(ann, 'refused', '400');
  await press(ben, 'log-in', { username: 'dialogs.ben', password: PASSWORD });
  await line(ben, 'refused', '401');
  await press(ben, 'sign-up');
  await line(ben, 'listed', '0');
  const id = await ben.evaluate(() => JSON.parse(atob(localStorage.getItem('access_token').split('.')[1])).user_id);
  await press(ann, 'create', { peer: String(id) });
  for (const page of [ann, ben]) {
    await line(page, 'event', 'dialog.create');
    await press(page, 'remove');
    await line(page, 'listed', '1');
  }
  await press(ann, 'send', { text: 'Привет' });
  await press(ben, 'send', { text: 'And to you' });
  for (const page of [ann, ben]) {
    await line(page, 'message', 'dialogs.ann: Привет');
    await line(page, 'message', 'dialogs.ben: And to you');
  }
  await press(ben, 'edit', { text: 'Hello' });
  for (const page of [ann, ben]) await line(page, 'edited', 'dialogs.ben: Hello');
  await restart(stage);
  await spoil(ann, 'access_token');
  await ann.reload();
  await line(ann, 'refreshed', 'access');
  await spoil(ann, 'access_token');
  await ann.reload();
  await line(ann, 'refreshed', 'access');
  await ben.reload();
  for (const page of [ann, ben]) {
    await line(page, 'listed', '1');
    assert.deepEqual(await lines(page, 'message'), ['dialogs.ann: Привет', 'dialogs.ben: Hello']);
  }
  await press(ben, 'send', { text: 'Gone' });
  await line(ann, 'message', 'dialogs.ben: Gone');
  await line(ben, 'message', 'dialogs.ben: Gone');
  await press(ben, 'delete');
  await line(ann, 'deleted', 'true');
});

test('events: two people open a direct chat by its address', async () => {
  const [anna, boris] = [await frontEnd(stage, 'events'), await frontEnd(stage, 'events')];
  const person = (name, last) => ({ email: `${name}@example.com`, password: PASSWORD, first_name: last[0], last_name: last[1] });
  await press(anna, 'sign-up', person('anna', ['Анна', 'Каренина']));
  await line(anna, 'me', /Анна null$/);
  await press(boris, 'sign-up', person('anna', ['Борис', 'Годунов']));
  await line(boris, 'refused', /email/);
  await press(boris, 'sign-up', person('boris', ['Борис', 'Годунов']));
  await line(boris, 'me', /Борис null$/);
  for (const page of [anna, boris]) await line(page, 'ready', 'socket');
  const [id] = (await lines(boris, 'me'))[0].split(' ');
  const [own] = (await lines(anna, 'me'))[0].split(' ');
  await press(anna, 'open', { peer: id });
  await line(anna, 'opened', 'Борис Годунов 0');
  await press(boris, 'open', { peer: own });
  await line(boris, 'opened', 'Анна Каренина 0');
  await press(anna, 'send', { text: 'Привет' });
  for (const page of [anna, boris]) await line(page, 'message', 'Анна: Привет (0, false)');
  await press(boris, 'type');
  await line(anna, 'typing', id);
  await press(boris, 'send', { text: 'Здравствуй' });
  for (const page of [anna, boris]) await line(page, 'message', 'Борис: Здравствуй (0, false)');
  assert.deepEqual(await lines(boris, 'typing'), [], 'one is not told of oneself');
  await press(boris, 'edit', { text: 'Здравствуйте' });
  for (const page of [anna, boris]) await line(page, 'edited', 'Здравствуйте true');
  await restart(stage);
  await spoil(anna, 'access');
  await anna.reload();
  await line(anna, 'refreshed', 'both');
  await line(anna, 'chat', /Борис Годунов: Здравствуйте$/);
  await press(anna, 'open', { peer: id });
  await line(anna, 'opened', 'Борис Годунов 2');
  assert.deepEqual(await lines(anna, 'message'), ['Анна: Привет', 'Борис: Здравствуйте']);
});

test('rooms: two people meet in a room and whisper', async () => {
  const [ann, ben] = [await frontEnd(stage, 'rooms'), await frontEnd(stage, 'rooms')];
  await press(ann, 'sign-up', { email: 'ann@example.org', password: PASSWORD, name: 'Ann' });
  await line(ann, 'me', '/listing');
  await press(ben, 'sign-up', { email: 'ben@example.org', password: PASSWORD, name: 'Ben' });
  await line(ben, 'me', '/listing');
  await press(ann, 'enter', { room: 'Garage' });
  await line(ann, 'line', /^Ann \(user\): \d+_Ann connected to chat$/);
  await press(ben, 'enter', { room: 'Garage' });
  await line(ann, 'line', /^Ben \(user\): \d+_Ben connected to chat$/);
  await press(ann, 'send', { text: 'Anybody here?' });
  for (const page of [ann, ben]) await line(page, 'line', 'Ann (user): Anybody here?');
  await press(ben, 'whisper', { text: 'Only you' });
  for (const page of [ann, ben]) await line(page, 'line', 'Ben (user): Private: Only you');
  await restart(stage);
  // The token of the log-in is good for the second time too.
  for (let round = 0; round < 2; round += 1) {
    await spoil(ann, 'access');
    await ann.reload();
    await line(ann, 'refreshed', 'access');
  }
  await press(ann, 'enter', { room: 'Garage', name: 'Ann' });
  await line(ann, 'line', /^Ann \(user\): \d+_Ann connected to chat$/);
  const shown = (await lines(ann, 'line')).filter((text) => !text.includes('connected'));
  assert.deepEqual(shown, ['Ann (user): Anybody here?', 'Ben (user): Private: Only you']);
});

test('flowchat: a cookie opens the sockets of two people', async () => {
  const [ann, ben] = [await frontEnd(stage, 'flowchat'), await frontEnd(stage, 'flowchat')];
  await line(ann, 'signed-out', '401');
  await press(ann, 'sign-up', { username: 'flow.ann', password: 'secret77word' });
  await line(ann, 'refused', 'В пароль не входят заглавные буквы!');
  await press(ann, 'sign-up', { password: 'Secret77word' });
  await line(ann, 'me', 'flow.ann ');
  await press(ben, 'sign-up', { username: 'flow.ben', password: 'Secret77word' });
  await line(ben, 'me', 'flow.ben ');
  for (const page of [ann, ben]) await line(page, 'ready', 'notifications');
  assert.doesNotMatch(await ann.evaluate(() => document.cookie), /sessionid/, 'no script reads it');
  await press(ann, 'start', { peer: 'flow.ben' });
  await line(ann, 'ready', 'chat');
  await line(ann, 'peer', 'flow.ben true');
  await line(ben, 'row', /flow\.ann: $/);
  await press(ben, 'send', { text: 'Привет' });
  await line(ben, 'message', 'true: Привет true false');
  await line(ann, 'message', 'false: Привет true false');
  await press(ann, 'save', { username: 'flow.anna', bio: 'Tea' });
  await line(ann, 'saved', '200');
  await restart(stage);
  await ann.reload();
  await line(ann, 'me', 'flow.anna Tea');
  await line(ann, 'row', /flow\.ben: Привет$/);
  await press(ann, 'send', { text: 'And back' });
  await line(ann, 'message', 'false: Привет');
  await line(ann, 'message', 'true: And back true false');
  await press(ann, 'log-out');
  await line(ann, 'signed-out', '401');
});

test('minichat: two people talk in a room of their own', async () => {
  const [ann, ben] = [await frontEnd(stage, 'minichat'), await frontEnd(stage, 'minichat')];
  await press(ann, 'sign-up', { username: 'mini.ann', password: PASSWORD });
  await line(ann, 'me', 'mini.ann');
  await press(ben, 'log-in', { username: 'mini.ben', password: PASSWORD });
  await line(ben, 'refused', '400 Неверное имя пользователя или пароль');
  await press(ben, 'sign-up');
  await line(ben, 'me', 'mini.ben');
  await press(ann, 'start', { peer: 'mini.ben' });
  await line(ann, 'ready', 'room');
  await ben.reload();
  await line(ben, 'room', 'mini.ann 0');
  await press(ben, 'send', { text: 'Привет' });
  for (const page of [ann, ben]) await line(page, 'message', 'mini.ben: Привет');
  await press(ann, 'type');
  await line(ben, 'typing', 'mini.ann true');
  await restart(stage);
  for (let round = 0; round < 2; round += 1) {
    await spoil(ann, 'access_token');
    await ann.reload();
    await line(ann, 'refreshed', 'access');
    await line(ann, 'room', /^mini\.ben \d$/);
  }
  await press(ann, 'send', { text: 'And back' });
  await line(ann, 'message', 'mini.ben: Привет');
  await line(ann, 'message', 'mini.ann: And back');
  await press(ann, 'log-out');
  await ann.waitForFunction(() => localStorage.length === 0);
});
