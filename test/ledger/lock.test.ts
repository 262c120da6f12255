import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync } from 'node:fs';
import { describe, test } from 'node:test';
import { LockedError } from '../../src/errors.ts';
import { takeLock } from '../../src/ledger/lock.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import { NOW, testWorld } from '../helpers/world.ts';
import { sampleRecord } from '../usage/samples.ts';
import { newPath, uploaded, withLedger } from './setup.ts';

describe('the lock', () => {
  /** Another process that takes the lock, says so, and keeps it. */
  const holder = async (path: string): Promise<ChildProcess> => {
    const lock = JSON.stringify(new URL('../../src/ledger/lock.ts', import.meta.url).href);
    const script = `
      import { takeLock } from ${lock};
      const parts = { monotonic: () => performance.now(), sleep: async () => {}, stop: new AbortController().signal };
      await takeLock(process.argv[1], 0, parts);
      console.log('taken');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
    assert.match(String(said), /taken/);
    return child;
  };

  test('of another process ends a run with code 8, and is free when that process is killed', async () => {
    const path = newPath();
    const child = await holder(path);
    const world = testWorld();
    const isLocked = (error: unknown): boolean => error instanceof LockedError && error.exitCode === 8;
    await assert.rejects(takeLock(path, 0, world), isLocked);
    assert.deepEqual(world.sleeps, []);
    child.kill('SIGKILL');
    await once(child, 'close');
    const { release } = await takeLock(path, 0, world);
    release();
    assert.equal(lstatSync(`${path}.lock`).isFile(), true);
  });

  test('is waited for, but no longer than was said', async () => {
    const path = newPath();
    const { release } = await takeLock(path, 0, testWorld());
    const patient = testWorld();
    await assert.rejects(takeLock(path, 1000, patient), LockedError);
    assert.equal(patient.monotonic(), 1000);
    let looks = 0;
    const lucky = testWorld({ onSleep: () => ++looks === 3 && release() });
    (await takeLock(path, 60_000, lucky)).release();
    assert.equal(looks, 3);
  });

  test('is not waited for when the program is asked to stop', async () => {
    const path = newPath();
    const { release } = await takeLock(path, 0, testWorld());
    const stopped = testWorld({ onSleep: ({ stopping }) => stopping.abort() });
    await assert.rejects(takeLock(path, 600_000, stopped), LockedError);
    assert.equal(stopped.sleeps.length, 1);
    release();
  });

  /** What somebody who waits for nobody reads in the ledger. */
  const quantitiesIn = (path: string): number[] => {
    // Not `using`: Node 22 runs these tests, and does not know it.
    const reader = LedgerReader.open(path, NOW, 0);
    try {
      return [...reader.records({})].map(({ record }) => record.quantity);
    } finally {
      reader[Symbol.dispose]();
    }
  };

  test('does not keep readers from the ledger, in this process or in another', async () => {
    const path = newPath();
    withLedger(path, ledger => uploaded(ledger, [sampleRecord({ quantity: 7 })]));
    const { release } = await takeLock(path, 0, testWorld());
    assert.deepEqual(quantitiesIn(path), [7]);
    release();
    const child = await holder(path);
    await assert.rejects(takeLock(path, 0, testWorld()), LockedError, 'it is held');
    assert.deepEqual(quantitiesIn(path), [7]);
    child.kill('SIGKILL');
    await once(child, 'close');
  });

  test('does not keep the run that holds it from writing, nor readers from what it has written', async () => {
    const path = newPath();
    const { release } = await takeLock(path, 0, testWorld());
    withLedger(path, ledger => {
      uploaded(ledger, [sampleRecord({ quantity: 7 })]);
      assert.deepEqual(quantitiesIn(path), [7]);
    });
    await assert.rejects(takeLock(path, 0, testWorld()), LockedError);
    release();
  });
});
