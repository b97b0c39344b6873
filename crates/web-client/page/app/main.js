import { Confab } from '../confab.js';
import { showLanguage } from './i18n.js';
import { showTheme } from './preferences.js';
import { Shell } from './shell.js';
import { signIn } from './sign-in.js';

const confab = new Confab();
const place = document.getElementById('app');

/** @type {Shell | null} */
let shell = null;

/** @param {boolean} ended Whether the session has just been ended. */
function show(ended) {
  showLanguage();
  shell?.close();
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  shell = confab.live ? new Shell(confab, confab.live, () => show(false)) : null;
  place?.replaceChildren(shell ? shell.element : signIn(confab, ended));
}

showTheme();
confab.on('live', ({ ended }) => show(ended));
confab.start();
