import { below, type Random } from '../../src/emulator/faults/random.ts';
import type { Kill, Trial } from './driver.ts';

/** What the network and the service do in a trial of random kills; each is drawn for a trial or not. */
export const TROUBLES = [
  'reset-after:0.15',
  'reset-before:0.05',
  'error503:0.1',
  'error500-after:0.05',
  'unprocessed:0.1@40%',
  'truncated:0.05@json',
  'missing:0.05',
  'reorder:0.5',
  'no-id:0.03',
  'empty:0.03',
  'html:0.03@502',
  'throttle:0.05',
  'no-request-id:0.03',
  'slow:0.3@25',
] as const;

/** A trial of random kills under random trouble; the same seed, the same trial. */
export const randomTrial = (seed: number, records: number, dice: Random): Trial => {
  const output = ['table', 'json', 'jsonl'][below(3, dice)] ?? 'table';
  const concurrency = [1, 2, 8][below(3, dice)] ?? 8;
  return {
    name: `trial-${seed}`,
    seed,
    records: 25 + below(records, dice),
    poisoned: dice() < 0.3,
    faults: TROUBLES.filter(() => dice() < 0.5),
    flags: ['-o', output, '--concurrency', String(concurrency)],
    kills: Array.from({ length: 1 + below(7, dice) }, () => randomKill(dice)),
  };
};

/** Nothing goes wrong but what the kills do. */
export const calmTrial = (records: number): Trial => ({
  name: 'call',
  seed: 7,
  records,
  poisoned: false,
  faults: [],
  flags: ['-o', 'json', '--concurrency', '1'],
  kills: [],
});

export const randomKill = (dice: Random): Kill =>
  dice() < 0.5 ? { kind: 'time' } : { kind: 'request', count: 1 + below(6, dice) };
