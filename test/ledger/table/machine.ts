import assert from 'node:assert/strict';
import type { KnownRecord } from '../../../src/ledger/known-record.ts';
import type { LedgerRun, NewOutcome } from '../../../src/ledger/run-ledger.ts';
import type { Table } from '../../../src/ledger/table/table.ts';
import { TableLedger } from '../../../src/ledger/table/table-ledger.ts';
import { decimalOf, fromWhole, ONE } from '../../../src/usage/decimal.ts';
import { HOUR_SECONDS } from '../../../src/usage/hours.ts';
import { joinKey } from '../../../src/usage/key.ts';
import { isBilled, type Outcome, type PlannedRecord } from '../../../src/usage/outcome.ts';
import { type UsageRecord, usedText } from '../../../src/usage/record.ts';
import { NOW } from '../../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../../usage/samples.ts';
import { FACTS, outcome } from '../setup.ts';
import type { Scheduler } from './scheduler.ts';

type Line = {
  readonly hoursAgo: number;
  readonly customer: string;
  readonly quantity: number;
  readonly offering: string;
};

export type Machine = {
  readonly name: string;
  readonly region: string;
  readonly files: readonly (readonly Line[])[];
  /** Fractions, and hours that grow. */
  readonly carries: boolean;
  readonly atOnce: number;
  readonly diesAfter: number | undefined;
  readonly sleeps: number;
  /** A number that grows: later files say more. */
  readonly nextFile: () => number;
};

const recordOf = (
  { hoursAgo, customer, quantity, offering }: Line,
  carries: boolean,
  file: number,
): UsageRecord => ({
  ...sampleRecord({
    timestamp: TEN - hoursAgo * HOUR_SECONDS,
    customerAWSAccountId: customer,
    quantity: carries ? quantity + file : quantity,
  }),
  ...(offering === 'license' && { licenseArn: LICENSE, productCode: undefined }),
  ...(carries && { used: `${quantity + file}.${(quantity * 3 + 1) % 10}`, carriedIn: '0' }),
});

type Parts = { readonly table: Table; readonly aws: SimulatedAws };

/** One run after the other. Judges what each says of itself. */
export const liveMachine = async (machine: Machine, { table, aws }: Parts): Promise<void> => {
  for (const lines of machine.files) {
    using ledger = await TableLedger.open(table, 'aws');
    const file = machine.nextFile();
    const run = await ledger.startRun({
      ...FACTS,
      region: machine.region,
      now: new Date(NOW.getTime() + file),
    });
    await run.draft.add(
      lines.map((line, index) => ({
        record: recordOf(line, machine.carries, file),
        place: { file: FACTS.files[0] ?? '', line: index + 2 },
      })),
    );
    await run.draft.adoptKnown(machine.carries ? 'carry' : 'conflict');
    await run.draft.findConflicts(false);
    await run.commit();
    do await sendAll(run, machine, aws);
    while (run.isReplanned());
    await run.markSharedIds();
    for (const {
      record,
      outcome: { status },
    } of run.results.outcomes())
      if (isBilled(status)) aws.mustBeBilled(machine.region, record, `${machine.name}: ${status}`);
    await run.finish({ now: NOW, exitCode: 0, summary: {} });
  }
};

/** As the upload does: what was settled goes with what begins. */
const sendAll = async (run: LedgerRun, machine: Machine, aws: SimulatedAws): Promise<void> => {
  let settled: NewOutcome[] = [];
  const at = NOW.getTime();
  for (const batch of batchesOf([...run.pending('unknown'), ...run.pending('planned')], machine.atOnce)) {
    const { turnedDown } = await run.save({ settled, begun: [batch], at });
    settled = [];
    for (const planned of batch) {
      if (turnedDown.has(planned)) continue;
      settled.push({ planned, outcome: await aws.send(machine.name, machine.region, planned.record) });
    }
  }
  await run.save({ settled, at });
};

function* batchesOf(records: readonly PlannedRecord[], size: number): Generator<readonly PlannedRecord[]> {
  for (let start = 0; start < records.length; start += size) yield records.slice(start, start + size);
}

