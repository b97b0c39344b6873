import { field } from './form.js';
import { t } from './i18n.js';

/**
 * The fields for a name and its password.
 *
 * @param {boolean} isNew Whether they are chosen now.
 */
export function credentials(isNew) {
  const name = field(t('field.username'), {
    name: 'username',
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: 150,
    required: true,
  });
  const autocomplete = isNew ? 'new-password' : 'current-password';
  const props = { name: 'password', type: 'password', autocomplete, required: true };
  const password = field(t('field.password'), props, isNew ? t('field.passwordHint') : undefined);
  return { name, password };
}
