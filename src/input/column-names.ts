import { COLUMN_NAMES, type ColumnName } from '../usage/row.ts';

/** The column with this name, in the tool's spelling or the API's. Case, spaces, `_` and `-` do not matter. */
export const columnOf = (name: string): ColumnName | undefined => SPELLINGS.get(plain(name));

/** The key of a `tag:<Key>` column, exactly as written; undefined for other columns. */
export const tagKeyOf = (name: string): string | undefined =>
  /^tag:/i.test(name) ? name.slice('tag:'.length) : undefined;

/** The known name that a misspelled one probably means, with the weight of its typing mistakes (see `EDIT`). */
type Guess = {
  readonly name: string;
  readonly column: ColumnName | undefined;
  readonly mistakes: number;
};

/** The known column or the tag that an unknown name looks like; undefined when it looks like neither. */
export const guess = (name: string): Guess | undefined => {
  const tag = /^tags?\s*[:=]\s*(.+)$/i.exec(name)?.[1];
  if (tag !== undefined) return { name: `tag:${tag}`, column: undefined, mistakes: EDIT.insert };
  const word = plain(name);
  let best: Guess | undefined;
  for (const [spelling, column] of SPELLINGS) {
    if (Math.abs(spelling.length - word.length) * EDIT.insert > limitFor(spelling)) continue;
    const mistakes = distance(word, spelling);
    if (mistakes <= limitFor(spelling) && mistakes < (best?.mistakes ?? Number.POSITIVE_INFINITY)) {
      best = { name: column, column, mistakes };
    }
  }
  return best;
};

/** The name in the list that a mistyped one probably means. */
export const nearest = (name: string, names: readonly string[]): string | undefined => {
  const word = plain(name);
  return names.find(other => {
    const near = plain(other);
    return (
      Math.abs(near.length - word.length) <= 2 &&
      near.length <= MAX_COMPARED &&
      distance(word, near) <= 2 * EDIT.insert
    );
  });
};

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '');

/** Other names: the API's where they differ (MeterUsage has its own), and British spelling. */
const ALIASES: Readonly<Record<string, ColumnName>> = {
  usagedimension: 'dimension',
  usagequantity: 'quantity',
  licencearn: 'license_arn',
};

const SPELLINGS: ReadonlyMap<string, ColumnName> = new Map([
  ...COLUMN_NAMES.map(name => [plain(name), name] as const),
  ...Object.entries(ALIASES),
]);

/** `quality` is not quantity, `product_cost` not product_code, and `customer_account_id` is customer_aws_account_id. */
const limitFor = ({ length }: string): number => {
  if (length <= 8) return 2 * EDIT.insert;
  return length < 16 ? EDIT.insert + EDIT.replace : 3 * EDIT.insert;
};

const MAX_COMPARED = 64;

/** The weight of typing mistakes. A replaced letter weighs more: two of them make another word (`product_cost`, `quality`). */
export const EDIT = { insert: 2, remove: 2, swap: 2, replace: 3 } as const;

/**
 * The typing mistakes between two words, weighted by `EDIT`: a letter added, removed, replaced, or swapped with its
 * neighbor (optimal string alignment). For short words only: the time is the product of their lengths.
 */
export const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column * EDIT.insert);
  for (let row = 1; row <= a.length; row++) {
    const current = [row * EDIT.remove];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + EDIT.remove,
        (current[column - 1] ?? 0) + EDIT.insert,
        (previous[column - 1] ?? 0) + (same ? 0 : EDIT.replace),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (before[column - 2] ?? 0) + EDIT.swap);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
};

/** Whether the header is really the first record of a file without a header; that record would not be billed. */
export const isRecord = (names: readonly string[], isKnown: (name: string) => boolean): boolean =>
  names.some(isValue) && !names.some(isKnown);

export const RECORD_FIRST = 'the first line looks like a record: the file has no header';

/** Whether this is an account id, a number, a time or an ARN, perhaps quoted by a spreadsheet, and not a column name. */
export const isValue = (name: string): boolean => {
  const bare = name.trim().replace(/^(?:="|['"])|"$/g, '');
  return NUMBER.test(bare) || DATE.test(bare) || bare.startsWith('arn:aws');
};

const NUMBER = /^[-+]?[0-9][0-9.,]*(?:e[-+]?[0-9]+)?$/i;

/** With or without a time of day. */
const DATE = /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4})(?:[T ,]|$)/;

/** The delimiter that a header seems to have, if it is not `delimiter`: no known column appears until it is split there. */
export const otherDelimiter = (header: string, delimiter: string): string | undefined => {
  const knownBy = (candidate: string): number =>
    header.split(candidate).filter(name => columnOf(name.replace(/^\s*"|"\s*$/g, '')) !== undefined).length;
  if (knownBy(delimiter) > 0 && header.includes(delimiter)) return undefined;
  const candidates = [',', ';', '\t', '|'].filter(other => other !== delimiter && header.includes(other));
  // A name may contain such a sign, so it counts as the delimiter only if it separates two known names.
  const signs = [...new Set(header.match(SIGN))].filter(sign => sign !== delimiter);
  return (
    candidates.find(other => knownBy(other) > 0) ??
    signs.find(sign => knownBy(sign) > 1) ??
    (header.includes(delimiter) ? undefined : candidates[0])
  );
};

/** Other characters that may separate cells, for example a colon or a space. */
const SIGN = /[ !#$%&()*+./:<=>?@[\\\]^`{}~]/g;

export const delimiterName = (delimiter: string): string =>
  delimiter === '\t' ? 'a tab' : delimiter === ' ' ? 'a space' : `'${delimiter}'`;

/** The flag that sets this delimiter, as typed in a shell. */
export const delimiterFlag = (delimiter: string): string =>
  delimiter === '\t' ? '--delimiter tab' : `--delimiter '${delimiter}'`;
