import { serviceOf } from '../../cli/trail/flags.ts';
import { writeProblems } from '../../cli/write-problems.ts';
import type { LedgerLookup } from '../../cloudtrail/ambiguous-entry.ts';
import type { HourRange } from '../../cloudtrail/event-store.ts';
import type { LedgerEntry } from '../../cloudtrail/finding.ts';
import { InputError } from '../../errors.ts';
import { Ledger } from '../../ledger/ledger.ts';
import type { LedgerRun } from '../../ledger/run-ledger.ts';
import { counted, grouped } from '../../render/text/numbers.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { openInputs } from '../../upload/input-files.ts';
import { fillDraft } from '../../upload/plan.ts';
import { problemLog } from '../../upload/problems.ts';
import { HOUR_SECONDS } from '../../usage/hours.ts';
import { customerOf, joinKey, type Keyed } from '../../usage/key.ts';
import { timestampReader } from '../../usage/timestamp.ts';
import type { World } from '../../world.ts';
import type { ReconcileOptions } from './options.ts';

/** The records of usage files, in place of a ledger. */
export type UsageSide = {
  /** The hours that they have. */
  readonly range: HourRange;
  /** In the order of a ledger, as if AWS had accepted them in this Region. */
  readonly entries: (range: HourRange, region: string) => Iterable<LedgerEntry>;
  readonly lookup: LedgerLookup;
  readonly close: () => void;
};

/** Reads and checks the files as batch does, into a temporary ledger. Throws InputError after its problems were written. */
export const readUsage = async (
  options: ReconcileOptions,
  world: World,
  terminal: Terminal,
): Promise<UsageSide> => {
  const format = { delimiter: undefined, map: new Map(), allowEmpty: false };
  const standIns = { timestamp: false, productCode: false };
  const inputs = await openInputs(options.usage, undefined, { ...format, standIns }, world, undefined);
  const ledger = Ledger.open(undefined);
  try {
    const { version } = world;
    const facts = { endpoint: 'files', region: '', files: options.usage, version, now: world.now() };
    const run = ledger.startRun(facts);
    const log = problemLog(() => {}, run.problems);
    const check = {
      now: world.now(),
      timestamp: undefined,
      productCode: undefined,
      readTimestamp: timestampReader(undefined),
      allowRoundAccounts: true,
      allowNullText: true,
    };
    const { rows, unreadable } = await fillDraft(inputs.rows(), run.draft, log, {
      check,
      merge: 'none',
      skipInvalid: false,
    });
    const found = log.found();
    if (found.invalidRows > 0 || unreadable.length > 0) {
      const { output } = serviceOf(options);
      await writeProblems(found.problems, found.total, { output }, world, terminal);
      throw new InputError(
        found.invalidRows > 0
          ? `${grouped(found.invalidRows)} of ${counted(rows, 'row')} ${found.invalidRows === 1 ? 'is' : 'are'} invalid; nothing was compared`
          : `${unreadable[0]?.file} could not be read; nothing was compared`,
        'pass the file that was submitted: each row with its timestamp; ampmeter help csv lists the columns',
      );
    }
    return sideOf(run, () => ledger[Symbol.dispose]());
  } catch (error) {
    ledger[Symbol.dispose]();
    throw error;
  } finally {
    await inputs.close();
  }
};

const sideOf = (run: LedgerRun, close: () => void): UsageSide => {
  const customers = new Set<string>();
  const customerKey = (identity: Keyed): string =>
    joinKey(String(identity.customerAWSAccountId !== undefined), customerOf(identity));
  let [since, until] = [Number.POSITIVE_INFINITY, 0];
  for (const { record } of run.pending('planned')) {
    customers.add(customerKey(record));
    since = Math.min(since, record.timestamp);
    until = record.timestamp + HOUR_SECONDS;
  }
  return {
    range: { since, until },
    *entries(range, region) {
      for (const { record, rows } of run.pending('planned')) {
        const [place] = rows;
        if (record.timestamp < range.since || record.timestamp >= range.until || place === undefined)
          continue;
        yield {
          record,
          outcome: { status: 'accepted', reason: undefined, meteringRecordId: undefined },
          region,
          run: 0,
          place,
          // Not known; not before the end of its hour.
          settledAt: (record.timestamp + HOUR_SECONDS) * 1000,
          isCompared: true,
        };
      }
    },
    lookup: {
      customer: identity => customers.has(customerKey(identity)),
      records: identity => {
        const planned = run.draft.planned({ ...identity, quantity: 0, usageAllocations: undefined });
        return planned === undefined ? [] : [{ identity: planned.record, meteringRecordId: undefined }];
      },
    },
    close,
  };
};
