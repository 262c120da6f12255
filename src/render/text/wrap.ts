import { displayWidth } from './escape.ts';

/** No line of prose is longer, however wide the terminal: longer ones are hard to read. Columns. */
export const PROSE_WIDTH = 80;

/** Text in lines of at most `width` columns, not counting the indent before all but the first. A longer word stands alone. */
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
