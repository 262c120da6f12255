import type { LedgerRun, RunFacts, RunLedger } from '../../../src/ledger/run-ledger.ts';
import type { Table } from '../../../src/ledger/table/table.ts';
import { markTable, TableLedger } from '../../../src/ledger/table/table-ledger.ts';
import type { LateMode } from '../../../src/usage/carry.ts';
import type { Outcome, PlannedRecord } from '../../../src/usage/outcome.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { type Dynamo, startDynamo } from '../../helpers/dynamo.ts';
import { connectTo, createLedgerTable } from '../../helpers/table.ts';
import { isFull } from '../../helpers/volume.ts';
import { NOW } from '../../helpers/world.ts';
import { FACTS } from '../setup.ts';
import { createMemoryTable } from './memory-table.ts';

type TestTable = AsyncDisposable & { readonly connect: () => Table };

/** A table with an empty ledger. In the full volume it is one of a DynamoDB, which takes twenty times as long as memory. */
export const newTable = (): Promise<TestTable> => (isFull ? startTable() : startMemoryTable());

const startMemoryTable = async (): Promise<TestTable> => {
  const memory = createMemoryTable(async () => {});
  const connect = (): Table => memory.connect('');
  await markTable(connect(), '0.0.0-test');
  return { connect, [Symbol.asyncDispose]: async () => {} };
};

/** A DynamoDB with an empty ledger. */
export const startTable = async (): Promise<Dynamo & TestTable> => {
  const dynamo = await startDynamo();
  await createLedgerTable(dynamo.url);
  const tables: { readonly close: () => void }[] = [];
  const connect = (): Table => {
    const table = connectTo(dynamo.url);
    tables.push(table);
    return table;
  };
  const stop = dynamo[Symbol.asyncDispose];
  return Object.assign(dynamo, {
    connect,
    [Symbol.asyncDispose]: async () => {
      for (const table of tables) table.close();
      await stop();
    },
  });
};

/** The same table, but no reply to a write ever comes: the client repeats it, and its condition fails. */
export const losingReplies = (table: Table): Table => ({
  ...table,
  write: async writes => {
    await table.write(writes);
    return false;
  },
  remove: async (key, seen) => {
    await table.remove(key, seen);
    return false;
  },
});

export const openTable = (table: Table): Promise<TableLedger> => TableLedger.open(table, 'aws');

export const planned = async (
  ledger: RunLedger,
  records: readonly UsageRecord[],
  { late, ...facts }: Partial<RunFacts> & { readonly late?: LateMode } = {},
): Promise<LedgerRun> => {
  const run = await ledger.startRun({ ...FACTS, ...facts });
  const [file = ''] = facts.files ?? FACTS.files;
  await run.draft.add(records.map((record, index) => ({ record, place: { file, line: index + 2 } })));
  await run.draft.adoptKnown(late);
  await run.draft.findConflicts(false);
  await run.commit();
  return run;
};

export const pendingIn = (run: LedgerRun): PlannedRecord[] => [
  ...run.pending('unknown'),
  ...run.pending('planned'),
];

/** Sends everything that may leave, until nothing is planned again. Gives what was sent. */
export const send = async (
  run: LedgerRun,
  outcomeOf: (record: UsageRecord) => Outcome | undefined,
): Promise<UsageRecord[]> => {
  const at = NOW.getTime();
  const sent: UsageRecord[] = [];
  do {
    const pending = pendingIn(run);
    const { turnedDown } = await run.save({ begun: [pending], at });
    const begun = pending.filter(one => !turnedDown.has(one));
    sent.push(...begun.map(({ record }) => record));
    const settled = begun.flatMap(one => {
      const outcome = outcomeOf(one.record);
      return outcome === undefined ? [] : [{ planned: one, outcome }];
    });
    await run.save({ settled, at });
  } while (run.isReplanned());
  return sent;
};

export const finish = async (run: LedgerRun): Promise<void> => {
  await run.finish({ now: NOW, exitCode: 0, summary: {} });
};

export const statuses = (run: LedgerRun): string[] =>
  [...run.results.outcomes()].map(({ outcome }) => outcome.status).sort();
