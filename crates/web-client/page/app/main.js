import { Confab } from '../confab.js';
import { lookAs } from './avatar.js';
import { BASE } from './base.js';
import { forgetTrays } from './composer.js';
import { explain, showLanguage } from './i18n.js';
import { askLimits } from './limits.js';
import { pushes, showTheme } from './preferences.js';
import { Shell } from './shell.js';
import { signIn } from './sign-in.js';
import { toast } from './toast.js';
import { forgetUnsent } from './unsent.js';

const confab = new Confab({ base: BASE });
const place = document.getElementById('app');

/** @type {Shell | null} */
let shell = null;

/** Why a provider that sent the browser back signed nobody in. @type {import('../confab.js').Problem | null} */
let refusal = null;

/** Counts what was to be shown: of several at once the last one is. */
let turn = 0;

/** Who was signed in when that was last looked at. @type {number | null} */
let last = null;

/** @param {boolean} ended Whether the session has just been ended. */
async function show(ended) {
  const mine = (turn += 1);
  await showLanguage();
  if (mine !== turn) return;
  shell?.close();
  forgetOthers(ended);
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  shell = confab.live ? new Shell(confab, confab.live, () => show(false)) : null;
  const told = refusal && explain(refusal);
  refusal = null;
  place?.replaceChildren(shell ? shell.element : signIn(confab, ended, told));
  if (shell && told) toast(told);
  if (shell) void askLimits(confab.api);
  if (pushes()) await keepPush();
}

/**
 * What somebody wrote and did not send is nobody else's to read. Whose session was ended may come back to it.
 *
 * @param {boolean} ended
 */
function forgetOthers(ended) {
  const before = last;
  last = confab.live?.me.id ?? null;
  if (last !== before) forgetTrays();
  if (last !== null || (before !== null && !ended)) forgetUnsent(last);
}

/** What is told while no page is open follows who is signed in, and the language. */
async function keepPush() {
  const push = await import('./settings/push.js');
  await push.keepPush(confab);
}

async function start() {
  if (/[?&]state=/.test(location.search)) {
    const { returned } = await import('./returned.js');
    refusal = await returned(confab);
    // Whoever signed in is shown already.
    if (!refusal) return;
  }
  confab.start();
}

showTheme();
navigator.serviceWorker?.addEventListener('message', ({ data }) => {
  if (data.open) location.hash = data.open;
  if (data.renewed) void keepPush();
});
confab.api.stepUp = async () => (await import('./step-up.js')).stepUp(confab);
confab.on('live', ({ live, ended }) => {
  lookAs(live);
  // What may be looked for is another thing in many places.
  live?.people.on('finds', () => void show(false));
  void show(ended);
});
void start();
