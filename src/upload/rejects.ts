import { InputError, OutputError } from '../errors.ts';
import { draftError, unwritableBecause } from '../files/atomic-write.ts';
import { beside, isOwnStream, rejectsName, streamName } from '../files/names.ts';
import { type NewFile, writeNewFile } from '../files/new-file.ts';
import type { OutputFile } from '../files/output-file.ts';
import { fileOf, type Register } from '../files/register.ts';
import { isoSeconds, startOfHour } from '../usage/hours.ts';
import type { Changed } from '../usage/outcome.ts';
import { shellWord } from '../usage/shell-word.ts';
import type { World } from '../world.ts';
import type { InputFile } from './input-files.ts';
import { isJson, type JudgeParts, judge, linesOf } from './judged-rows.ts';
import { isRejected } from './result.ts';
import type { SharedCsv } from './shared-header.ts';

/** Where the rows that are not billed are. */
export type RejectsNews =
  | {
      readonly kind: 'written';
      readonly path: string;
      /** The name it would have if that were free. */
      readonly meant: string;
      /** False: the file already had exactly these rows. */
      readonly isNew: boolean;
      /** The input, when its rejects are not beside it: a stream has no place, a folder may not be written. */
      readonly displaced: string | undefined;
    }
  /** Rows of an input that are in no file. */
  | { readonly kind: 'not-kept'; readonly displaced: string; readonly rows: number; readonly because: string }
  /** There is nothing to write for these inputs, and the file is from an earlier run. */
  | { readonly kind: 'earlier'; readonly path: string; readonly inputs: readonly string[] };

export type Rejects = {
  readonly news: readonly RejectsNews[];
  /** Why one of the files could not be written. */
  readonly failure: OutputError | undefined;
};

export type RejectsParts = JudgeParts & {
  /** All paths of the run. */
  readonly register: Register;
  /** The ledger, as the user names it; undefined when nothing outlives the run. */
  readonly ledger: string | undefined;
  /** `check.timestamp` was a relative time: the rejects name the hour, because later the same words mean another. */
  readonly stampRejects: boolean;
  readonly world: Pick<World, 'files'>;
};

/** Inputs whose rejects go into one file. */
export type RejectsPlace = {
  readonly files: readonly InputFile[];
  /** Undefined: there is no place for them, and why. */
  readonly target: string | undefined;
  readonly because: string;
  readonly displaced: string | undefined;
  /** The file that --rejects names. */
  readonly output: OutputFile | undefined;
};

/**
 * Where rejects go: into the file that `--rejects` names, otherwise beside each input; those of a stream, or of a folder
 * that is not writable, beside the ledger. Tried before anything is sent.
 */
export const placesOfRejects = (
  files: readonly InputFile[],
  {
    output,
    ledgerFile,
  }: { readonly output: OutputFile | undefined; readonly ledgerFile: string | undefined },
): RejectsPlace[] => {
  if (output !== undefined)
    return [{ files, target: output.path, because: '', displaced: undefined, output }];
  return files.map(file => {
    const { name, format, isStream } = file;
    const hasPlace = !isStream && !isOwnStream(name);
    const own = hasPlace ? rejectsName(name, format) : undefined;
    const trouble = own === undefined ? undefined : draftError(own);
    if (own !== undefined && trouble === undefined)
      return { files: [file], target: own, because: '', displaced: undefined, output };
    const because =
      own === undefined ? 'it is a stream' : `${own} cannot be written: ${unwritableBecause(trouble)}`;
    const other = ledgerFile && beside(ledgerFile, rejectsName(streamName(name), format));
    const target = other !== undefined && draftError(other) === undefined ? other : undefined;
    return { files: [file], target, because, displaced: name, output };
  });
};

/**
 * Writes the rows that are not billed, in the input's own columns plus `reason`, so that they can be corrected and
 * submitted again. If one file cannot be written, the others still are.
 */
export const writeRejects = async (
  places: readonly RejectsPlace[],
  parts: RejectsParts,
): Promise<Rejects> => {
  const news: RejectsNews[] = [];
  let failure: OutputError | undefined;
  for (const group of places) {
    try {
      const item = await writeGroup(group, parts);
      if (item !== undefined) news.push(item);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      failure ??= error;
    }
  }
  return { news, failure };
};

/** Undefined if no CSV file gets rows of all inputs. */
export const sharedRejects = (
  { path }: OutputFile,
  files: readonly InputFile[],
  { stampRejects }: Pick<RejectsParts, 'stampRejects'>,
): SharedCsv | undefined =>
  files.every(isJson)
    ? undefined
    : {
        flag: '--rejects',
        path,
        own: stampRejects ? ['timestamp', 'reason'] : ['reason'],
        next: 'omit --rejects: each input then has a file of its own',
      };

