import type { Ledger } from '../ledger/ledger.ts';
import type { Outcome, PlannedRecord, SettledRecord } from '../usage/outcome.ts';

/** Writes down what is about to be sent and what came of it, many at a time. */
export type Journal = {
  /** Resolves when the ledger has it on the disk that these records may leave. Rejects when it cannot. */
  readonly begin: (records: readonly PlannedRecord[]) => Promise<void>;
  /** The outcome goes into the next commit, and is told when that is done. */
  readonly settle: (planned: PlannedRecord, outcome: Outcome) => void;
  /** Resolves when everything is on the disk. Rejects when it cannot be. */
  readonly flush: () => Promise<void>;
};

/** Requests that come up within this time share a commit; next to a request's own time it is nothing. */
const GROUP_MS = 2;

type Settled = { readonly planned: PlannedRecord; readonly outcome: Outcome };

/**
 * One commit for all that comes up in one turn of the event loop: with several requests under way the disk is asked
 * once for all of them, and the promise stays that no request leaves before the ledger knows of it. After the first
 * failure nothing is written any more: whether that commit is on the disk is unknown.
 */
export const createJournal = (
  ledger: Pick<Ledger, 'write' | 'begin' | 'settle'>,
  now: () => Date,
  onSettled: (settled: SettledRecord) => void,
): Journal => {
  let begun: (readonly PlannedRecord[])[] = [];
  let settled: Settled[] = [];
  let next: Promise<void> | undefined;

  const commit = (): void => {
    const [starts, ends] = [begun, settled];
    [begun, settled, next] = [[], [], undefined];
    const at = now().getTime();
    const stands: SettledRecord[] = [];
    ledger.write(() => {
      for (const { planned, outcome } of ends)
        stands.push({ ...planned, ...ledger.settle(planned.record, outcome, at) });
      for (const records of starts) ledger.begin(records);
    });
    for (const settled of stands) onSettled(settled);
  };

  let failure: { readonly error: unknown } | undefined;
  const soon = (): Promise<void> => {
    next ??= new Promise((resolve, reject) => {
      setTimeout(() => {
        try {
          if (failure !== undefined) throw failure.error;
          commit();
          resolve();
        } catch (error) {
          failure ??= { error };
          reject(error);
        }
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
      // Told to whoever waits; a failure reaches the next `begin` or `flush`.
      soon().catch(() => {});
    },
    flush: async () => {
      if (failure !== undefined) throw failure.error;
      await (next ?? (begun.length + settled.length > 0 ? soon() : undefined));
    },
  };
};
