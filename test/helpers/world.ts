import type { World } from '../../src/world.ts';

/** 2026-11-22T10:30:00Z: where the clock of a test stands. */
export const NOW = new Date('2026-11-22T10:30:00.000Z');

export type TestWorld = Pick<
  World,
  'env' | 'now' | 'monotonic' | 'sleep' | 'random' | 'uuid' | 'version' | 'stop' | 'abandon'
> & {
  /** What was slept, in order, milliseconds. */
  readonly sleeps: readonly number[];
  /** Time passes, as when a reply is waited for. */
  readonly pass: (ms: number) => void;
  /** The clock on the wall is set; the monotonic one goes on. */
  readonly setWallClock: (to: Date) => void;
  readonly stopping: AbortController;
  readonly abandoning: AbortController;
};

export type TestWorldOptions = {
  readonly env?: World['env'];
  /** What `random` gives, always. */
  readonly random?: number;
  /** Called in the middle of each sleep. */
  readonly onSleep?: (world: TestWorld) => void;
};

/** A world in which nothing waits: time passes when somebody sleeps. */
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
