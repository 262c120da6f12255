import { OutputError } from '../errors.ts';
import type { OutputFile } from '../files/output-file.ts';
import type { CheckOptions } from '../usage/check.ts';
import { type Amounts, STATUSES } from '../usage/outcome.ts';
import { linesOf } from './judged-rows.ts';
import {
  changedCells,
  earlierRejects,
  notWritten,
  type Rejects,
  type RejectsParts,
  type RejectsPlace,
  writeRejects,
} from './rejects.ts';
import { isRejected, type Tally } from './result.ts';
import type { SharedCsv } from './shared-header.ts';

/** The files that a run writes about the rows of its input. */
export type RowFiles = {
  readonly results: OutputFile | undefined;
  /** Undefined: none are asked for. */
  readonly rejects: readonly RejectsPlace[] | undefined;
};

/** Does not throw OutputError: the run is over and its outcomes are final, so the failure is reported after them. */
export const writeRowFiles = async (
  { results, rejects: places }: RowFiles,
  tally: Tally,
  parts: RejectsParts,
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

/** Undefined for JSON Lines, where each row has columns of its own. */
export const sharedResults = ({ path }: OutputFile, check: CheckOptions): SharedCsv | undefined =>
  isJsonName(path)
    ? undefined
    : {
        flag: '--results',
        path,
        own: [
          ...['status', 'metering_record_id', 'reason'],
          ...(hasAmounts(check) ? Object.keys(amountCells(undefined)) : []),
        ],
        next: 'omit --results, or use a file that ends in .jsonl, for JSON Lines',
      };

const writeRejectsTo = async (
  places: readonly RejectsPlace[] | undefined,
  tally: Tally,
  parts: RejectsParts,
): Promise<Rejects> => {
  if (places === undefined) return { news: [], failure: undefined };
  const hasRejects = STATUSES.some(status => tally[status] > 0 && isRejected(status));
  if (hasRejects) return writeRejects(places, parts);
  return { news: await earlierRejects(places, parts), failure: undefined };
};

/** Whether what is sent may differ from what the rows say. */
const hasAmounts = ({ round, carries }: CheckOptions): boolean => round !== undefined || carries === true;

const amountCells = (
  amounts: Amounts | undefined,
): Readonly<Record<'used' | 'carried_in' | 'sent', string>> => ({
  used: amounts?.used ?? '',
  carried_in: amounts?.carriedIn ?? '',
  sent: amounts === undefined ? '' : String(amounts.sent),
});

/** Every input row with its columns, then its outcome. */
export const writeResults = async (output: OutputFile, parts: RejectsParts): Promise<void> => {
  const asJson = isJsonName(output.path);
  const withAmounts = hasAmounts(parts.check);
  const withChanged = parts.withChanged || parts.run.results.hasChanged();
  const lines = linesOf(parts.inputs.files, parts, asJson, ({ outcome, amounts }) => {
    const { status, meteringRecordId, reason, changed } = outcome;
    return {
      status,
      metering_record_id: meteringRecordId ?? '',
      reason: reason ?? '',
      ...(withAmounts && amountCells(amounts)),
      ...(withChanged && changedCells(changed)),
    };
  });
  await output.write(lines).catch(error => {
    throw notWritten(output.path, error, parts);
  });
};

const isJsonName = (path: string): boolean => /\.(jsonl|ndjson)$/i.test(path);
