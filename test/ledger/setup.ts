import { join } from 'node:path';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Run } from '../../src/ledger/run.ts';
import type { RunFacts } from '../../src/ledger/run-ledger.ts';
import { HOUR_SECONDS } from '../../src/usage/hours.ts';
import type { Outcome, PlannedRecord, Status } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { newFolder } from '../helpers/tool.ts';
import { NOW } from '../helpers/world.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';

/** A path at which nothing stands, in a folder of its own. */
export const newPath = (name = 'ledger.db'): string => join(newFolder(), name);

export const FACTS: RunFacts = {
  endpoint: 'aws',
  region: 'us-east-1',
  files: ['usage.csv'],
  version: '0.0.0-test',
  now: NOW,
};

/** Starts a run whose input is these records, a line each from line 2 on. */
export const drafted = (
  ledger: Ledger,
  records: readonly UsageRecord[],
  facts: Partial<RunFacts> = {},
): Run => {
  const run = ledger.startRun({ ...FACTS, ...facts });
  const [file = ''] = facts.files ?? FACTS.files;
  run.draft.add(records.map((record, index) => ({ record, place: { file, line: index + 2 } })));
  return run;
};

/** The same, with the plan made and committed. */
export const plannedRun = (...[ledger, records, facts]: Parameters<typeof drafted>): Run => {
  const run = drafted(ledger, records, facts);
  run.draft.adoptKnown();
  run.draft.findConflicts();
  run.commit();
  return run;
};

/** Everything that a run is about to send. */
const pendingIn = (run: Run): PlannedRecord[] => [...run.pending('unknown'), ...run.pending('planned')];

/** Begins everything that a run is about to send, and settles it; a record without an outcome stays `sent`. */
export const sentAll = (run: Run, outcomeOf: (record: UsageRecord) => Outcome | undefined): void => {
  const at = NOW.getTime();
  const pending = pendingIn(run);
  run.save({ begun: [pending], at });
  const settled = pending.flatMap(planned => {
    const outcome = outcomeOf(planned.record);
    return outcome === undefined ? [] : [{ planned, outcome }];
  });
  run.save({ settled, at });
};

export const finish = (run: Run): void => run.finish({ now: NOW, exitCode: 0, summary: {} });

/** A planned run with these outcomes, finished; a record without one stays `sent`. */
export const uploaded = (
  ledger: Ledger,
  records: readonly UsageRecord[],
  statusOf: (record: UsageRecord) => Status | undefined = () => 'accepted',
  facts: Partial<RunFacts> = {},
): Run => {
  const run = plannedRun(ledger, records, facts);
  sentAll(run, record => {
    const status = statusOf(record);
    return status && outcome(status);
  });
  finish(run);
  return run;
};

/** A ledger of AWS with a record that has this answer, if any, and was then planned once more and not sent. */
export const leftUnsent = (
  path: string,
  record: UsageRecord,
  before?: { readonly status: Status; readonly quantity?: number },
): void => {
  if (before !== undefined) {
    const quantity = before.quantity ?? record.quantity;
    withLedger(path, ledger => uploaded(ledger, [{ ...record, quantity }], () => before.status));
  }
  withLedger(path, ledger => uploaded(ledger, [record], () => 'unsent', { files: ['again.csv'] }));
};

export const outcome = (status: Status): Outcome => ({
  status,
  reason: status === 'accepted' ? undefined : `because ${status}`,
  meteringRecordId: status === 'accepted' ? 'id' : undefined,
});

/** Status, quantity, file and lines of each record of a run; conflicts first. */
export const outcomesOf = (run: Run): string[] =>
  [...run.results.outcomes()].map(
    ({ record, rows, outcome: { status } }) =>
      `${status} ${record.quantity} ${rows.map(({ file, line }) => `${file}:${line}`).join(' ')}`,
  );

export const withLedger = <T>(path: string | undefined, use: (ledger: Ledger) => T): T => {
  const ledger = Ledger.open(path);
  try {
    return use(ledger);
  } finally {
    ledger[Symbol.dispose]();
  }
};

/** Writes a ledger with records of five hours, each with another outcome. */
export const mixedLedger = (path: string): void =>
  withLedger(path, ledger => {
    const ends: (Status | undefined)[] = ['accepted', 'not-subscribed', 'accepted', undefined, 'unsent'];
    uploaded(
      ledger,
      ends.map((_, index) => sampleRecord({ timestamp: TEN - (4 - index) * HOUR_SECONDS })),
      ({ timestamp }) => ends[4 - (TEN - timestamp) / HOUR_SECONDS],
    );
  });
