import { Ledger } from '../../src/ledger/ledger.ts';
import { NetworkError } from '../../src/metering/network-error.ts';
import { createPace } from '../../src/metering/pace.ts';
import type { HttpReply } from '../../src/metering/transport.ts';
import { createJournal } from '../../src/upload/journal.ts';
import { sendAll } from '../../src/upload/send.ts';
import { batchesOf } from '../../src/upload/upload.ts';
import type { Outcome } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import type { Inputs, RecordResult, WireRecord } from '../../src/usage/wire.ts';
import { type TestWorld, testWorld } from '../helpers/world.ts';
import { plannedRun } from '../ledger/setup.ts';
import { awsError, awsReply, type ClientSetupOptions, clientWith } from '../metering/setup.ts';
import { sampleRecord } from '../usage/samples.ts';

export type Request = Inputs['BatchMeterUsage'];

/** So many records of one product and hour, with dimensions d0, d1 and so on. */
export const many = (count: number, different: Partial<UsageRecord> = {}): UsageRecord[] =>
  Array.from({ length: count }, (_, index) =>
    sampleRecord({ dimension: `d${String(index).padStart(2, '0')}`, quantity: index + 1, ...different }),
  );

export const success = (record: WireRecord): RecordResult => ({
  UsageRecord: record,
  Status: 'Success',
  MeteringRecordId: `id-${record.Dimension}`,
});

/** The answer when all is well. */
export const taken = ({ UsageRecords }: Request): HttpReply =>
  awsReply({ Results: UsageRecords.map(success), UnprocessedRecords: [] });

/** All is well unless a record is bad: then AWS refuses the whole request. */
export const takenUnless =
  (isBad: (record: WireRecord) => boolean, code = 'InvalidUsageDimensionException') =>
  (request: Request): HttpReply =>
    request.UsageRecords.some(isBad) ? awsError(code, 'a record is bad') : taken(request);

export const LOST = new NetworkError('the connection was cut', { code: 'ECONNRESET', sent: true });

export type Answer = (request: Request, number: number) => HttpReply | NetworkError;

export type SentRun = {
  readonly stopped: unknown;
  /** By dimension. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Outcomes told while it ran. */
  readonly reported: number;
  /** The dimensions of each request. */
  readonly requests: readonly (readonly string[])[];
  /** How often AWS's time was asked for. */
  readonly probes: number;
  readonly world: TestWorld;
};

export type SendOptions = {
  readonly world?: TestWorld;
  readonly concurrency?: number;
  readonly giveUpAfterMs?: number;
  readonly answerMs?: number;
} & Pick<ClientSetupOptions, 'probe'>;

/** Sends the records through a ledger of their own to a service that answers like this. */
export const sent = async (
  records: readonly UsageRecord[],
  answer: Answer,
  {
    world = testWorld(),
    concurrency = 1,
    giveUpAfterMs = 30 * 60_000,
    answerMs = 10,
    probe,
  }: SendOptions = {},
): Promise<SentRun> => {
  const ledger = Ledger.open(undefined);
  try {
    const run = plannedRun(ledger, records);
    const requests: string[][] = [];
    const { client, probes } = clientWith(
      [
        request => {
          const input: Request = JSON.parse(String(request.body));
          requests.push(input.UsageRecords.map(({ Dimension }) => Dimension));
          return answer(input, requests.length);
        },
      ],
      { world, answerMs, ...(probe !== undefined && { probe }) },
    );
    let reported = 0;
    const journal = createJournal(run, world.now, () => {
      reported += 1;
    });
    const pace = createPace(undefined, world);
    const accepted = async () => run.acceptedAfter(0);
    const parts = { client, pace, journal, world, concurrency, giveUpAfterMs, accepted };
    const stopped = await sendAll(batchesOf(run), parts);
    const outcomes = new Map(
      [...run.results.outcomes()].map(({ record, outcome }) => [record.dimension, outcome] as const),
    );
    return { stopped, outcomes, reported, requests, probes: probes.length, world };
  } finally {
    ledger[Symbol.dispose]();
  }
};

/** How many records ended how. */
export const counts = ({ outcomes }: Pick<SentRun, 'outcomes'>): Record<string, number> => {
  const count: Record<string, number> = {};
  for (const { status } of outcomes.values()) count[status] = (count[status] ?? 0) + 1;
  return count;
};
