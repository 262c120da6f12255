import { COLUMN_NAMES, type ColumnName } from '../usage/row.ts';
import { distance, EDIT } from './distance.ts';

/** The column of this name, in the tool's spelling or the API's, without regard to case, spaces, `_` and `-`. */
export const columnOf = (name: string): ColumnName | undefined => SPELLINGS.get(plain(name));

/** The key of a `tag:<Key>` column, exactly as written; undefined for other columns. */
export const tagKeyOf = (name: string): string | undefined =>
  /^tag:/i.test(name) ? name.slice('tag:'.length) : undefined;

/** The name a misspelt one may have meant, with how many mistakes that takes (see `EDIT`). */
export type Guess = {
  readonly name: string;
  readonly column: ColumnName | undefined;
  readonly mistakes: number;
};

/** What a name that is no known one looks like: a known column, or a tag. Undefined when it looks like neither. */
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

/** The name in the list that a mistyped one may have meant. */
export const nearest = (name: string, names: readonly string[]): string | undefined => {
  const word = plain(name);
  return names.find(other => {
    const near = plain(other);
    return (
      Math.abs(near.length - word.length) <= 2 &&
      near.length <= LONGEST &&
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

const LONGEST = 64;
