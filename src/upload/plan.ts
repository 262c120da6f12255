import { type InputProblem, type Item, isProblem } from '../input/problem.ts';
import type { DraftRow, RunDraft } from '../ledger/run-ledger.ts';
import { fitsAlone, WIRE_SIZE } from '../usage/batches.ts';
import type { LateMode } from '../usage/carry.ts';
import { type CheckOptions, checkRow } from '../usage/check.ts';
import { type MergeMode, mergeRows } from '../usage/merge.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { RoundMode } from '../usage/rounding.ts';
import { isSameRow, type Place, type Problem, type Row } from '../usage/row.ts';
import type { Items } from './input-files.ts';
import type { ProblemLog } from './problems.ts';
import { readingsIn } from './readings-in.ts';
import { createUnclearPoints, type UnclearPoints } from './unclear-points.ts';

export type PlanOptions = {
  readonly check: CheckOptions;
  readonly merge: MergeMode;
  /** What becomes of a billed hour of which the input says more. */
  readonly late?: LateMode | undefined;
  /** Send the good rows although others are invalid. */
  readonly skipInvalid: boolean;
  /** Undefined: dimensions are not compared with those that AWS lists. */
  readonly dimensions?: DimensionCheck | undefined;
};

/** Compares the dimensions of records with what AWS lists, before anything is sent. */
export type DimensionCheck = {
  /** Called before records are judged: a list that is not new is read again when it would find a fault. */
  readonly prepare: (records: () => readonly UsageRecord[]) => Promise<void>;
  /** Undefined: nothing to report. */
  readonly problemOf: (record: UsageRecord) => Pick<Problem, 'severity' | 'message' | 'help'> | undefined;
};

/** What was read of the input. */
export type Filled = {
  /** Rows read, the invalid ones included. */
  readonly rows: number;
  /** The first of the files that cannot be read, or not to their end, and why: then no part of the input is sent. */
  readonly unreadable: readonly InputProblem[];
};

/** Checks every row and adds what it reports to the draft of the plan, one record for each key. */
export const fillDraft = async (
  input: AsyncIterable<Items>,
  draft: RunDraft,
  log: ProblemLog,
  options: PlanOptions,
): Promise<Filled> => {
  const { check, merge, late } = options;
  const { rows, unreadable, unclear } = await addRows(input, draft, log, options);
  mergeDuplicates(draft, log, merge, check.round);
  dropUnclear(draft, log, unclear);
  dropIncomplete(draft, log);
  await draft.adoptKnown(late);
  dropDoubleBilled(draft, log);
  dropTooLarge(draft, log);
  return { rows, unreadable };
};

const addRows = async (
  input: AsyncIterable<Items>,
  draft: RunDraft,
  log: ProblemLog,
  { check, merge, skipInvalid, dimensions }: PlanOptions,
): Promise<Filled & { readonly unclear: UnclearPoints }> => {
  let rows = 0;
  const unreadable: InputProblem[] = [];
  /** A row may have more than one problem. */
  let last: InputProblem | undefined;
  const unclear = createUnclearPoints();
  const withhold = (records: readonly UsageRecord[], { line }: Place): void => {
    if (skipInvalid) for (const record of records) draft.withhold(record, line);
  };
  const take = (item: Item): DraftRow | undefined => {
    if (isProblem(item)) {
      if (item.endsFile) {
        if (unreadable.length < MAX_UNREADABLE) unreadable.push(item);
      } else if (last === undefined || !isSameRow(item, last)) rows += 1;
      last = item;
      const { readings, ...problem } = item;
      const { records, names } = readingsIn(readings?.() ?? [], check);
      log.add(problem, names);
      withhold(records, item);
      return undefined;
    }
    rows += 1;
    const { usage, problems, incompleteRecord, names } = checkRow(item, check);
    if (check.round !== undefined) unclear.note(item, usage?.record);
    if (skipInvalid && usage === undefined && !isAssigned(item, incompleteRecord)) {
      const { hour, customer, dimension } = names;
      if (hour !== undefined && customer !== undefined && dimension !== undefined)
        draft.withhold({ hour, customer, dimension }, item.line);
    }
    if (usage === undefined && incompleteRecord === undefined) {
      const meant = readingsIn([item, ...(item.readings?.() ?? [])], check);
      for (const problem of problems) log.add(problem, { ...names, ...meant.names });
      withhold(meant.records, item);
      return undefined;
    }
    for (const problem of problems) log.add(problem, names);
    if (incompleteRecord !== undefined) withhold([incompleteRecord], item);
    if (usage === undefined) return undefined;
    const unlisted = dimensions?.problemOf(usage.record);
    if (unlisted !== undefined) log.add({ ...placeOfDimension(item), ...unlisted });
    if (unlisted?.severity === 'error') {
      withhold([usage.record], item);
      return undefined;
    }
    const alone = mergeRows([usage], merge, check.round);
    if (alone.ok) return { record: alone.planned.record, place: usage.place };
    log.addShared({ record: usage.record, ...alone });
    return undefined;
  };
  for await (const items of input) {
    await dimensions?.prepare(() => recordsOf(items, check));
    const added = draft.add(items.map(take).filter(row => row !== undefined));
    if (added !== undefined) await added;
  }
  return { rows, unreadable, unclear };
};

