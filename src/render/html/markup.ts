import { show } from '../text/escape.ts';

/** HTML that is well-formed and safe. Only `html` and `trusted` create it. */
export type Markup = { readonly markup: string };

type HtmlValue = string | number | Markup | readonly Markup[] | undefined;

/** A template whose values are escaped, unless they are Markup. Undefined becomes nothing. */
export const html = (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup => {
  let markup = parts[0] ?? '';
  for (const [place, value] of values.entries()) markup += markupOf(value) + (parts[place + 1] ?? '');
  return { markup };
};

/** HTML that this tool has created, such as a chart; never text from outside. */
export const trusted = (markup: string): Markup => ({ markup });

export const joined = (pieces: Iterable<Markup>): Markup => {
  let markup = '';
  for (const piece of pieces) markup += piece.markup;
  return { markup };
};

/** Text for HTML and SVG elements and quoted attributes. Characters that are invisible or reorder text are written out. */
export const escaped = (text: string): string =>
  show(text).replace(/[&<>"']/g, character => ENTITIES[character] ?? '');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const markupOf = (value: HtmlValue): string => {
  if (value === undefined) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : joined(value).markup;
};
