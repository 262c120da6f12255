import { cell, csvLine } from '../files/csv-writer.ts';
import { membersOf } from '../input/json-members.ts';
import { UNREAD } from '../input/jsonl.ts';
import { isProblem } from '../input/problem.ts';
import type { LedgerRun } from '../ledger/run-ledger.ts';
import { type CheckOptions, checkRow } from '../usage/check.ts';
import { isObject, parseJson } from '../usage/json.ts';
import type { Amounts, Outcome } from '../usage/outcome.ts';
import { isSameRow, type Problem } from '../usage/row.ts';
import type { InputFile, InputFiles } from './input-files.ts';
import { columnsWith } from './shared-header.ts';

/**
 * The rows of the input with their outcomes, for the files that a run writes. The input is read and checked once more
 * for that: neither rows nor outcomes are ever all in memory.
 */
export type JudgeParts = {
  readonly inputs: InputFiles;
  readonly run: Pick<LedgerRun, 'results' | 'number'>;
  readonly check: CheckOptions;
  /** All rows get the columns of a conflict, because some of the input have them. */
  readonly withChanged: boolean;
  /** As given; undefined: as in the first of the inputs. */
  readonly delimiter: string | undefined;
  /** What is wrong with the input, for rows that only together are invalid. */
  readonly problems: readonly Problem[];
};

export const isJson = ({ format }: InputFile): boolean => format !== 'csv';

/** The columns that are added to those of a row, by name. Undefined: what the input has in this column, if it has it. */
type Own = Readonly<Record<string, string | undefined>>;

/** Undefined leaves the row out. */
type OwnColumns = (judged: Judged) => Own | undefined;

export async function* linesOf(
  files: readonly InputFile[],
  parts: JudgeParts,
  asJson: boolean,
  ownOf: OwnColumns,
): AsyncGenerator<string> {
  let { delimiter } = parts;
  let hasHeader = false;
  for (const file of files) {
    for await (const judged of judge(file, parts)) {
      const own = ownOf(judged);
      if (own === undefined) continue;
      if (asJson) {
        yield jsonLine(isJson(file) ? judged.members() : cellMembers(judged), own);
        continue;
      }
      const [names, cells] = withOwn(judged, own);
      if (!hasHeader) {
        delimiter ??= parts.inputs.delimiterOf(file);
        yield csvLine(names, delimiter);
      }
      hasHeader = true;
      yield csvLine(cells, delimiter);
    }
  }
}

/** If the input already has a column of ours, because a rejects file is submitted again, it is overwritten. */
const withOwn = ({ names, cells }: Judged, own: Own): [string[], string[]] => {
  const all = columnsWith(names, Object.keys(own));
  return [all, all.map((name, at) => (own[name] === undefined ? (cells[at] ?? '') : cell(own[name])))];
};

/** The name of a member and its value, as JSON. */
type Member = readonly [name: string, json: string];

/** Values keep their text: nanoseconds since 1970, read as a float, can be another hour. */
const jsonLine = (members: readonly Member[], own: Own): string => {
  const all = new Map(members);
  for (const [name, value] of Object.entries(own))
    if (value !== undefined || !all.has(name)) all.set(name, JSON.stringify(value ?? ''));
  const texts = Array.from(all, ([name, json]) => `${JSON.stringify(name)}:${json}`);
  return `{${texts.join(',')}}\n`;
};

const cellMembers = ({ names, cells }: Judged): readonly Member[] =>
  names.map((name, at) => [name, JSON.stringify(cells[at] ?? '')]);

type Judged = {
  readonly file: InputFile;
  readonly names: readonly string[];
  readonly cells: readonly string[];
  /** Those of the object in a JSON file. */
  readonly members: () => readonly Member[];
  readonly outcome: Outcome;
  /** What was sent for the record of the row, where that is not its quantity. */
  readonly amounts: Amounts | undefined;
  /** The name of the column with the quantity. */
  readonly quantityName: string | undefined;
};

/** Each row of a file with its outcome. */
export async function* judge(
  file: InputFile,
  { inputs, run, check, problems }: JudgeParts,
): AsyncGenerator<Judged> {
  const shared = new Map(problems.map(problem => [`${problem.line}:${problem.file}`, problem.message]));
  let names: readonly string[] = [];
  let unsplit: Problem | undefined;
  const keepNames = (header: readonly string[]): void => {
    names = header;
  };
  for await (const items of inputs.rowsOf(file, keepNames)) {
    for (const item of items) {
      if (isProblem(item)) {
        // A row that cannot be split into cells is written whole into the first cell. It may have several problems.
        if (item.endsFile || item.raw === undefined) continue;
        if (unsplit !== undefined && isSameRow(item, unsplit)) continue;
        unsplit = item;
        const { raw, message } = item;
        const cells = [isJson(file) ? raw.trim() : raw, ...names.slice(1).map(() => '')];
        yield {
          file,
          names,
          cells,
          members: () => membersIn(raw),
          outcome: invalid(message),
          amounts: undefined,
          quantityName: undefined,
        };
        continue;
      }
      names = item.columns.names;
      const { usage, problems: own } = checkRow(item, check);
      const known = usage === undefined ? undefined : run.results.outcomeOf(usage.record);
      const message =
        own.find(({ severity }) => severity === 'error')?.message ?? shared.get(`${item.line}:${item.file}`);
      const members = () => membersIn(item.raw);
      const { quantity } = item.columns.known;
      yield {
        file,
        names,
        cells: item.cells,
        members,
        outcome: known?.outcome ?? invalid(message),
        amounts: known?.amounts,
        quantityName: quantity === undefined ? undefined : names[quantity],
      };
    }
  }
}

/** What is no object, or can be read in two ways, is kept as text. */
const membersIn = (raw: string): readonly Member[] => {
  try {
    if (isObject(parseJson(raw)))
      return membersOf(raw).map(({ name, start, end }) => [name, withoutBlanks(raw.slice(start, end))]);
  } catch {}
  return [[UNREAD, JSON.stringify(raw.trim())]];
};

/** JSON on one line. */
const withoutBlanks = (json: string): string =>
  json.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, (_, text: string | undefined) => text ?? '');

const invalid = (reason: string | undefined): Outcome => ({
  status: 'invalid',
  reason,
  meteringRecordId: undefined,
});
