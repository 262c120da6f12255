import { InputError, OutputError } from '../errors.ts';
import { isProblem } from '../input/item.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type CheckOptions, checkRow } from '../usage/check.ts';
import { isBilled, isUnfinished, type Outcome, type Status } from '../usage/outcome.ts';
import type { Problem, Row } from '../usage/row.ts';
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
  async function* lines(): AsyncGenerator<string> {
    let header: string | undefined;
    for (const file of parts.inputs.files) {
      for await (const { row, outcome } of judged(file, parts)) {
        const { status, meteringRecordId: id, reason } = outcome;
        const own = { status, metering_record_id: id ?? '', reason: reason ?? '' };
        if (asJson) {
          yield `${JSON.stringify({ ...Object.fromEntries(row.columns.names.map((name, at) => [name, row.cells[at] ?? ''])), ...own })}\n`;
          continue;
        }
        const names = csvLine([...row.columns.names, ...Object.keys(own)], parts.delimiter);
        if (header === undefined) yield names;
        else if (header !== names)
          throw new InputError(
            'the files have different columns',
            'write JSON Lines instead: --results FILE.jsonl',
          );
        header = names;
        yield csvLine([...row.cells, own.status, own.metering_record_id, cell(own.reason)], parts.delimiter);
      }
    }
  }
  await write(path, lines(), parts.world);
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
  if (path !== undefined && files.length > 1) {
    await write(path, rejectedLines(files, parts), parts.world);
    return [path];
  }
  for (const file of files) {
    if (path === undefined && file.isStream) continue;
    const target = path ?? rejectsPath(file);
    const lines = rejectedLines([file], parts);
    const first = await lines.next();
    if (first.done === true) continue;
    await write(target, withFirst(first.value, lines), parts.world);
    written.push(target);
  }
  return written;
};

/** `usage.csv` has its rejects in `usage.rejected.csv`. */
const rejectsPath = ({ name, format }: InputFile): string =>
  `${name.replace(/\.(csv|jsonl|ndjson)$/i, '')}.rejected.${format}`;

async function* rejectedLines(files: readonly InputFile[], parts: RowFilesParts): AsyncGenerator<string> {
  let header: string | undefined;
  for (const file of files) {
    for await (const { row, outcome } of judged(file, parts)) {
      if (!isRejected(outcome.status)) continue;
      const reason = `${outcome.status}${outcome.reason === undefined ? '' : `: ${outcome.reason}`}`;
      if (file.format === 'jsonl') {
        yield `${JSON.stringify({ ...(JSON.parse(row.raw) as object), reason })}\n`;
        continue;
      }
      // A rejects file that is submitted again has the column already.
      const at = row.columns.names.indexOf('reason');
      const names = at === -1 ? [...row.columns.names, 'reason'] : row.columns.names;
      const line = csvLine(names, parts.delimiter);
      if (header === undefined) yield line;
      else if (header !== line)
        throw new InputError(
          'the files have different columns',
          'leave --rejects out: each file gets its own',
        );
      header = line;
      yield csvLine(
        at === -1 ? [...row.cells, cell(reason)] : row.cells.with(at, cell(reason)),
        parts.delimiter,
      );
    }
  }
}

type Judged = { readonly row: Row; readonly outcome: Outcome };

/** Each row of a file with what became of it. */
async function* judged(
  file: InputFile,
  { inputs, ledger, check, problems }: RowFilesParts,
): AsyncGenerator<Judged> {
  const shared = new Map(problems.map(problem => [`${problem.line}:${problem.file}`, problem.message]));
  for await (const items of inputs.rowsOf(file)) {
    for (const row of items) {
      // A row that cannot be split into cells has no columns to be written in; it is in the report.
      if (isProblem(row)) continue;
      const { usage, problems: own } = checkRow(row, check);
      const outcome = usage === undefined ? undefined : ledger.outcomeOf(usage.record);
      const message =
        own.find(({ severity }) => severity === 'error')?.message ?? shared.get(`${row.line}:${row.file}`);
      const invalid: Outcome = { status: 'invalid', reason: message, meteringRecordId: undefined };
      yield { row, outcome: outcome ?? invalid };
    }
  }
}

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
