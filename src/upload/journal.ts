import type { LedgerRun, NewOutcome } from '../ledger/run-ledger.ts';
import type { Outcome, PlannedRecord, SettledRecord } from '../usage/outcome.ts';

/** Saves what is about to be sent and what the outcome was, many records at a time. */
export type Journal = {
  /** Gives those of these records that may leave, when that is on the disk. Rejects when that fails. */
  readonly begin: (records: readonly PlannedRecord[]) => Promise<readonly PlannedRecord[]>;
  /** The outcome goes into the next commit, and is reported when that is done. */
  readonly settle: (planned: PlannedRecord, outcome: Outcome) => void;
  /** Resolves when everything is on the disk. Rejects when that fails. */
  readonly flush: () => Promise<void>;
};

type TurnedDown = ReadonlySet<PlannedRecord>;

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
  let next: Promise<TurnedDown> | undefined;
  let last: Promise<TurnedDown> = Promise.resolve(new Set());

  const commit = async (): Promise<TurnedDown> => {
    const changes = { settled, begun, at: now().getTime() };
    [begun, settled, next] = [[], [], undefined];
    const saved = await run.save(changes);
    for (const record of saved.settled) onSettled(record);
    return saved.turnedDown;
  };

  const soon = (): Promise<TurnedDown> => {
    next ??= new Promise((resolve, reject) => {
      setTimeout(() => {
        last = last.then(commit);
        last.then(resolve, reject);
      }, GROUP_MS);
    });
    return next;
  };

  return {
    begin: async records => {
      begun.push(records);
      const turnedDown = await soon();
      return turnedDown.size === 0 ? records : records.filter(record => !turnedDown.has(record));
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
