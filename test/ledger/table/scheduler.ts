/** Who waits, who is served next, and who is never served again: decided by random numbers, so that a seed plays it again. */
export type Scheduler = {
  /** Resolves when it is this machine's turn. Never, once the machine is gone. */
  readonly turn: (machine: string) => Promise<void>;
  readonly random: () => number;
  readonly add: (
    machine: string,
    how: { readonly diesAfter: number | undefined; readonly sleeps: number },
  ) => void;
  /** Runs these until each has ended or is gone. Rejects with the first error. */
  readonly run: (lives: readonly (() => Promise<void>)[]) => Promise<void>;
  /** From here on nobody sleeps or dies. */
  readonly calm: () => void;
};

type Waiting = { readonly machine: string; readonly go: () => void };

export const createScheduler = (seed: number): Scheduler => {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
  const machines = new Map<string, { left: number; asleep: number; readonly sleeps: number }>();
  let waiting: Waiting[] = [];

  const turn = (machine: string): Promise<void> => {
    const facts = machines.get(machine);
    if (facts === undefined) return Promise.resolve();
    facts.left -= 1;
    if (facts.left < 0) return new Promise(() => {});
    return new Promise(go => waiting.push({ machine, go }));
  };

  const serveNext = (): void => {
    const awake = waiting.filter(({ machine }) => (machines.get(machine)?.asleep ?? 0) <= 0);
    for (const facts of machines.values()) facts.asleep -= 1;
    const from = awake.length > 0 ? awake : waiting;
    const next = from[Math.floor(random() * from.length)];
    if (next === undefined) return;
    waiting = waiting.filter(one => one !== next);
    const facts = machines.get(next.machine);
    if (facts !== undefined && facts.sleeps > 0 && random() < 0.05) facts.asleep = facts.sleeps;
    next.go();
  };

  return {
    turn,
    random,
    add: (machine, { diesAfter, sleeps }) => {
      machines.set(machine, { left: diesAfter ?? Number.MAX_SAFE_INTEGER, asleep: 0, sleeps });
    },
    calm: () => {
      for (const facts of machines.values()) facts.left = Number.MAX_SAFE_INTEGER;
    },
    run: async lives => {
      let running = lives.length;
      let failure: unknown;
      for (const live of lives)
        void live().then(
          () => {
            running -= 1;
          },
          error => {
            failure ??= error;
            running -= 1;
          },
        );
      for (let idle = 0; running > 0 && idle < 3; ) {
        await new Promise(resolve => setImmediate(resolve));
        idle = waiting.length > 0 ? 0 : idle + 1;
        serveNext();
      }
      // Whoever is gone is not waited for, and what it waited for never comes.
      waiting = [];
      if (failure !== undefined) throw failure;
    },
  };
};
