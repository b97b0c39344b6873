import { Problem } from '../../confab.js';
import { fill, h } from '../dom.js';
import { area, field, form } from '../form.js';
import { explain, t } from '../i18n.js';
import { toast } from '../toast.js';

/** @typedef {import('../../confab.js').Confab} Confab */

/**
 * What one says of oneself.
 *
 * @param {Confab} confab
 */
export function profileForm(confab) {
  const place = h('div', {});
  const load = async () => {
    try {
      fill(place, fields(confab, await confab.api.account.profile()));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      fill(place, h('p', { class: 'complaint' }, explain(error)));
    }
  };
  void load();
  return place;
}

/**
 * @param {Confab} confab
 * @param {import('../../confab/types.js').Me} profile
 */
function fields(confab, profile) {
  const first = field(t('profile.first'), { value: profile.first_name, maxlength: 150, autocomplete: 'given-name' });
  const last = field(t('profile.last'), { value: profile.last_name, maxlength: 150, autocomplete: 'family-name' });
  const bio = area(t('profile.bio'), { value: profile.bio, maxlength: 1_000, rows: 3 });
  const email = field(t('profile.email'), { value: profile.email, type: 'email', maxlength: 254, autocomplete: 'email' }, t('profile.emailHint'));
  const save = async () => {
    const wanted = { first_name: first.input.value, last_name: last.input.value, bio: bio.input.value, email: email.input.value };
    confab.live?.people.note(await confab.api.account.changeProfile(wanted));
    toast(t('profile.saved'));
  };
  const submit = h('div', { class: 'row end' }, h('button', { class: 'button' }, t('profile.save')));
  return form(save, [first.element, last.element, bio.element, email.element, submit]);
}
