import type { DatabaseSync } from 'node:sqlite';
import { planHour } from '../usage/carry.ts';
import { type Decimal, decimalText, fromWhole, parseDecimal } from '../usage/decimal.ts';
import { asRow, type RecordRow } from './record-row.ts';

/** A kind of problem, with the record that it was found at first. */
type FoundProblem = { count: number; readonly first: RecordRow };

/** Amounts that no run writes (`usage/carry`), by problem. SQL has no exact decimals, so the records are read. */
export const amountProblems = (db: DatabaseSync): Map<string, FoundProblem> => {
  const found = new Map<string, FoundProblem>();
  const rows = db
    .prepare('SELECT * FROM record WHERE used IS NOT NULL OR carried_in IS NOT NULL ORDER BY timestamp')
    .iterate();
  for (const item of rows) {
    const row = asRow({ ...item });
    const problem = problemOf(row);
    if (problem === undefined) continue;
    const known = found.get(problem);
    if (known === undefined) found.set(problem, { count: 1, first: row });
    else known.count += 1;
  }
  return found;
};

const problemOf = (row: RecordRow): string | undefined => {
  const used = row.used === null ? fromWhole(row.quantity) : canonical(row.used);
  if (used === undefined || used < 0n) return 'a used amount that is not a decimal, 0 or more';
  if (row.parts !== null && partsSum(row.parts) !== used)
    return 'used parts that do not add up to the used amount';
  const before = row.used_when_sent === null ? undefined : canonical(row.used_when_sent);
  if (row.used_when_sent !== null && (before === undefined || before >= used))
    return 'an hour that has grown to an amount that is not larger';
  if (row.carried_in === null) return undefined;
  const carriedIn = canonical(row.carried_in);
  if (carriedIn === undefined) return 'a carried amount that is not a decimal';
  // An hour that has grown sent what it had then, and perhaps did not carry at all.
  if (before === undefined && planHour(carriedIn, used).sent !== row.quantity)
    return 'a quantity that is not the whole units of what was carried in and used';
  return undefined;
};

/** Undefined for a text that `decimalText` does not write. */
const canonical = (text: string): Decimal | undefined => {
  const value = parseDecimal(text);
  return value !== undefined && decimalText(value) === text ? value : undefined;
};

/** Undefined if it is not a list of parts. */
const partsSum = (text: string): Decimal | undefined => {
  let sum = 0n;
  try {
    for (const { allocatedUsageQuantity } of JSON.parse(text)) {
      const part = canonical(String(allocatedUsageQuantity));
      if (part === undefined || part < 0n) return undefined;
      sum += part;
    }
  } catch {
    return undefined;
  }
  return sum;
};
