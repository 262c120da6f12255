import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type ReadOptions, readItems } from '../../src/input/rows.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { type Client, createClient } from '../../src/metering/client.ts';
import { fixedCredentials } from '../../src/metering/credentials.ts';
import type { Transport } from '../../src/metering/transport.ts';
import { execute } from '../../src/upload/execute.ts';
import type { Tally } from '../../src/upload/result.ts';
import { discard, finish, planUpload, type UploadOptions } from '../../src/upload/upload.ts';
import type { SettledRecord } from '../../src/usage/outcome.ts';
import { timestampReader } from '../../src/usage/timestamp.ts';
import type { TestWorld } from '../helpers/world.ts';
import { DESTINATION, IDENTITY } from '../metering/setup.ts';

/** How a run of the line ended; `killed`: nobody knows. */
export type Ended =
  | { readonly kind: 'killed' }
  | { readonly kind: 'refused'; readonly invalidRows: number }
  | {
      readonly kind: 'finished';
      readonly exitCode: number;
      readonly stopped: unknown;
      readonly tally: Tally;
      readonly outcomes: readonly SettledRecord[];
      /** Records whose outcome was told while it ran or at its end. */
      readonly reported: readonly SettledRecord[];
      readonly requests: number;
    };

export type LifeParts = {
  readonly ledgerPath: string | undefined;
  readonly file: { readonly name: string; readonly text: string };
  readonly world: TestWorld;
  readonly transport: Transport;
  readonly killAt?: number | undefined;
  readonly options?: Partial<UploadOptions>;
};

const READ: ReadOptions = {
  delimiter: undefined,
  map: new Map(),
  allowEmpty: false,
  standIns: { timestamp: false, productCode: false },
};

/**
 * One run of the line as `batch` makes it, from the text of a file to the exit code. With `killAt` it dies when it
 * touches the world for the so many-th time: everything it waits for never comes, and its ledger is closed under it.
 */
export const live = async (parts: LifeParts): Promise<Ended> => {
  const { ledgerPath, file, world, transport, killAt, options = {} } = parts;
  const ledger = Ledger.open(ledgerPath);
  const death = Promise.withResolvers<Ended>();
  let touches = 0;
  let isDead = false;
  /** Throws in a run that is dead, so that it can do no more. */
  const touch = (): void => {
    if (!isDead && touches++ === killAt) {
      isDead = true;
      ledger[Symbol.dispose]();
      death.resolve({ kind: 'killed' });
    }
    if (isDead) throw new Error('killed');
  };
  const mortal = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      touch();
      return await work();
    } finally {
      touch();
    }
  };
  const mortalWorld: TestWorld = {
    ...world,
    now: () => {
      touch();
      return world.now();
    },
    sleep: (ms, signal) => mortal(() => world.sleep(ms, signal)),
  };
  const credentials = fixedCredentials(IDENTITY);
  const client = createClient({
    destination: DESTINATION,
    transport: { ...transport, send: (request, limits) => mortal(() => transport.send(request, limits)) },
    sign: async request => request,
    credentials,
    // The client reads the clock when it is made, before the run begins.
    world: { ...mortalWorld, now: world.now },
    trace: undefined,
    onClockSet: () => {},
  });
  const life = run(ledger, client, file, mortalWorld, touch, options).finally(() => {
    if (!isDead) ledger[Symbol.dispose]();
  });
  return Promise.race([
    death.promise,
    life.catch(error => {
      if (isDead) return death.promise;
      throw error;
    }),
  ]);
};

const run = async (
  ledger: Ledger,
  client: Client,
  file: LifeParts['file'],
  world: TestWorld,
  touch: () => void,
  given: Partial<UploadOptions>,
): Promise<Ended> => {
  const options: UploadOptions = {
    check: {
      now: world.now(),
      timestamp: undefined,
      productCode: undefined,
      readTimestamp: timestampReader(undefined),
      allowRoundAccounts: false,
      allowNullText: false,
    },
    merge: 'none',
    skipInvalid: false,
    skipOpen: false,
    knownProblems: 'report',
    isPreview: false,
    dryRun: false,
    sharedFiles: [],
    concurrency: 8,
    rate: undefined,
    giveUpAfterMs: 30 * 60_000,
    endpoint: 'aws',
    region: 'us-east-1',
    files: [file.name],
    version: world.version,
    ...given,
  };
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const whole = Buffer.from(file.text);
    for (let at = 0; at < whole.length; at += 512) {
      touch();
      yield whole.subarray(at, at + 512);
    }
  }
  const items = readItems({ file: file.name, bytes: bytes(), format: 'csv' }, READ);
  const reported: SettledRecord[] = [];
  const reporter = {
    problem: () => {},
    checked: async () => {},
    sending: () => {},
    settled: (settled: SettledRecord) => {
      touch();
      reported.push(settled);
    },
    notSent: (records: Iterable<SettledRecord>) => void reported.push(...records),
  };
  const parts = { ledger, client, world, reporter, startMs: world.monotonic() };
  const plan = await planUpload(items, options, parts);
  if (plan.isInvalid) {
    await discard(plan);
    return { kind: 'refused', invalidRows: plan.found.invalidRows };
  }
  const result = await execute(plan, { client, isClockDependent: false, rowFiles: undefined });
  const { tally, summary, errors } = result;
  const [stopped] = errors;
  const exitCode = stopped === undefined ? result.exitCode : 7;
  const outcomes = [...plan.run.results.outcomes()];
  await finish(plan, { exitCode, summary });
  return {
    kind: 'finished',
    exitCode,
    stopped,
    tally,
    outcomes,
    reported,
    requests: client.traffic.requests,
  };
};

/** Does the work without waiting for what the line waits for on a timer of its own: time jumps there. */
export const withoutWaiting = async <T>(work: () => Promise<T>): Promise<T> => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let isDone = false;
  const jump = async (): Promise<void> => {
    while (!isDone) {
      mock.timers.tick(1);
      await turn();
    }
  };
  const jumping = jump();
  try {
    return await work();
  } finally {
    isDone = true;
    await jumping;
    mock.timers.reset();
  }
};
