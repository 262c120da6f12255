import { join } from 'node:path';
import type { Draft } from '../../src/ledger/draft.ts';
import { Ledger, type RunFacts } from '../../src/ledger/ledger.ts';
import { HOUR_SECONDS } from '../../src/usage/hours.ts';
import type { Outcome, Status } from '../../src/usage/outcome.ts';
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

/** Begins a run whose input is these records, a line each from line 2 on. */
export const drafted = (
  ledger: Ledger,
  records: readonly UsageRecord[],
  facts: Partial<RunFacts> = {},
): Draft => {
  const draft = ledger.startRun({ ...FACTS, ...facts });
  const [file = ''] = facts.files ?? FACTS.files;
  draft.add(records.map((record, index) => ({ record, place: { file, line: index + 2 } })));
  return draft;
};

/** The same, with the plan made and committed. */
export const plannedRun = (...[ledger, records, facts]: Parameters<typeof drafted>): void => {
  const draft = drafted(ledger, records, facts);
  draft.adoptKnown();
  draft.findConflicts();
  ledger.commitPlan();
};

/** The same, with these outcomes settled; a record without one stays `sent`. */
export const uploaded = (
  ledger: Ledger,
  records: readonly UsageRecord[],
  statusOf: (record: UsageRecord) => Status | undefined = () => 'accepted',
  facts: Partial<RunFacts> = {},
): void => {
  plannedRun(ledger, records, facts);
  const pending = [...ledger.pending('unknown'), ...ledger.pending('planned')];
  ledger.write(() => ledger.begin(pending));
  ledger.write(() => {
    for (const { record } of pending) {
      const status = statusOf(record);
      if (status !== undefined) ledger.settle(record, outcome(status), NOW.getTime());
    }
  });
  ledger.finishRun({ now: NOW, exitCode: 0, summary: {} });
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

/** What the ledger says of its run: status, file and lines, for each record; conflicts first. */
export const told = (ledger: Ledger): string[] =>
  [...ledger.results.outcomes()].map(
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
