import type { ChildProcess } from 'node:child_process';
import { sleep } from '../setup.ts';
import type { Trouble } from './plan.ts';
import type { WatchedTable } from './watched-table.ts';

/** What a moment is counted by. */
type Counters = { readonly table: WatchedTable; readonly aws: () => number };

/** Kills the process at its moment, or stops it and lets it go on later. */
export const strike = (child: ChildProcess, trouble: Trouble | null, { table, aws }: Counters): void => {
  if (trouble === null) return;
  const { when, stopMs } = trouble;
  let isOver = false;
  const timers: NodeJS.Timeout[] = [];
  child.on('exit', () => {
    isOver = true;
    for (const timer of timers) clearTimeout(timer);
  });
  const now = (): void => {
    if (isOver) return;
    child.kill(stopMs === null ? 'SIGKILL' : 'SIGSTOP');
    if (stopMs !== null) timers.push(setTimeout(() => child.kill('SIGCONT'), stopMs));
  };
  switch (when.kind) {
    case 'time':
      timers.push(setTimeout(now, when.ms));
      break;
    case 'table':
      table.after(when.count, now);
      break;
    case 'aws': {
      const at = aws() + when.count;
      void (async () => {
        while (!isOver && aws() < at) await sleep(10);
        now();
      })();
      break;
    }
    default:
      when satisfies never;
  }
};
