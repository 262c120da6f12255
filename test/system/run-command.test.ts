import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type ParentProcess, runCommand } from '../../src/system/run-command.ts';

const never = new AbortController().signal;
const run = (command: string, signal = never) => runCommand(command, signal, process);

const skip = process.platform === 'win32' && 'the commands are those of a POSIX shell';

describe('a command', { skip }, () => {
  test('is run by a shell, and what it prints on standard output is its result', async () => {
    const result = await run('printf "%s" "grüße"; echo secret >&2');
    assert.deepEqual(result, { kind: 'ended', exitCode: 0, signal: null, stdout: 'grüße' });
  });

  test('that fails has an exit code, and nothing of what it printed', async () => {
    assert.deepEqual(await run('echo secret; exit 3'), {
      kind: 'ended',
      exitCode: 3,
      signal: null,
      stdout: '',
    });
  });

  test('that a signal ends is told by the signal', async () => {
    const { exitCode, signal } = (await run('kill -KILL $$')) as { exitCode: null; signal: string };
    assert.deepEqual([exitCode, signal], [null, 'SIGKILL']);
  });

  test('finds its standard input empty, and does not wait for it', async () => {
    assert.equal((await run('cat')).kind, 'ended');
  });

  test('that prints too much is ended', async () => {
    assert.deepEqual(await run('yes'), { kind: 'too-long', limitBytes: 1024 ** 2 });
  });

  test('that no system takes is not started, and is no error that repeats it', async () => {
    assert.deepEqual(await run('secret\0'), { kind: 'not-started' });
  });

  test('is not begun when it is not waited for', async t => {
    const { file, isThere } = marker(t);
    const over = AbortSignal.abort(new Error('over'));
    await assert.rejects(run(`touch '${file}'`, over), /over/);
    assert.ok(!isThere());
  });

  test('leaves nothing to listen for when it has ended', async () => {
    const host = Object.assign(new EventEmitter(), { platform: process.platform, kill: process.kill });
    const stop = new AbortController();
    await runCommand('true', stop.signal, host as unknown as ParentProcess);
    assert.equal(host.listenerCount('exit'), 0);
  });
});

const marker = (t: TestContext) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ampmeter-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'pids');
  return { folder, file, isThere: () => existsSync(file) };
};

/** A process that nobody has asked for the result of yet counts as ended. */
const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** A signal is on its way for a moment. Fails by the time limit of the test. */
const gone = async (pids: readonly number[]): Promise<void> => {
  while (pids.some(isRunning)) await setImmediate();
};

const LIMIT = { timeout: 20_000 };

/** A command that hangs, and has started another that hangs; both note their process ids. They end, should nobody end them. */
const hanging = (t: TestContext, traps: string) => {
  const { folder, file } = marker(t);
  const script = path.join(folder, 'hang.sh');
  writeFileSync(
    script,
    `${traps}\n(${traps}\nexec sleep 600) &\necho $$ $! > '${file}.part' && mv '${file}.part' '${file}'\nfor _ in $(seq 20); do wait; done\n`,
  );
  const begun = new Promise<readonly number[]>(resolve => {
    const look = (): void => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve(readFileSync(file, 'utf8').trim().split(' ').map(Number));
    };
    const watcher = watch(folder, look);
    look();
  });
  return { command: `exec sh '${script}'`, begun };
};

const TRAPS: readonly (readonly [what: string, traps: string])[] = [
  ['one that ends when it is told to', ''],
  ['one that listens to no signal but the last', "trap '' TERM INT HUP"],
];

describe('a command that is given up', {
  skip: skip || (!existsSync('/proc/self/status') && 'no /proc'),
}, () => {
  for (const [what, traps] of TRAPS) {
    test(`is ended with all that it has started: ${what}`, LIMIT, async t => {
      const { command, begun } = hanging(t, traps);
      const stop = new AbortController();
      const running = run(command, stop.signal);
      const pids = await begun;
      assert.deepEqual(pids.map(isRunning), [true, true]);
      stop.abort(new Error('given up'));
      await assert.rejects(running, /given up/);
      await gone(pids);
    });

    test(`is ended at once when the program ends first: ${what}`, LIMIT, async t => {
      const { command, begun } = hanging(t, traps);
      const host = Object.assign(new EventEmitter(), { platform: process.platform, kill: process.kill });
      const running = runCommand(command, never, host as unknown as ParentProcess);
      const pids = await begun;
      host.emit('exit');
      const result = (await running) as { signal: string | null };
      assert.equal(result.signal, 'SIGKILL');
      await gone(pids);
    });
  }

  test('although it fails, when what it has started keeps its output open', LIMIT, async t => {
    const { file } = marker(t);
    const result = await run(`sleep 600 & echo $! > '${file}'; exit 4`);
    assert.deepEqual(result, { kind: 'ended', exitCode: 4, signal: null, stdout: '' });
    await gone([Number(readFileSync(file, 'utf8'))]);
  });
});
