import { type CheckOptions, checkRow } from '../usage/check.ts';
import { keyText } from '../usage/key.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Row } from '../usage/row.ts';
import { type NamedUsage, namesOf } from '../usage/told.ts';

/**
 * The records that a row may be part of, of all that it may say, and what all of them name. Their quantities have no
 * meaning.
 */
export const readingsIn = (
  readings: readonly Row[],
  check: CheckOptions,
): { readonly records: readonly UsageRecord[]; readonly names: NamedUsage } => {
  const records = new Map<string, UsageRecord>();
  for (const row of readings) {
    const { usage, incompleteRecord } = checkRow(bare(row), check);
    const record = usage?.record ?? incompleteRecord;
    if (record !== undefined) records.set(keyText(record), record);
  }
  const [first, ...others] = [...records.values()].map(namesOf);
  if (first === undefined) return { records: [], names: {} };
  const shared = <N extends keyof NamedUsage>(name: N): NamedUsage[N] =>
    others.every(other => other[name] === first[name]) ? first[name] : undefined;
  return {
    records: [...records.values()],
    names: { hour: shared('hour'), customer: shared('customer'), dimension: shared('dimension') },
  };
};

/** The same row without spaces around its cells, and without what spreadsheets put before them. */
const bare = (row: Row): Row => ({
  ...row,
  cells: row.cells.map(cell =>
    cell
      .trim()
      .replace(/^="(.*)"$/, '$1')
      .replace(/^'/, ''),
  ),
});
