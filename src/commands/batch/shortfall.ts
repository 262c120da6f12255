import { show } from '../../render/text/escape.ts';
import { counted, hourText } from '../../render/text/numbers.ts';
import { placeText } from '../../render/text/outcomes.ts';
import type { RejectsNews } from '../../upload/rejects.ts';
import { isRejected, newOf, type Tally } from '../../upload/result.ts';
import type { ToldRecord } from '../../upload/upload.ts';
import { customerOf } from '../../usage/key.ts';
import { isBilled, type SettledRecord, STATUSES } from '../../usage/outcome.ts';
import type { BatchOptions } from './options.ts';
import { submitText } from './repeat.ts';

/** More are not read one by one. */
const MAX_NAMED = 10;

/**
 * With `--known-problems ok`: how many records are not billed that no earlier run has shown, and which; how many are known.
 * Rows that are no records were listed before.
 */
export const newsText = (tally: Tally, known: Tally, records: Iterable<ToldRecord>): string => {
  const news = newOf(tally, known);
  const knownCount = totalOf(known);
  if (totalOf(news) === 0) return shortfallText(tally);
  const named: string[] = [];
  for (const record of records) {
    if (!isRejected(record.outcome.status) || record.told?.isKnown === true) continue;
    named.push(`\n  ${recordText(record)}`);
    if (named.length === MAX_NAMED) break;
  }
  const more = totalOf(news) - news.invalid - named.length;
  const rest = named.length === MAX_NAMED && more > 0 ? `\n  and ${more} more` : '';
  const others = knownCount === 0 ? '' : `; ${knownCount} more ${knownCount === 1 ? 'is' : 'are'} known`;
  return `${shortfallText(news)}${others}${named.join('')}${rest}`;
};

const recordText = ({ record, rows, outcome: { status, reason, changed } }: SettledRecord): string => {
  const what = changed === undefined ? reason : `billed ${changed.billed}, reported ${changed.reported}`;
  const names = `${hourText(record.timestamp)} ${show(customerOf(record))} ${show(record.dimension)}`;
  return `${placeText(rows, true)} ${names}: ${what === undefined ? status : `${show(what)} (${status})`}`;
};

const totalOf = (tally: Tally): number =>
  STATUSES.reduce((sum, status) => sum + (isBilled(status) ? 0 : tally[status]), 0);

/** How many records are not billed, and their outcomes. */
export const shortfallText = (tally: Tally): string => {
  const counts = STATUSES.filter(status => !isBilled(status) && tally[status] > 0);
  const total = totalOf(tally);
  const kinds = counts.map(status => `${tally[status]} ${status}`).join(', ');
  return `${counted(total, 'record')} ${total === 1 ? 'is' : 'are'} not billed: ${kinds}`;
};

/** How to see which records are not billed. */
export const lookAt = (rejects: readonly RejectsNews[], options: BatchOptions): string => {
  const paths = rejects.filter(isWritten).map(({ path }) => path);
  const [first] = paths;
  if (first === undefined) return LOOK_AGAIN;
  return `see ${paths.map(show).join(', ')} for each row with its reason${submitText(first, options)}`;
};

/** What is billed is not billed again. */
export const LOOK_AGAIN = 'to see which and why, run the same command with -o json instead of -q';

const isWritten = (item: RejectsNews): item is RejectsNews & { readonly kind: 'written' } =>
  item.kind === 'written';
