import { hasDecimalComma, mayBeThousands } from '../usage/quantity.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Place, Row } from '../usage/row.ts';

/**
 * Quantities such as 1.340 that were read as fractions, of files that turn out to have a decimal comma further down: there
 * they may be more than a thousand.
 */
export type UnclearPoints = {
  /** `record`: what was read of the row; undefined if it is invalid. */
  readonly note: (row: Row, record: UsageRecord | undefined) => void;
  /** `because`: the row with the decimal comma. */
  readonly found: () => readonly { readonly record: UsageRecord; readonly because: Place }[];
};

export const createUnclearPoints = (): UnclearPoints => {
  const byFile = new Map<string, UsageRecord[]>();
  const commas = new Map<string, Place>();
  return {
    note: ({ file, line, cells, columns }, record) => {
      const quantity = cells[columns.known.quantity ?? -1] ?? '';
      if (record === undefined) {
        if (!commas.has(file) && hasDecimalComma(quantity)) commas.set(file, { file, line });
        return;
      }
      if (!mayBeThousands(quantity)) return;
      const records = byFile.get(file) ?? [];
      byFile.set(file, records);
      // With so many, it is the comma that is wrong.
      if (records.length < MAX_KEPT) records.push(record);
    },
    found: () =>
      [...commas].flatMap(([file, because]) => (byFile.get(file) ?? []).map(record => ({ record, because }))),
  };
};

const MAX_KEPT = 50_000;
