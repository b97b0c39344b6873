import { openDialog } from './dialog.js';
import { h } from './dom.js';
import { field, form } from './form.js';
import { t } from './i18n.js';
import { PeoplePicker } from './people-picker.js';

/**
 * Asks for the name and the people of a new group.
 *
 * @param {import('../confab/api.js').Api} api
 * @param {import('../confab/live.js').Live} live
 */
export function newGroup(api, live) {
  const title = field(t('group.title'), { maxlength: 200, required: true, autocomplete: 'off' });
  // Without a list of people one begins alone.
  const picker = live.people.areListed ? new PeoplePicker(api, t('group.find'), [live.me.id]) : null;
  const create = async () => {
    const chat = await live.createGroup(title.input.value, picker?.chosen ?? []);
    dialog.close();
    location.hash = `#/chats/${chat.id}`;
  };
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button primary' }, t('group.create')));
  const people = picker && h('div', { class: 'field' }, h('span', { class: 'label' }, t('group.people')), picker.element);
  const dialog = openDialog(t('group.new'), form(create, [title.element, ...(people ? [people] : []), submit]));
  title.input.focus();
}
