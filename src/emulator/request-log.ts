import { closeSync, constants, openSync, statSync, writeSync } from 'node:fs';
import type { Answer } from './answer.ts';
import type { SettledEntry } from './operations/call.ts';
import type { RequestEntry } from './request-entry.ts';

export type RequestLog = {
  /** Returns when the operating system has the whole line, so that it is kept even if this process is killed. */
  readonly append: (line: string) => void;
  readonly close: () => void;
};

/** Opens a file to append to. Only the owner can read a new file, because it contains customers. Throws Node's errors. */
export const openRequestLog = (path: string): RequestLog => {
  let file: number | undefined = openToAppend(path);
  return {
    append: line => {
      if (file === undefined) throw new Error('the log is closed');
      const bytes = Buffer.from(`${line}\n`);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
};

/** A pipe without a reader is an error: opening it would block without reacting to signals. */
const openToAppend = (path: string): number => {
  if (!statSync(path, { throwIfNoEntry: false })?.isFIFO()) return openSync(path, 'a', 0o600);
  const reader = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return openSync(path, 'a');
  } finally {
    closeSync(reader);
  }
};

type LogFacts = {
  readonly answer: Answer;
  /** The time of the service's clock. */
  readonly clock: Date;
  /** False when no complete reply follows: a fault closes the connection, or the caller has disconnected. */
  readonly answered: boolean;
};

/**
 * A request as the service saw it, as one line of JSON; crash tests compare the tool with it. The outcome of a record is
 * `recorded` (billed now), `same` (billed before with the same values), `duplicate` (billed before with other values),
 * `not-subscribed`, `unprocessed`, or null when the call was rejected or not carried out. `status` and `error` are the
 * service's reply, even if the caller does not receive it. Registration tokens are omitted.
 */
export const logLine = (entry: RequestEntry, { answer, clock, answered }: LogFacts): string =>
  JSON.stringify({
    at: entry.at.toISOString(),
    clock: clock.toISOString(),
    requestId: entry.requestId,
    operation: entry.operation ?? null,
    region: entry.region ?? null,
    records: recordsOf(answer.request, answer.settled),
    status: entry.status,
    error: entry.error ?? null,
    fault: entry.fault ?? null,
    answered,
  });

const recordsOf = (request: Answer['request'], settled: readonly SettledEntry[]): readonly object[] => {
  switch (request?.operation) {
    case 'BatchMeterUsage': {
      const { ProductCode, UsageRecords } = request.input;
      return UsageRecords.map((record, place) => ({
        ProductCode,
        ...record,
        Quantity: record.Quantity ?? 0,
        ...outcomeMembers(settled[place]),
      }));
    }
    case 'MeterUsage': {
      const { UsageDimension, UsageQuantity = 0, ...others } = request.input;
      return [
        { ...others, Dimension: UsageDimension, Quantity: UsageQuantity, ...outcomeMembers(settled[0]) },
      ];
    }
    default:
      return [];
  }
};

const outcomeMembers = (settled: SettledEntry | undefined): object => ({
  outcome: settled?.outcome ?? null,
  MeteringRecordId: settled?.meteringRecordId,
});
