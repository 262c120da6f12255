import { OutputError } from '../../errors.ts';
import type { OutputFile } from '../../files/output-file.ts';
import {
  earlierRejects,
  isRejected,
  type Rejects,
  type RejectsPlace,
  writeRejects,
} from '../../upload/rejects.ts';
import type { Tally } from '../../upload/result.ts';
import { type RowFilesParts, writeResults } from '../../upload/row-files.ts';
import { STATUSES } from '../../usage/outcome.ts';

export type RowFiles = {
  readonly results: OutputFile | undefined;
  /** Undefined: none are asked for. */
  readonly rejects: readonly RejectsPlace[] | undefined;
};

/** A file that cannot be written is said after the report: the run is over, and its outcomes stand. */
export const writeRowFiles = async (
  { results, rejects: places }: RowFiles,
  tally: Tally,
  parts: RowFilesParts,
): Promise<Rejects> => {
  const { news, failure } = await writeRejectsTo(places, tally, parts);
  try {
    if (results !== undefined) await writeResults(results, parts);
    return { news, failure };
  } catch (error) {
    if (error instanceof OutputError) return { news, failure: failure ?? error };
    throw error;
  }
};

const writeRejectsTo = async (
  places: readonly RejectsPlace[] | undefined,
  tally: Tally,
  parts: RowFilesParts,
): Promise<Rejects> => {
  if (places === undefined) return { news: [], failure: undefined };
  const hasRejects = STATUSES.some(status => tally[status] > 0 && isRejected(status));
  if (hasRejects) return writeRejects(places, parts);
  return { news: await earlierRejects(places, parts), failure: undefined };
};
