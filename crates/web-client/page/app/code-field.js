import { Problem } from '../confab.js';
import { field } from './form.js';
import { t } from './i18n.js';

/**
 * A field for a code of an authenticator app, or a recovery code.
 */
export function codeField() {
  return field(t('field.code'), { name: 'code', autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: 'false', maxlength: 40 }, t('field.codeHint'));
}

/**
 * Does what proves who somebody is, and asks for a code once that is told to be missing, or when `ask` is called.
 *
 * @param {HTMLElement} before After which the field is put.
 * @param {(code: string | null) => Promise<void>} act
 */
export function withCode(before, act) {
  const code = codeField();
  const ask = () => before.after(code.element);
  const send = async () => {
    const asked = code.element.isConnected;
    try {
      await act(asked ? code.input.value : null);
    } catch (error) {
      const isMissing = error instanceof Problem && error.reason === 'second_factor_required';
      if (!isMissing || asked) throw error;
      ask();
      code.input.focus();
    }
  };
  return { send, ask };
}