/** Whether the license or the product of an invalid row is certain: a license that cannot be read may be any. */
const isAssigned = ({ cells, columns }: Row, record: UsageRecord | undefined): boolean =>
  record !== undefined &&
  (record.licenseArn !== undefined || (cells[columns.known.license_arn ?? -1] ?? '') === '');

const recordsOf = (items: Items, check: CheckOptions): UsageRecord[] =>
  items.flatMap(item => (isProblem(item) ? [] : (checkRow(item, check).usage?.record ?? [])));

const placeOfDimension = ({ file, line, raw, columns, locate }: Row) => {
  const cell = columns.known.dimension;
  return { file, line, raw, span: cell === undefined ? undefined : locate(raw, cell) };
};

/** This many are kept for the error that ends the run. */
const MAX_UNREADABLE = 100;

const mergeDuplicates = (
  draft: RunDraft,
  log: ProblemLog,
  mode: MergeMode,
  round: RoundMode | undefined,
): void => {
  for (const group of draft.duplicates()) {
    const merged = mergeRows(group, mode, round);
    if (merged.ok) {
      draft.merge(merged.planned.record);
    } else {
      const [{ record }] = group;
      log.addShared({ record, ...merged });
      draft.drop(record);
    }
  }
};

/** Once billed, a thousandth of what was used would stay. */
const dropUnclear = (draft: RunDraft, log: ProblemLog, unclear: UnclearPoints): void => {
  for (const { record, because } of unclear.found()) {
    const planned = draft.planned(record);
    if (planned === undefined) continue;
    const message = `quantity could mean thousands or a fraction: line ${because.line} has a decimal comma`;
    log.addShared({ record, places: planned.rows, message, help: PLAIN_NUMBERS });
    draft.drop(record);
  }
};

/** Records of which a row is invalid. */
const dropIncomplete = (draft: RunDraft, log: ProblemLog): void => {
  for (const { record, line } of draft.withheld()) {
    const planned = draft.planned(record);
    if (planned !== undefined) {
      const message = `line ${line} of the same customer, dimension and hour is invalid`;
      log.addShared({ record, places: planned.rows, message, help: WITHHELD });
    }
    draft.drop(record);
  }
};

const dropDoubleBilled = (draft: RunDraft, log: ProblemLog): void => {
  for (const records of draft.doubleBilled()) {
    const [first] = records;
    if (first === undefined) continue;
    log.addShared({
      record: first.record,
      places: records.flatMap(({ rows }) => rows),
      message: DOUBLE_BILLED,
      help: 'report the hour in one of the two ways; with a license, the product code only keeps products apart',
    });
    for (const { record } of records) draft.drop(record);
  }
};

const dropTooLarge = (draft: RunDraft, log: ProblemLog): void => {
  for (const planned of draft.large()) {
    if (fitsAlone(planned.record, WIRE_SIZE)) continue;
    const { record, rows: places } = planned;
    log.addShared({ record, places, message: TOO_LARGE, help: 'use fewer or shorter tags' });
    draft.drop(planned.record);
  }
};

const WITHHELD = 'fix it first: once part of the hour is billed, the rest cannot be added';
const PLAIN_NUMBERS =
  'write all quantities of the file without thousands separators and with a decimal point';
const DOUBLE_BILLED =
  'the same account, dimension and hour with a license ARN and with a product code: AWS would bill both';
const TOO_LARGE = 'this record alone is larger than 1 MB, the most that AWS accepts in a request';
