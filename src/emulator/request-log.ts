import { closeSync, constants, openSync, statSync, writeSync } from 'node:fs';
import type { Answer } from './answer.ts';
import type { Settled } from './operations/call.ts';
import type { RequestEntry } from './request-entry.ts';

export type RequestLog = {
  /** Returns when the operating system has the whole line, and keeps it even if this process is killed. */
  readonly append: (line: string) => void;
  readonly close: () => void;
};

/** Opens a file to append to; nobody else may read a new one, since it names customers. Throws Node's errors. */
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

/** A pipe that nobody reads is an error, where opening it would wait, deaf to every signal. */
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
  /** What the service's clock showed. */
  readonly clock: Date;
  /** False when no whole reply follows: the connection is cut by a fault, or the caller has left already. */
  readonly answered: boolean;
};

/**
 * A request as the service saw it, on one line of JSON: the referee's view in crash tests. What a record of it became is
 * `recorded` (billed now), `same` (billed before, alike), `duplicate` (billed before, otherwise), `not-subscribed`,
 * `unprocessed`, or null when the call was refused or never carried out. `status` and `error` are what the service
 * answered, also if the caller never learns it. Registration tokens are not in it.
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

const recordsOf = (request: Answer['request'], settled: readonly Settled[]): readonly object[] => {
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

const outcomeMembers = (settled: Settled | undefined): object => ({
  outcome: settled?.outcome ?? null,
  MeteringRecordId: settled?.meteringRecordId,
});
