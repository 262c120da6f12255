import { InputError, OutputError } from '../errors.ts';
import { isProblem } from '../input/item.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type CheckOptions, checkRow } from '../usage/check.ts';
import { isBilled, isUnfinished, type Outcome, type Status } from '../usage/outcome.ts';
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
  readonly world: Pick<World, 'files'>;
};

/** Every input row with its columns, then what became of it. The input is read once more for it. */
export const writeResults = async (path: string, parts: RowFilesParts): Promise<void> => {
  const asJson = /\.(jsonl|ndjson)$/i.test(path);
  const lines = linesOf(parts.inputs.files, parts, asJson, ({ outcome }) => {
    const { status, meteringRecordId, reason } = outcome;
    return { status, metering_record_id: meteringRecordId ?? '', reason: reason ?? '' };
  });
  await write(path, lines, parts.world);
};

/** Whether a row with this outcome must be corrected by somebody: what is unfinished goes on by itself. */
export const isRejected = (status: Status): boolean => !isBilled(status) && !isUnfinished(status);

/**
 * The rows that are not billed, in the input's own columns plus `reason`: to be corrected and submitted as they are.
 * Gives the files written.
 */
export const writeRejects = async (path: string | undefined, parts: RowFilesParts): Promise<string[]> => {
  const written: string[] = [];
  const { files } = parts.inputs;
  const rejected = (of: readonly InputFile[], asJson: boolean): AsyncGenerator<string> =>
    linesOf(of, parts, asJson, ({ outcome: { status, reason } }) =>
      isRejected(status) ? { reason: `${status}${reason === undefined ? '' : `: ${reason}`}` } : undefined,
    );
  if (path !== undefined && files.length > 1) {
    await write(path, rejected(files, files.every(isJson)), parts.world);
    return [path];
  }
  for (const file of files) {
    if (path === undefined && file.isStream) continue;
    const lines = rejected([file], isJson(file));
    const first = await lines.next();
    if (first.done === true) continue;
    const target = path ?? rejectsPath(file);
    await write(target, withFirst(first.value, lines), parts.world);
    written.push(target);
  }
  return written;
};

const isJson = ({ format }: InputFile): boolean => format === 'jsonl';

/** `usage.csv` has its rejects in `usage.rejected.csv`. */
const rejectsPath = ({ name, format }: InputFile): string =>
  `${name.replace(/\.(csv|jsonl|ndjson)$/i, '')}.rejected.${format}`;

/** What is written of a row besides its own columns, by name; undefined leaves the row out. */
type Own = (judged: Judged) => Readonly<Record<string, string>> | undefined;

async function* linesOf(
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
  readonly names: readonly string[];
  readonly cells: readonly string[];
  /** The line of a JSON Lines file as it was. */
  readonly members: () => object;
  readonly outcome: Outcome;
};

/** Each row of a file with what became of it. */
async function* judge(
  file: InputFile,
  { inputs, ledger, check, problems }: RowFilesParts,
): AsyncGenerator<Judged> {
  const shared = new Map(problems.map(problem => [`${problem.line}:${problem.file}`, problem.message]));
  let names: readonly string[] = [];
  let unsplit: number | undefined;
  for await (const items of inputs.rowsOf(file)) {
    for (const item of items) {
      if (isProblem(item)) {
        // A row that cannot be split into cells stands whole in the first of them. It may have several problems.
        if (item.endsFile || item.raw === undefined || item.line === unsplit) continue;
        unsplit = item.line;
        const { raw, message } = item;
        const cells = [raw, ...names.slice(1).map(() => '')];
        yield { names, cells, members: () => ({ raw }), outcome: invalid(message) };
        continue;
      }
      names = item.columns.names;
      const { usage, problems: own } = checkRow(item, check);
      const outcome = usage === undefined ? undefined : ledger.told.outcomeOf(usage.record);
      const message =
        own.find(({ severity }) => severity === 'error')?.message ?? shared.get(`${item.line}:${item.file}`);
      const members = () => JSON.parse(item.raw) as object;
      yield { names, cells: item.cells, members, outcome: outcome ?? invalid(message) };
    }
  }
}

const invalid = (reason: string | undefined): Outcome => ({
  status: 'invalid',
  reason,
  meteringRecordId: undefined,
});

async function* withFirst(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

/** By now everything is sent: whatever is wrong with a file no longer is the fault of the input. */
const write = async (
  path: string,
  lines: AsyncIterable<string>,
  { files }: Pick<World, 'files'>,
): Promise<void> => {
  await files.write(path, lines).catch(error => {
    const because = error instanceof InputError ? error.message : unreadableBecause(error);
    const next = error instanceof InputError ? error.next : undefined;
    throw new OutputError(
      `${path} cannot be written: ${because}`,
      next ?? 'the records themselves are settled in the ledger',
    );
  });
};
