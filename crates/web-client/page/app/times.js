import { locale, t } from './i18n.js';

const DAY_MS = 24 * 3600 * 1000;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {string} name
 * @param {Intl.DateTimeFormatOptions} options
 */
function format(name, options) {
  const key = `${locale()} ${name}`;
  const found = formats.get(key) ?? new Intl.DateTimeFormat(locale(), options);
  formats.set(key, found);
  return found;
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

/**
 * Days from one day to another.
 *
 * @param {Date} from
 * @param {Date} to
 */
function daysBetween(from, to) {
  return Math.round((midnight(to).getTime() - midnight(from).getTime()) / DAY_MS);
}

/** For how long a window may show yesterday as today when no event told it of the new day. */
const LOOK_AGAIN_MS = 60_000;

/**
 * Calls a function whenever another day has begun: at midnight, and when somebody comes back to a window
 * whose timers stood still while the computer slept.
 *
 * @param {import('./scope.js').Scope} scope
 * @param {() => void} act
 */
export function eachDay(scope, act) {
  let shown = new Date().toDateString();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const look = () => {
    clearTimeout(timer);
    const now = new Date();
    const tomorrow = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
    timer = setTimeout(look, Math.min(tomorrow.getTime() - now.getTime(), LOOK_AGAIN_MS));
    if (now.toDateString() === shown) return;
    shown = now.toDateString();
    act();
  };
  scope.listen(window, 'focus', look);
  scope.listen(document, 'visibilitychange', look);
  scope.add(() => clearTimeout(timer));
  look();
}

/** @param {Date} date */
export function time(date) {
  return format('time', { hour: '2-digit', minute: '2-digit' }).format(date);
}

/** @param {Date} date */
export function full(date) {
  return format('full', { dateStyle: 'long', timeStyle: 'short' }).format(date);
}

/**
 * A day, as a heading.
 *
 * @param {Date} date
 */
export function day(date) {
  const ago = daysBetween(date, new Date());
  if (ago === 0) return t('time.today');
  if (ago === 1) return t('time.yesterday');
  if (date.getFullYear() === new Date().getFullYear()) {
    return format('day', { weekday: 'long', day: 'numeric', month: 'long' }).format(date);
  }
  return format('date', { dateStyle: 'long' }).format(date);
}

/**
 * A moment, as briefly as a list has room for.
 *
 * @param {Date} date
 */
export function brief(date) {
  const ago = daysBetween(date, new Date());
  if (ago <= 0) return time(date);
  if (ago < 7) return format('weekday', { weekday: 'short' }).format(date);
  return format('short', { day: '2-digit', month: '2-digit', year: '2-digit' }).format(date);
}

/**
 * How long ago something was.
 *
 * @param {Date} date
 */
export function ago(date) {
  const minutes = Math.floor((Date.now() - date.getTime()) / 60_000);
  if (minutes < 1) return t('time.now');
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  if (minutes < 60) return relative.format(-minutes, 'minute');
  const days = daysBetween(date, new Date());
  if (days === 0) return relative.format(-Math.floor(minutes / 60), 'hour');
  return days < 7 ? relative.format(-days, 'day') : brief(date);
}
