import { Confab } from '../confab.js';
import { forgetUnsent } from './composer.js';
import { showLanguage } from './i18n.js';
import { showTheme } from './preferences.js';
import { Shell } from './shell.js';
import { signIn } from './sign-in.js';

const confab = new Confab();
const place = document.getElementById('app');

/** @type {Shell | null} */
let shell = null;

/** Counts what was to be shown: of several at once the last one is. */
let turn = 0;

/** @param {boolean} ended Whether the session has just been ended. */
async function show(ended) {
  const mine = (turn += 1);
  await showLanguage();
  if (mine !== turn) return;
  if (!confab.live) forgetUnsent();
  shell?.close();
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  shell = confab.live ? new Shell(confab, confab.live, () => show(false)) : null;
  place?.replaceChildren(shell ? shell.element : signIn(confab, ended));
}

showTheme();
confab.on('live', ({ ended }) => void show(ended));
confab.start();
