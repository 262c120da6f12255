import { displayWidth } from './escape.ts';

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
