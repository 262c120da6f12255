import { show } from '../text/escape.ts';

/** A piece of HTML that is well-formed and safe. Only `html` and `trusted` make one. */
export type Markup = { readonly markup: string };

type Value = string | number | Markup | readonly Markup[] | undefined;

/** A template whose values are text: what stands in `${}` is escaped, unless it is Markup. Undefined is nothing. */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup => {
  let markup = parts[0] ?? '';
  for (const [place, value] of values.entries()) markup += markupOf(value) + (parts[place + 1] ?? '');
  return { markup };
};

/** HTML of our own making, such as a chart; never anything from outside. */
export const trusted = (markup: string): Markup => ({ markup });

export const joined = (pieces: Iterable<Markup>): Markup => {
  let markup = '';
  for (const piece of pieces) markup += piece.markup;
  return { markup };
};

/** Text for HTML and SVG, in elements and in quoted attributes; what is invisible or reorders text is written out. */
export const escaped = (text: string): string =>
  show(text).replace(/[&<>"']/g, character => ENTITIES[character] ?? '');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const markupOf = (value: Value): string => {
  if (value === undefined) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : joined(value).markup;
};
