import { t } from './i18n.js';
import { ago } from './times.js';

/**
 * Whether somebody is there, in words.
 *
 * @param {{online: boolean | null, last_seen_at: string | null}} person
 */
export function presenceOf({ online, last_seen_at }) {
  if (online) return t('presence.online');
  if (!last_seen_at) return t('presence.offline');
  return t('presence.seen', { when: ago(new Date(last_seen_at)) });
}
