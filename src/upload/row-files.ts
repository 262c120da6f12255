import { InputError, OutputError } from '../errors.ts';
import type { Register } from '../files/register.ts';
import { isProblem } from '../input/item.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type CheckOptions, checkRow } from '../usage/check.ts';
import { parseJson } from '../usage/json.ts';
import type { Outcome } from '../usage/outcome.ts';
import type { Problem } from '../usage/row.ts';
import { unreadableBecause, type World } from '../world.ts';
import { cell, csvLine } from './csv-line.ts';
import type { InputFile, Inputs } from './files.ts';

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
export const writeResults = async (path: string, parts: RowFilesParts): Promise<void> => {
  const asJson = /\.(jsonl|ndjson)$/i.test(path);
  const lines = linesOf(parts.inputs.files, parts, asJson, ({ outcome }) => {
    const { status, meteringRecordId, reason } = outcome;
    return { status, metering_record_id: meteringRecordId ?? '', reason: reason ?? '' };
  });
  await parts.world.files.write(path, lines).catch(error => {
    throw notWritten(path, error);
  });
};

export const isJson = ({ format }: InputFile): boolean => format === 'jsonl';

/** What is written of a row besides its own columns, by name; undefined leaves the row out. */
type Own = (judged: Judged) => Readonly<Record<string, string>> | undefined;

export async function* linesOf(
  files: readonly InputFile[],
  parts: RowFilesParts,
  asJson: boolean,
  ownOf: Own,
): AsyncGenerator<string> {
  let header: string | undefined;
  for (const file of files) {
    for await (const judged of judge(file, parts)) {
      const own = ownOf(judged);
      if (own === undefined) continue;
      if (asJson) {
        yield `${JSON.stringify({ ...(isJson(file) ? judged.members() : byName(judged)), ...own })}\n`;
        continue;
      }
      const [names, cells] = withOwn(judged, own);
      const line = csvLine(names, parts.delimiter);
      if (header === undefined) yield line;
      else if (header !== line) {
        throw new InputError(
          'the files have different columns',
          'leave the flag out, or write JSON Lines: FILE.jsonl',
        );
      }
      header = line;
      yield csvLine(cells, parts.delimiter);
    }
  }
}

/** A column of ours that the input has already, because a rejects file is submitted again, is written over. */
const withOwn = ({ names, cells }: Judged, own: Readonly<Record<string, string>>): [string[], string[]] => {
  const [allNames, allCells] = [[...names], [...cells]];
  for (const [name, text] of Object.entries(own)) {
    const at = allNames.indexOf(name);
    if (at !== -1) allCells[at] = cell(text);
    else {
      allNames.push(name);
      allCells.push(cell(text));
    }
  }
  return [allNames, allCells];
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
      const outcome = usage === undefined ? undefined : ledger.told.outcomeOf(usage.record);
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
export const notWritten = (path: string, error: unknown): OutputError => {
  const because = error instanceof InputError ? error.message : unreadableBecause(error);
  const inLedger = 'the records themselves are in the ledger: ampmeter history -o csv';
  const next =
    error instanceof InputError && error.next !== undefined ? `${error.next}; ${inLedger}` : inLedger;
  return new OutputError(`${path} cannot be written: ${because}`, next);
};
