import { parseDecimal } from './decimal.ts';
import { CHANGED_COLUMNS } from './outcome.ts';
import { invalid, type Parsed } from './parsed.ts';
import type { Row } from './row.ts';

/**
 * What is wrong with the quantity of a conflict's row that is submitted as it was rejected; undefined for any other row.
 * Its quantity was left empty so that it bills nothing by mistake. The usual help for an empty quantity, to write 0, would
 * be wrong.
 */
export const conflictAgain = ({ cells, columns: { names, known } }: Row): Parsed<never> | undefined => {
  if (known.quantity === undefined || cells[known.quantity]?.trim() !== '') return undefined;
  const [billed = '', reported = '', difference = ''] = CHANGED_COLUMNS.map(
    column => cells[names.indexOf(column)] ?? '',
  );
  const [before, after, change] = [billed, reported, difference].map(parseDecimal);
  // Three numbers that fit together are ours, and not columns of the user that have these names by chance.
  if (before === undefined || after === undefined || before + (change ?? 0n) !== after) return undefined;
  if (change === undefined || change === 0n) return undefined;
  return invalid(
    `quantity is empty because the row is a conflict: the hour is billed with ${billed}, and ${reported} was reported`,
    change < 0n
      ? 'remove the row: AWS does not reduce what is billed; about a refund, contact AWS Marketplace seller operations'
      : `remove the row; to bill the other ${difference}, submit the original file with --late carry, or one row with ${difference} and an hour that has no record`,
  );
};