/** When no row is rejected: files of earlier runs that could be mistaken for files of this one. */
export const earlierRejects = async (
  places: readonly RejectsPlace[],
  parts: RejectsParts,
): Promise<RejectsNews[]> => {
  const news: RejectsNews[] = [];
  for (const group of places) {
    const item = await earlier(group, parts);
    if (item !== undefined) news.push(item);
  }
  return news;
};

const writeGroup = async (place: RejectsPlace, parts: RejectsParts): Promise<RejectsNews | undefined> => {
  const { files, target, because, displaced } = place;
  try {
    if (target === undefined) {
      const rows = await countRejected(files, parts);
      return rows === 0 ? undefined : { kind: 'not-kept', displaced: displaced ?? '', rows, because };
    }
    const lines = rejectedLines(files, parts);
    const first = await lines.next();
    if (first.done === true) return earlier(place, parts);
    const { path, isNew } = await writeTo(place, target, withFirst(first.value, lines), parts);
    return { kind: 'written', path, meant: target, isNew, displaced };
  } catch (error) {
    throw notWritten(target ?? 'the rejects file', error, parts);
  }
};

const writeTo = async (
  { output }: RejectsPlace,
  target: string,
  lines: AsyncIterable<string>,
  { register }: RejectsParts,
): Promise<NewFile> => {
  if (output === undefined || output.isPlain) return writeNewFile(target, lines, register, output && ROLE);
  await output.write(lines);
  return { path: target, isNew: true };
};

/** The role of the file of --rejects in the register. */
const ROLE = fileOf('--rejects');

const earlier = async (
  { files, target, output }: RejectsPlace,
  parts: RejectsParts,
): Promise<RejectsNews | undefined> => {
  if (target === undefined) return undefined;
  const other = await parts.register.roleOf(target);
  if (other !== undefined && other !== (output && ROLE)) return undefined;
  const facts = await parts.world.files.stat(target).catch(() => undefined);
  if (facts?.kind !== 'file' || facts.size === 0) return undefined;
  return { kind: 'earlier', path: target, inputs: files.map(({ name }) => name) };
};

const rejectedLines = (files: readonly InputFile[], parts: RejectsParts): AsyncGenerator<string> => {
  const { timestamp, pinned } = parts.check;
  const stampOf = (file: InputFile): { timestamp: string } | undefined =>
    parts.stampRejects && timestamp !== undefined
      ? { timestamp: hourText(pinned?.get(file.name) ?? timestamp) }
      : undefined;
  const withChanged = parts.withChanged || parts.run.results.hasChanged();
  return linesOf(files, parts, files.every(isJson), ({ file, outcome, quantityName }) => {
    const { status, reason, changed } = outcome;
    if (!isRejected(status)) return undefined;
    return {
      ...stampOf(file),
      // Of these units, most are billed: submitted for another hour, the row would bill them again.
      ...(changed !== undefined && quantityName !== undefined && { [quantityName]: '' }),
      reason: `${status}${reason === undefined ? '' : `: ${reason}`}`,
      ...(withChanged && changedCells(changed)),
    };
  });
};

/**
 * The columns that show a quantity that contradicts the ledger. A row without one keeps what it has there: columns of the
 * user, or of a conflict of an earlier run.
 */
export const changedCells = (
  changed: Changed | undefined,
): Readonly<Record<keyof Changed, string | undefined>> =>
  changed ?? { billed: undefined, reported: undefined, difference: undefined };

const hourText = (ms: number): string => isoSeconds(startOfHour(ms));

const countRejected = async (files: readonly InputFile[], parts: RejectsParts): Promise<number> => {
  let rows = 0;
  for (const file of files)
    for await (const { outcome } of judge(file, parts)) if (isRejected(outcome.status)) rows += 1;
  return rows;
};

async function* withFirst(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

/** Everything has been sent by now: a problem with a file no longer means that the input is invalid. */
export const notWritten = (
  path: string,
  error: unknown,
  { run, ledger }: Pick<RejectsParts, 'run' | 'ledger'>,
): OutputError => {
  if (error instanceof OutputError) return error;
  const because = error instanceof InputError ? error.message : unwritableBecause(error);
  const elsewhere =
    ledger === undefined
      ? 'without a ledger the outcomes are not stored anywhere else; -o jsonl prints them'
      : `the outcomes are in the ledger: ampmeter history --run ${run.number} -o csv --ledger ${shellWord(ledger)}`;
  const next =
    error instanceof InputError && error.next !== undefined ? `${error.next}; ${elsewhere}` : elsewhere;
  return new OutputError(`${path} cannot be written: ${because}`, next);
};
