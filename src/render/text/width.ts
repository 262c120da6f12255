import { eastAsianWidth } from 'get-east-asian-width';

/** The text if it is at most `max` columns wide, otherwise its beginning and the mark. For text that `show` returned. */
export const cut = (text: string, max: number, mark = '…'): string => {
  if (displayWidth(text) <= max) return text;
  const room = max - displayWidth(mark);
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > room) break;
    kept += character;
  }
  return room < 0 ? '' : kept + mark;
};

/** The columns of the text in a terminal: two for East Asian wide characters and emoji, none for combining marks. */
export const displayWidth = (text: string): number => {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
};

/** The columns of one code point: 0, 1 or 2. */
export const characterWidth = (character: string): number => {
  const code = character.codePointAt(0) ?? 0;
  if (code < FIRST_COMBINING) return 1;
  if (NO_WIDTH.test(character)) return 0;
  return eastAsianWidth(code);
};

/** The longest line of prose, in columns: longer lines are hard to read, also in a wide terminal. */
export const PROSE_WIDTH = 80;

/** Text in lines of at most `width` columns, without the indent of all but the first. A longer word is a line of its own. */
export const wrap = (text: string, width: number, indent = ''): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join(`\n${indent}`);
};

/** Text in lines that fit `columns`; as it is, where there is no terminal. */
export const wrapAt = (text: string, columns: number | undefined): string =>
  columns === undefined ? text : wrap(text, Math.max(MIN_WRAPPED, columns));

/** Text that follows `before` on its line, wrapped and indented so that it stays a block beside it. */
export const wrapAfter = (before: string, text: string, columns: number): string => {
  const indent = displayWidth(before);
  return wrap(text, Math.max(MIN_WRAPPED, columns - indent), ' '.repeat(indent));
};

const MIN_WRAPPED = 20;

const PLAIN = /^[\x20-\x7e]*$/;
const FIRST_COMBINING = 0x300;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;
