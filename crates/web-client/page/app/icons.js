/** Drawn on a grid of 24 by 24, as lines. */
const PATHS = {
  archive: 'M3.500 5h17v4h-17zM5 9v10.500h14V9M10 13h4',
  at: 'M12 8.500a3.500 3.500 0 100 7 3.500 3.500 0 000-7M15.500 12c0 4 5 3.500 5-.5a8.500 8.500 0 10-3.500 7.300',
  back: 'M15 5l-7 7 7 7',
  ban: 'M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17M6 6l12 12',
  bell: 'M6 16v-5a6 6 0 0112 0v5l2 2H4zM10 20.500h4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checks: 'M2.5 12.5L7 17l9.5-9.5M11.5 16l1 1L22 7.5',
  clip: 'M20 11.500l-8 8a5 5 0 01-7-7l8.500-8.500a3.400 3.400 0 015 5L10 17.500a1.700 1.700 0 01-2.500-2.500l7.500-7.500',
  clock: 'M12 7v5l3 2M12 3a9 9 0 100 18 9 9 0 000-18',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  crown: 'M4 18h16M4.500 15L3 7l5 3.500L12 5l4 5.500L21 7l-1.500 8z',
  door: 'M6 20V4h12v16M3 20h18M14.500 12v.01',
  down: 'M12 5v14M6 13l6 6 6-6',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  edits: 'M12 7v5l3 2M4 5v4h4M4.500 9a8.500 8.500 0 11-1 4',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5',
  file: 'M6 3.500h8l4 4v13H6zM14 3.500v4h4',
  gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  group: 'M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7M2.5 20c0-3.5 3-5.5 6.5-5.5s6.5 2 6.5 5.5M16 4.5a3.5 3.5 0 010 6.5M18 15c2.2.8 3.5 2.5 3.5 5',
  info: 'M12 3a9 9 0 100 18 9 9 0 000-18M12 11v5.5M12 7.500v.5',
  more: 'M6 11.250a.75.75 0 100 1.500.75.75 0 000-1.500M12 11.250a.75.75 0 100 1.500.75.75 0 000-1.500M18 11.250a.75.75 0 100 1.500.75.75 0 000-1.500',
  mute: 'M6 16v-5a6 6 0 019-5.200M18 11v5l2 2H4l2-2M10 20.500h4M4 4l16 16',
  pencil: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  person: 'M12 12a4 4 0 100-8 4 4 0 000 8M4.500 20.500c0-4 3.500-6 7.500-6s7.500 2 7.500 6',
  pin: 'M9 4h6l-.700 6 3.200 3.500H6.500L9.700 10zM12 13.500V21',
  plus: 'M12 5v14M5 12h14',
  reply: 'M10 6l-6 6 6 6M4 12h9c4 0 7 2 7 6',
  room: 'M9.500 4l-2 16M16.500 4l-2 16M4.500 9h16M3.500 15h16',
  search: 'M11 4a7 7 0 100 14 7 7 0 000-14M16 16l4.5 4.5',
  send: 'M5 12l-1-8 17 8-17 8zM5 12h7',
  shield: 'M12 3.500l7.500 3v5c0 5-3.500 8-7.500 9.500-4-1.500-7.500-4.500-7.500-9.500v-5z',
  star: 'M12 3.500l2.600 5.500 6 .800-4.400 4.200 1.100 6L12 17l-5.300 3 1.100-6L3.400 9.800l6-.800z',
  top: 'M12 20.500V7M6.500 12.500L12 7l5.500 5.500M5 3.500h14',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  warning: 'M12 4L2.5 20h19zM12 10v4.500M12 17.500v.01',
  whisper: 'M4 5h16v11H10l-5 4v-4H4zM8.500 10.500h.01M12 10.500h.01M15.500 10.500h.01',
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
