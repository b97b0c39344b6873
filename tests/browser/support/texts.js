import { readFile } from 'node:fs/promises';

const FOLDER = new URL('../../../crates/web-client/page/app/i18n/', import.meta.url);

/** The texts of the page in a language, as it has them. */
export async function textsIn(language) {
  const source = await readFile(new URL(`${language}.js`, FOLDER), 'utf8');
  const module = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  return module[language];
}

/** The places in a text that are filled, such as `{name}`. */
export const PLACE = /\{(\w+)\}/g;

/** Says a text as the page does; one that is counted says it of one. */
export function speaker(texts) {
  return (key, values = {}) => {
    const text = texts[key].one ?? texts[key];
    return text.replace(PLACE, (_, name) => values[name]);
  };
}
