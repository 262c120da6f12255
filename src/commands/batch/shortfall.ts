import { show } from '../../render/text/escape.ts';
import { counted } from '../../render/text/numbers.ts';
import type { RejectsNews } from '../../upload/rejects.ts';
import { isRejected, type Tally } from '../../upload/result.ts';
import { isBilled, STATUSES } from '../../usage/outcome.ts';

/** How many records are not billed, and their outcomes. */
export const shortfallText = (tally: Tally): string => {
  const counts = STATUSES.filter(status => !isBilled(status) && tally[status] > 0);
  const total = counts.reduce((sum, status) => sum + tally[status], 0);
  const kinds = counts.map(status => `${tally[status]} ${status}`).join(', ');
  return `${counted(total, 'record')} ${total === 1 ? 'is' : 'are'} not billed: ${kinds}`;
};

/** Whether nothing but invalid rows is missing. */
export const isOnlyInvalid = (tally: Tally): boolean =>
  STATUSES.every(status => status === 'invalid' || !isRejected(status) || tally[status] === 0);

/** Whether the rows that are not billed are in a file. */
export const isKept = (rejects: readonly RejectsNews[]): boolean => rejects.some(isWritten);

/** How to see which records are not billed. */
export const lookAt = (rejects: readonly RejectsNews[]): string => {
  const files = rejects.filter(isWritten).map(({ path }) => show(path));
  return files.length === 0 ? LOOK_AGAIN : `see ${files.join(', ')} for each row with its reason`;
};

/** What is billed is not billed again. */
export const LOOK_AGAIN = 'to see which and why, run the same command with -o json instead of -q';

const isWritten = (item: RejectsNews): item is RejectsNews & { readonly kind: 'written' } =>
  item.kind === 'written';