export type SimulatedAws = {
  readonly send: (machine: string, region: string, record: UsageRecord) => Promise<Outcome>;
  readonly mustBeBilled: (region: string, record: UsageRecord, who: string) => void;
  readonly calm: () => void;
  /** Compares everything that was billed with what the ledger has at the end. */
  readonly judge: (
    records: readonly KnownRecord[],
    what: {
      readonly carries: boolean /** Each stream has had an hour to itself. */;
      readonly isLast: boolean;
    },
  ) => void;
};

const usageOf = ({ timestamp, customerAWSAccountId, dimension }: UsageRecord): string =>
  joinKey(timestamp, customerAWSAccountId ?? '', dimension);

const keyOf = (region: string, record: UsageRecord): string =>
  joinKey(region, usageOf(record), record.licenseArn ?? record.productCode ?? '');

/** The keys under which the same usage would be billed again: of the other offering, and of the other Region. */
const sameUsage = (region: string, record: UsageRecord): string[] => {
  const otherRegion = region === 'us-east-1' ? 'eu-west-1' : 'us-east-1';
  const { productCode } = sampleRecord();
  const otherOffering =
    record.licenseArn === undefined
      ? { licenseArn: LICENSE, productCode: undefined }
      : { licenseArn: undefined, productCode };
  return [keyOf(otherRegion, record), keyOf(region, { ...record, ...otherOffering })];
};

/** AWS bills the first quantity of a key, and knows nothing of machines. */
export const simulateAws = ({
  scheduler,
  faults,
}: {
  readonly scheduler: Scheduler;
  readonly faults: number;
}): SimulatedAws => {
  const billed = new Map<string, { readonly quantity: number; readonly id: string }>();
  /** The quantity that may be billed and whose reply nobody has seen. */
  const frozen = new Map<string, number>();
  let isCalm = false;
  let ids = 0;
  return {
    send: async (machine, region, record) => {
      const key = keyOf(region, record);
      await scheduler.turn(machine);
      const before = billed.get(key);
      const { quantity } = record;
      assert.ok(before === undefined || before.quantity === quantity, `${key}: a second quantity is sent`);
      assert.ok(
        !frozen.has(key) || frozen.get(key) === quantity,
        `${key}: ${quantity} is sent and ${frozen.get(key)} may be billed`,
      );
      for (const twice of sameUsage(region, record))
        assert.ok(!billed.has(twice), `${key} is billed as ${twice} already`);
      frozen.set(key, quantity);
      const isLostBefore = !isCalm && scheduler.random() < faults;
      if (isLostBefore) return outcome('unknown');
      ids += before === undefined ? 1 : 0;
      const id = before?.id ?? `id-${ids}`;
      billed.set(key, { quantity, id });
      await scheduler.turn(machine);
      if (!isCalm && scheduler.random() < faults) return outcome('unknown');
      return { ...outcome('accepted'), meteringRecordId: id };
    },
    mustBeBilled: (region, record, who) =>
      assert.equal(
        billed.get(keyOf(region, record))?.quantity,
        record.quantity,
        `${who} ${keyOf(region, record)}`,
      ),
    calm: () => {
      isCalm = true;
    },
    judge: (records, { carries, isLast }) => {
      const known = new Set<string>();
      const balances = new Map<string, bigint>();
      for (const {
        region,
        record,
        outcome: { status, meteringRecordId },
      } of records) {
        const key = keyOf(region, record);
        if (!isBilled(status)) {
          assert.equal(billed.get(key), undefined, `${key} is ${status} and billed`);
          assert.ok(!frozen.has(key), `${key} was sent and is ${status}`);
          continue;
        }
        known.add(key);
        assert.deepEqual(billed.get(key), { quantity: record.quantity, id: meteringRecordId }, key);
        if (record.carriedIn === undefined) continue;
        const stream = joinKey(
          region,
          record.customerAWSAccountId ?? '',
          record.licenseArn ?? record.productCode ?? '',
        );
        const rest = decimalOf(usedText(record)) - fromWhole(record.quantity);
        balances.set(stream, (balances.get(stream) ?? 0n) + rest);
      }
      assert.deepEqual(
        [...billed.keys()].filter(key => !known.has(key)),
        [],
        'billed, and not in the ledger',
      );
      if (carries)
        for (const [stream, balance] of balances)
          assert.ok(
            balance >= 0n && (balance < ONE || !isLast),
            `${stream}: ${balance} is left of what was used`,
          );
    },
  };
};
