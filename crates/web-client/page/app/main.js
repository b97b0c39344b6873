import { Confab } from '../confab.js';
import { forgetUnsent } from './composer.js';
import { showLanguage } from './i18n.js';
import { pushes, showTheme } from './preferences.js';
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
  if (pushes()) await keepPush();
}

/** What is told while no page is open follows who is signed in, and the language. */
async function keepPush() {
  const push = await import('./settings/push.js');
  await push.keepPush(confab);
}

showTheme();
navigator.serviceWorker?.addEventListener('message', ({ data }) => {
  if (data.open) location.hash = data.open;
  if (data.renewed) void keepPush();
});
confab.on('live', ({ ended }) => void show(ended));
confab.start();
