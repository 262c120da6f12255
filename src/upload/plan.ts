import { type InputProblem, type Item, isProblem } from '../input/problem.ts';
import type { Draft, DraftRow } from '../ledger/draft.ts';
import { fitsAlone } from '../usage/batches.ts';
import { type CheckOptions, checkRow } from '../usage/check.ts';
import { type MergeMode, mergeRows } from '../usage/merge.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Place } from '../usage/row.ts';
import type { Items } from './input-files.ts';
import type { ProblemLog } from './problems.ts';
import { WIRE_SIZE } from './size.ts';

export type PlanOptions = {
  readonly check: CheckOptions;
  readonly merge: MergeMode;
  /** Send the good rows although others are invalid. */
  readonly skipInvalid: boolean;
};

export type Filled = {
  /** Rows read, the invalid ones included. */
  readonly rows: number;
  /** Files that cannot be read, or not to their end, and why: then the input is not sent in part. The first of them. */
  readonly unreadable: readonly InputProblem[];
};

/** Checks every row and writes what it reports into the draft of the plan, one record for each key. */
export const fillDraft = async (
  input: AsyncIterable<Items>,
  draft: Draft,
  book: ProblemLog,
  { check, merge, skipInvalid }: PlanOptions,
): Promise<Filled> => {
  let rows = 0;
  const unreadable: InputProblem[] = [];
  /** A row may have more than one problem. */
  let last: Place | undefined;
  const spoiled: { readonly record: UsageRecord; readonly line: number }[] = [];
  const take = (item: Item): DraftRow | undefined => {
    if (isProblem(item)) {
      if (item.endsFile) {
        if (unreadable.length < MOST_UNREADABLE) unreadable.push(item);
      } else if (item.line !== last?.line || item.file !== last.file) rows += 1;
      last = item;
      book.add(item);
      return undefined;
    }
    rows += 1;
    const { usage, problems, incompleteRecord } = checkRow(item, check);
    for (const problem of problems) book.add(problem);
    if (incompleteRecord !== undefined && skipInvalid)
      spoiled.push({ record: incompleteRecord, line: item.line });
    if (usage === undefined) return undefined;
    const alone = mergeRows([usage], merge);
    if (alone.ok) return { record: alone.planned.record, place: usage.place };
    book.addShared(alone.places, alone.message, alone.help);
    return undefined;
  };
  for await (const items of input) draft.add(items.map(take).filter(row => row !== undefined));

  for (const group of draft.repeated()) {
    const merged = mergeRows(group, merge);
    if (merged.ok) {
      draft.merge(merged.planned.record);
    } else {
      book.addShared(merged.places, merged.message, merged.help);
      draft.drop(group[0].record);
    }
  }
  for (const { record, line } of spoiled) {
    const planned = draft.planned(record);
    if (planned === undefined) continue;
    book.addShared(
      planned.rows,
      `line ${line} of the same customer, dimension and hour is invalid`,
      HELD_BACK,
    );
    draft.drop(record);
  }
  draft.adoptKnown();
  for (const records of draft.doubleBilled()) {
    book.addShared(
      records.flatMap(({ rows: places }) => places),
      BILLED_TWICE,
      'report the hour one way; beside a license the product code only tells products apart',
    );
    for (const { record } of records) draft.drop(record);
  }
  for (const planned of draft.large()) {
    if (fitsAlone(planned.record, WIRE_SIZE)) continue;
    book.addShared(planned.rows, TOO_LARGE, 'use fewer or shorter tags');
    draft.drop(planned.record);
  }
  return { rows, unreadable };
};

/** More are not named in the error that ends the run. */
const MOST_UNREADABLE = 100;

const HELD_BACK = 'fix it first: once part of the hour is billed, the rest cannot be added';
const BILLED_TWICE =
  'the same account, dimension and hour with a license ARN and with a product code: AWS would bill both';
const TOO_LARGE = 'this record alone is larger than the 1 MB that AWS takes in a request';
