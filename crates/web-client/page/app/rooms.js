import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { field, form } from './form.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { PagedList } from './paged-list.js';
import { orTell } from './toast.js';

/**
 * Lists all rooms, and enters one or makes one.
 *
 * @param {import('../confab/api.js').Api} api
 * @param {import('../confab/live.js').Live} live
 */
export function rooms(api, live) {
  const name = field(t('rooms.name'), { maxlength: 100, required: true, autocomplete: 'off' }, t('rooms.nameHint'));
  const enter = async (/** @type {string} */ room) => {
    const chat = await live.enterRoom(room);
    dialog.close();
    location.hash = `#/chats/${chat.id}`;
  };
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button primary' }, t('rooms.enter')));
  const row = (/** @type {import('../confab/types.js').Room} */ room) => {
    const inside = live.replica.copy(room.id) !== undefined;
    const about = [t('chat.members', { n: room.member_count }), inside && t('rooms.inside')].filter(Boolean).join(' · ');
    const text = h('span', { class: 'two-lines' }, h('strong', { dir: 'auto' }, room.name), h('span', { class: 'muted' }, about));
    const open = () => void orTell(enter(room.name));
    return h('li', {}, h('button', { type: 'button', class: 'person', onClick: open }, icon('room'), text));
  };
  const list = new PagedList((cursor) => api.rooms(cursor), row, { nothing: t('rooms.none') });
  const dialog = openDialog(
    t('rooms.title'),
    form(() => enter(name.input.value.trim()), [name.element, submit]),
    h('section', {}, h('h3', {}, t('rooms.all')), list.element),
  );
  void list.load();
  name.input.focus();
}
