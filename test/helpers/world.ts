import type { World } from '../../src/world.ts';

/** 2026-11-22T10:30:00Z: the initial time of the clock in tests. */
export const NOW = new Date('2026-11-22T10:30:00.000Z');

export type TestWorld = Pick<
  World,
  'env' | 'now' | 'monotonic' | 'sleep' | 'random' | 'uuid' | 'version' | 'stop' | 'abandon'
> & {
  /** The durations of all sleeps, in order, in milliseconds. */
  readonly sleeps: readonly number[];
  /** Lets time pass, as while waiting for a reply. */
  readonly pass: (ms: number) => void;
  /** Sets the wall clock, but not the monotonic clock. */
  readonly setWallClock: (to: Date) => void;
  readonly stopping: AbortController;
  readonly abandoning: AbortController;
};

export type TestWorldOptions = {
  readonly env?: World['env'];
  /** The value that `random` always returns. */
  readonly random?: number;
  /** Called in the middle of each sleep. */
  readonly onSleep?: (world: TestWorld) => void;
};

/** A world in which nothing waits: its clock moves on when `sleep` is called. */
export const testWorld = ({ env = {}, random = 0.5, onSleep }: TestWorldOptions = {}): TestWorld => {
  let wallMs = NOW.getTime();
  let monotonicMs = 0;
  let ids = 0;
  const sleeps: number[] = [];
  const stopping = new AbortController();
  const abandoning = new AbortController();
  const pass = (ms: number): void => {
    wallMs += ms;
    monotonicMs += ms;
  };
  const world: TestWorld = {
    env,
    now: () => new Date(wallMs),
    monotonic: () => monotonicMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      sleeps.push(ms);
      onSleep?.(world);
      signal?.throwIfAborted();
      pass(ms);
    },
    random: () => random,
    uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    version: '0.0.0-test',
    stop: stopping.signal,
    abandon: abandoning.signal,
    sleeps,
    pass,
    setWallClock: to => {
      wallMs = to.getTime();
    },
    stopping,
    abandoning,
  };
  return world;
};
