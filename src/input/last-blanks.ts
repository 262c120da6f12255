import type { Break, RawRecord } from './csv-records.ts';

type Taken = readonly (RawRecord | Break)[];
type Take = (text: string, last: boolean) => Taken;

/**
 * Leaves out the lines at the end of a file that have only blanks, or the Ctrl-Z with which old programs end a text. In the
 * middle of a file they are rows.
 */
export const withoutLastBlanks = (take: Take, delimiter: string | undefined): Take => {
  const isBlank = ({ raw, fault }: RawRecord | Break): boolean =>
    fault === undefined &&
    BLANKS.test(raw) &&
    (delimiter === undefined || delimiter.trim() !== '' || !raw.includes(delimiter));
  let held: Taken = [];
  return (text, last) => {
    const taken = take(text, last);
    const rows = held.length === 0 ? taken : [...held, ...taken];
    held = [];
    let end = rows.length;
    for (let row = rows[end - 1]; row !== undefined && isBlank(row); row = rows[end - 1]) end--;
    if (end === rows.length) return rows;
    // A file of nothing but blanks is not held in memory.
    if (!last && rows.length - end > MAX_HELD) return rows;
    held = rows.slice(end);
    return rows.slice(0, end);
  };
};

const MAX_HELD = 1000;

/** The first character is compared first: almost no row begins with one of these. */
const BLANKS = /^[\s\u001a]+$/;
