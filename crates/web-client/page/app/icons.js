/** Drawn on a grid of 24 by 24, as lines. */
const PATHS = {
  back: 'M15 5l-7 7 7 7',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checks: 'M2.5 12.5L7 17l9.5-9.5M11.5 16l1 1L22 7.5',
  clock: 'M12 7v5l3 2M12 3a9 9 0 100 18 9 9 0 000-18',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  down: 'M12 5v14M6 13l6 6 6-6',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5',
  gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  group: 'M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7M2.5 20c0-3.5 3-5.5 6.5-5.5s6.5 2 6.5 5.5M16 4.5a3.5 3.5 0 010 6.5M18 15c2.2.8 3.5 2.5 3.5 5',
  info: 'M12 3a9 9 0 100 18 9 9 0 000-18M12 11v5.5M12 7.500v.5',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  pencil: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  plus: 'M12 5v14M5 12h14',
  reply: 'M10 6l-6 6 6 6M4 12h9c4 0 7 2 7 6',
  search: 'M11 4a7 7 0 100 14 7 7 0 000-14M16 16l4.5 4.5',
  send: 'M5 12l-1-8 17 8-17 8zM5 12h7',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  warning: 'M12 4L2.5 20h19zM12 10v4.500M12 17.500v.01',
};

const SVG = 'http://www.w3.org/2000/svg';

/**
 * A picture beside a text, or in a button that has a name: screen readers leave it out.
 *
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
