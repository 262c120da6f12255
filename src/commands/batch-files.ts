import { OutputError } from '../errors.ts';
import {
  earlierRejects,
  isRejected,
  type Rejects,
  type RejectsNews,
  writeRejects,
} from '../upload/rejects.ts';
import { type RowFilesParts, writeResults } from '../upload/row-files.ts';
import type { Tally } from '../upload/summary.ts';
import { STATUSES } from '../usage/outcome.ts';
import type { BatchOptions } from './batch.ts';

/** A file that cannot be written is said after the report: the run is over, and its outcomes stand. */
export const writeRowFiles = async (
  options: BatchOptions,
  tally: Tally,
  parts: RowFilesParts,
): Promise<{ readonly rejects: readonly RejectsNews[]; readonly failure: OutputError | undefined }> => {
  const { news, failure } = await writeRejectsOf(options, tally, parts);
  try {
    if (options.results !== undefined) await writeResults(options.results, parts);
    return { rejects: news, failure };
  } catch (error) {
    if (error instanceof OutputError) return { rejects: news, failure: failure ?? error };
    throw error;
  }
};

const writeRejectsOf = async (
  { rejects }: BatchOptions,
  tally: Tally,
  parts: RowFilesParts,
): Promise<Rejects> => {
  if (rejects === false) return { news: [], failure: undefined };
  const hasRejects = STATUSES.some(status => tally[status] > 0 && isRejected(status));
  if (hasRejects) return writeRejects(rejects, parts);
  return { news: await earlierRejects(rejects, parts), failure: undefined };
};
