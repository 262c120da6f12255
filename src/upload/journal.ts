import type { LedgerRun, NewOutcome } from '../ledger/run-ledger.ts';
import type { Outcome, PlannedRecord, SettledRecord } from '../usage/outcome.ts';

/** Saves what is about to be sent and what the outcome was, many records at a time. */
export type Journal = {
  /** Resolves when it is on the disk that these records may leave. Rejects when that fails. */
  readonly begin: (records: readonly PlannedRecord[]) => Promise<void>;
  /** The outcome goes into the next commit, and is reported when that is done. */
  readonly settle: (planned: PlannedRecord, outcome: Outcome) => void;
  /** Resolves when everything is on the disk. Rejects when that fails. */
  readonly flush: () => Promise<void>;
};

/** Requests that come up within this time share a commit; this is negligible compared with the time of a request. */
const GROUP_MS = 2;

/**
 * One commit for everything that comes up in one turn of the event loop: with several requests under way, the disk is
 * written to once for all of them, and still no request leaves before the ledger has it. Commits go one after the other.
 * After the first failure nothing is written any more: whether that commit is on the disk is unknown.
 */
export const createJournal = (
  run: Pick<LedgerRun, 'save'>,
  now: () => Date,
  onSettled: (settled: SettledRecord) => void,
): Journal => {
  let begun: (readonly PlannedRecord[])[] = [];
  let settled: NewOutcome[] = [];
  /** The commit that has not started yet, and the one before it. */
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const commit = async (): Promise<void> => {
    const changes = { settled, begun, at: now().getTime() };
    [begun, settled, next] = [[], [], undefined];
    for (const saved of await run.save(changes)) onSettled(saved);
  };

  const soon = (): Promise<void> => {
    next ??= new Promise((resolve, reject) => {
      setTimeout(() => {
        last = last.then(commit);
        last.then(resolve, reject);
      }, GROUP_MS);
    });
    return next;
  };

  return {
    begin: records => {
      begun.push(records);
      return soon();
    },
    settle: (planned, outcome) => {
      settled.push({ planned, outcome });
      // A failure reaches the next `begin` or `flush`.
      soon().catch(() => {});
    },
    flush: async () => {
      await next;
      await last;
    },
  };
};
