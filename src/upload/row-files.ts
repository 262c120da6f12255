import { InputError, OutputError } from '../errors.ts';
import { cell, csvLine } from '../files/csv-writer.ts';
import type { OutputFile } from '../files/output-file.ts';
import type { Register } from '../files/register.ts';
import { unwritableBecause } from '../files/unwritable.ts';
import { isProblem } from '../input/problem.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type CheckOptions, checkRow } from '../usage/check.ts';
import { parseJson } from '../usage/json.ts';
import type { Outcome } from '../usage/outcome.ts';
import type { Problem } from '../usage/row.ts';
import { shellWord } from '../usage/shell-word.ts';
import type { World } from '../world.ts';
import type { InputFile, Inputs } from './input-files.ts';
import { columnsWith, type SharedCsv } from './one-header.ts';

export type RowFilesParts = {
  readonly inputs: Inputs;
  readonly ledger: Ledger;
  readonly check: CheckOptions;
  /** As in the input; undefined: a comma. */
  readonly delimiter: string | undefined;
  /** What is wrong with the input, for rows that only together are invalid. */
  readonly problems: readonly Problem[];
  /** All paths of the run. */
  readonly register: Register;
  /** The ledger's file; undefined when nothing outlives the run. */
  readonly ledgerFile: string | undefined;
  /** `check.timestamp` was a relative time: the rejects tell it, because an hour later the same words mean another. */
  readonly stampRejects: boolean;
  readonly world: Pick<World, 'files'>;
};

/** Every input row with its columns, then what became of it. The input is read once more for it. */
export const writeResults = async (output: OutputFile, parts: RowFilesParts): Promise<void> => {
  const asJson = isJsonName(output.path);
  const lines = linesOf(parts.inputs.files, parts, asJson, ({ outcome }) => {
    const { status, meteringRecordId, reason } = outcome;
    return { status, metering_record_id: meteringRecordId ?? '', reason: reason ?? '' };
  });
  await output.write(lines).catch(error => {
    throw notWritten(output.path, error, parts);
  });
};

/** Undefined for JSON Lines, where each row has columns of its own. */
export const sharedResults = ({ path }: OutputFile): SharedCsv | undefined =>
  isJsonName(path)
    ? undefined
    : {
        flag: '--results',
        path,
        own: ['status', 'metering_record_id', 'reason'],
        next: 'leave --results out, or write JSON Lines: name a file that ends in .jsonl',
      };

const isJsonName = (path: string): boolean => /\.(jsonl|ndjson)$/i.test(path);

export const isJson = ({ format }: InputFile): boolean => format === 'jsonl';

/** What is written of a row besides its own columns, by name; undefined leaves the row out. */
type Own = (judged: Judged) => Readonly<Record<string, string>> | undefined;

export async function* linesOf(
  files: readonly InputFile[],
  parts: RowFilesParts,
  asJson: boolean,
  ownOf: Own,
): AsyncGenerator<string> {
  let hasHeader = false;
  for (const file of files) {
    for await (const judged of judge(file, parts)) {
      const own = ownOf(judged);
      if (own === undefined) continue;
      if (asJson) {
        yield `${JSON.stringify({ ...(isJson(file) ? judged.members() : byName(judged)), ...own })}\n`;
        continue;
      }
      const [names, cells] = withOwn(judged, own);
      if (!hasHeader) yield csvLine(names, parts.delimiter);
      hasHeader = true;
      yield csvLine(cells, parts.delimiter);
    }
  }
}

/** A column of ours that the input has already, because a rejects file is submitted again, is written over. */
const withOwn = ({ names, cells }: Judged, own: Readonly<Record<string, string>>): [string[], string[]] => {
  const all = columnsWith(names, Object.keys(own));
  return [all, all.map((name, at) => (own[name] === undefined ? (cells[at] ?? '') : cell(own[name])))];
};

const byName = ({ names, cells }: Judged): object =>
  Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));

type Judged = {
  readonly file: InputFile;
  readonly names: readonly string[];
  readonly cells: readonly string[];
  /** The line of a JSON Lines file as it was. */
  readonly members: () => object;
  readonly outcome: Outcome;
};

/** Each row of a file with what became of it. */
export async function* judge(
  file: InputFile,
  { inputs, ledger, check, problems }: RowFilesParts,
): AsyncGenerator<Judged> {
  const shared = new Map(problems.map(problem => [`${problem.line}:${problem.file}`, problem.message]));
  let names: readonly string[] = [];
  let unsplit: number | undefined;
  const keepNames = (header: readonly string[]): void => {
    names = header;
  };
  for await (const items of inputs.rowsOf(file, keepNames)) {
    for (const item of items) {
      if (isProblem(item)) {
        // A row that cannot be split into cells stands whole in the first of them. It may have several problems.
        if (item.endsFile || item.raw === undefined || item.line === unsplit) continue;
        unsplit = item.line;
        const { raw, message } = item;
        const cells = [raw, ...names.slice(1).map(() => '')];
        yield { file, names, cells, members: () => ({ raw }), outcome: invalid(message) };
        continue;
      }
      names = item.columns.names;
      const { usage, problems: own } = checkRow(item, check);
      const outcome = usage === undefined ? undefined : ledger.results.outcomeOf(usage.record);
      const message =
        own.find(({ severity }) => severity === 'error')?.message ?? shared.get(`${item.line}:${item.file}`);
      const members = () => membersIn(item.raw);
      yield { file, names, cells: item.cells, members, outcome: outcome ?? invalid(message) };
    }
  }
}

/** A line that can be read in two ways, within its allocations, stays the text it is. */
const membersIn = (raw: string): object => {
  try {
    return parseJson(raw) as object;
  } catch {
    return { raw };
  }
};

const invalid = (reason: string | undefined): Outcome => ({
  status: 'invalid',
  reason,
  meteringRecordId: undefined,
});

/** By now everything is sent: whatever is wrong with a file no longer is the fault of the input. */
export const notWritten = (
  path: string,
  error: unknown,
  { ledger, ledgerFile }: Pick<RowFilesParts, 'ledger' | 'ledgerFile'>,
): OutputError => {
  if (error instanceof OutputError) return error;
  const because = error instanceof InputError ? error.message : unwritableBecause(error);
  const elsewhere =
    ledgerFile === undefined
      ? 'without a ledger the outcomes are kept nowhere else; -o jsonl prints them'
      : `what was sent is in the ledger: ampmeter history --run ${ledger.run} -o csv --ledger ${shellWord(ledgerFile)}`;
  const next =
    error instanceof InputError && error.next !== undefined ? `${error.next}; ${elsewhere}` : elsewhere;
  return new OutputError(`${path} cannot be written: ${because}`, next);
};
