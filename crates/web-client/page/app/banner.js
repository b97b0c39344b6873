import { h } from './dom.js';
import { t } from './i18n.js';

/** A connection that is away for a shorter time is nobody's business. */
const PATIENCE_MS = 2_000;

/**
 * Says that the connection is lost, when it is.
 *
 * @param {import('../confab/live.js').Live} live
 * @param {import('./scope.js').Scope} scope
 * @returns {HTMLElement}
 */
export function banner(live, scope) {
  const { link } = live;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const place = h('div', { class: 'banner-place', role: 'status' });
  const tell = () => {
    const retry = h('button', { type: 'button', class: 'link', onClick: () => link.retry() }, t('link.retry'));
    place.replaceChildren(h('div', { class: 'banner' }, h('span', {}, t('link.lost')), retry));
  };
  const follow = () => {
    clearTimeout(timer);
    if (link.state === 'connected') place.replaceChildren();
    else timer = setTimeout(tell, PATIENCE_MS);
  };
  follow();
  scope.add(link.on('state', follow), () => clearTimeout(timer));
  return place;
}
