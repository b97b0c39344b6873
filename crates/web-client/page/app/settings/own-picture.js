import { avatar, hasPicture, refreshAvatar } from '../avatar.js';
import { fill, h } from '../dom.js';
import { t } from '../i18n.js';
import { orTell, toast } from '../toast.js';

/**
 * One's own picture, and how to change it.
 *
 * @param {import('../../confab.js').Confab} confab
 * @param {{id: number, username: string}} me
 */
export function ownPicture(confab, me) {
  const place = h('span', {}, avatar(me.username, me.id, 'large'));
  const change = async (/** @type {File | null} */ picture) => {
    if ((await orTell(confab.api.account.setAvatar(picture))) === undefined) return;
    await refreshAvatar(me.id);
    fill(place, avatar(me.username, me.id, 'large'));
    // Whatever shows it is to show it anew.
    confab.live?.people.note(me);
    toast(t('avatar.changed'));
    if (!picture) choose.focus();
    remove.hidden = !picture;
  };
  const chosen = () => {
    const [picture] = picker.files ?? [];
    picker.value = '';
    if (picture) void change(picture);
  };
  const picker = h('input', { type: 'file', accept: 'image/png,image/jpeg,image/gif,image/webp', hidden: true, onChange: chosen });
  const choose = h('button', { type: 'button', class: 'button', onClick: () => picker.click() }, t('avatar.choose'));
  const remove = h('button', { type: 'button', class: 'button', hidden: true, onClick: () => void change(null) }, t('avatar.remove'));
  // Without a connection nothing can be removed.
  hasPicture(me.id).then((has) => (remove.hidden = !has), () => {});
  return { element: place, buttons: h('div', { class: 'row' }, choose, remove, picker) };
}
