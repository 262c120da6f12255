import { OutputError } from '../errors.ts';
import { beside, isOwnStream, rejectsName, streamName } from '../files/names.ts';
import { writeNewFile } from '../files/new-file.ts';
import { isBilled, isUnfinished, type Status } from '../usage/outcome.ts';
import { startOfHour } from '../usage/windows.ts';
import type { InputFile } from './files.ts';
import { isJson, judge, linesOf, notWritten, type RowFilesParts } from './row-files.ts';

/** What became of the rows that are not billed. */
export type RejectsNews =
  | {
      readonly kind: 'written';
      readonly path: string;
      /** The name that was meant; another when that was not free. */
      readonly meant: string;
      /** False: the very same rows were there already. */
      readonly isNew: boolean;
      /** The input, when it is a stream, which has no place of its own. */
      readonly stream: string | undefined;
    }
  /** Rows of a stream that are in no file. */
  | { readonly kind: 'not-kept'; readonly stream: string; readonly rows: number }
  /** There is nothing to write, and the file is of an earlier run. */
  | { readonly kind: 'earlier'; readonly path: string };

export type Rejects = {
  readonly news: readonly RejectsNews[];
  /** Why one of the files could not be written. */
  readonly failure: OutputError | undefined;
};

/** Whether a row with this outcome must be corrected by somebody: what is unfinished goes on by itself. */
export const isRejected = (status: Status): boolean => !isBilled(status) && !isUnfinished(status);

/**
 * Writes the rows that are not billed, in the input's own columns plus `reason`: to be corrected and submitted as they
 * are. `path`: one file for all; undefined: one beside each input, and those of a stream beside the ledger. One file
 * that cannot be written keeps no other from being.
 */
export const writeRejects = async (path: string | undefined, parts: RowFilesParts): Promise<Rejects> => {
  const news: RejectsNews[] = [];
  let failure: OutputError | undefined;
  for (const group of groupsOf(path, parts.inputs.files, parts.ledgerFile)) {
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

/** When no row is rejected: what of earlier runs could be taken for this one's. */
export const earlierRejects = async (
  path: string | undefined,
  parts: RowFilesParts,
): Promise<RejectsNews[]> => {
  const news: RejectsNews[] = [];
  for (const group of groupsOf(path, parts.inputs.files, parts.ledgerFile)) {
    const item = await earlier(group, parts);
    if (item !== undefined) news.push(item);
  }
  return news;
};

/** Inputs whose rejects go into one file. */
type Group = {
  readonly files: readonly InputFile[];
  /** Undefined: there is no place for them. */
  readonly target: string | undefined;
  readonly stream: string | undefined;
  /** What the register has the target for already. */
  readonly role: string | undefined;
};

const groupsOf = (
  path: string | undefined,
  files: readonly InputFile[],
  ledgerFile: string | undefined,
): Group[] => {
  if (path !== undefined) return [{ files, target: path, stream: undefined, role: 'the file of --rejects' }];
  return files.map(file => {
    const { name, format, isStream } = file;
    if (!isStream && !isOwnStream(name))
      return { files: [file], target: rejectsName(name, format), stream: undefined, role: undefined };
    const target = ledgerFile && beside(ledgerFile, rejectsName(streamName(name), format));
    return { files: [file], target, stream: name, role: undefined };
  });
};

const writeGroup = async (group: Group, parts: RowFilesParts): Promise<RejectsNews | undefined> => {
  const { files, target, stream, role } = group;
  try {
    if (target === undefined) {
      const rows = await countRejected(files, parts);
      return rows === 0 ? undefined : { kind: 'not-kept', stream: stream ?? '', rows };
    }
    const lines = rejectedLines(files, parts);
    const first = await lines.next();
    if (first.done === true) return earlier(group, parts);
    const all = withFirst(first.value, lines);
    const { path, isNew } = await writeNewFile(target, all, parts.register, role);
    return { kind: 'written', path, meant: target, isNew, stream };
  } catch (error) {
    throw notWritten(target ?? 'the file of rejects', error, parts);
  }
};

const earlier = async ({ target, role }: Group, parts: RowFilesParts): Promise<RejectsNews | undefined> => {
  if (target === undefined) return undefined;
  const other = await parts.register.roleOf(target);
  if (other !== undefined && other !== role) return undefined;
  const facts = await parts.world.files.stat(target).catch(() => undefined);
  return facts?.kind === 'file' && facts.size > 0 ? { kind: 'earlier', path: target } : undefined;
};

const rejectedLines = (files: readonly InputFile[], parts: RowFilesParts): AsyncGenerator<string> => {
  const { timestamp, pinned } = parts.check;
  const stampOf = (file: InputFile): { timestamp: string } | undefined =>
    parts.stampRejects && timestamp !== undefined
      ? { timestamp: hourText(pinned?.get(file.name) ?? timestamp) }
      : undefined;
  return linesOf(files, parts, files.every(isJson), ({ file, outcome: { status, reason } }) =>
    isRejected(status)
      ? { ...stampOf(file), reason: `${status}${reason === undefined ? '' : `: ${reason}`}` }
      : undefined,
  );
};

const hourText = (ms: number): string => new Date(startOfHour(ms) * 1000).toISOString().replace('.000Z', 'Z');

const countRejected = async (files: readonly InputFile[], parts: RowFilesParts): Promise<number> => {
  let rows = 0;
  for (const file of files)
    for await (const { outcome } of judge(file, parts)) if (isRejected(outcome.status)) rows += 1;
  return rows;
};

async function* withFirst(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
