import { appendFileSync } from 'node:fs';
import { below, type Random } from '../../../src/emulator/faults/random.ts';
import type { Dynamo, DynamoFault } from '../../helpers/dynamo.ts';
import type { TableTroubles } from './plan.ts';
import { changeOf } from './table-log.ts';

/** A table that keeps its own log of what was changed, and that fails as a trial wants it. */
export type WatchedTable = {
  /** Calls back when so many more requests are done, before the last of them has its reply. */
  readonly after: (count: number, then: () => void) => void;
  readonly trouble: (troubles: TableTroubles, dice: Random) => void;
  readonly calm: () => void;
};

/** One in so many late requests is later than the client waits for it. */
const VERY_LATE_IN = 50;
const VERY_LATE_MS = 11_000;
const LATE_MS = [5, 20, 60, 200, 600];

export const watchTable = (dynamo: Dynamo, log: string): WatchedTable => {
  let done = 0;
  let waiting: { readonly at: number; readonly then: () => void }[] = [];
  dynamo.onDone = request => {
    const change = changeOf(request, Date.now());
    if (change !== undefined) appendFileSync(log, `${JSON.stringify(change)}\n`);
    done += 1;
    const due = waiting.filter(({ at }) => at <= done);
    waiting = waiting.filter(({ at }) => at > done);
    for (const { then } of due) then();
  };
  return {
    after: (count, then) => void waiting.push({ at: done + count, then }),
    trouble: (troubles, dice) => {
      const faults = faultsOf(troubles, dice);
      let received = 0;
      let backAt: number | undefined;
      dynamo.fault = () => {
        received += 1;
        const { outage } = troubles;
        if (outage !== null && received > outage.after) {
          backAt ??= performance.now() + outage.ms;
          if (performance.now() < backAt) return 'not-received';
        }
        return faults.find(({ chance }) => dice() < chance)?.fault();
      };
    },
    calm: () => {
      dynamo.fault = undefined;
    },
  };
};

const faultsOf = (troubles: TableTroubles, dice: Random) => {
  const lateMs = (): number =>
    below(VERY_LATE_IN, dice) === 0 ? VERY_LATE_MS : (LATE_MS[below(LATE_MS.length, dice)] ?? 0);
  const faults: readonly (readonly [chance: number, fault: () => DynamoFault])[] = [
    [troubles.throttled, () => 'throttled'],
    [troubles.notReceived, () => 'not-received'],
    [troubles.lost, () => 'lost'],
    [troubles.half, () => 'half'],
    [troubles.doneLate, () => ({ doneLateMs: lateMs() })],
    [troubles.toldLate, () => ({ toldLateMs: lateMs() })],
  ];
  return faults.map(([chance, fault]) => ({ chance, fault }));
};
