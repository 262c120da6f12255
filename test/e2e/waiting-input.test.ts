import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ended, fileWith, hourAgo, newFolder, TOOL, tool, withEmulator } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const csv = (...rows: readonly string[]): string => `${[HEADER, ...rows].join('\n')}\n`;
const row = (dimension = 'users'): string => `${hourAgo(1)},111122223333,exampleproduct,${dimension},5`;

const newPipe = (folder = newFolder()): string => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
};

/** What waits forever fails, and does not hold up the other tests. */
const ENDED_BY_FORCE = { timeout: 60_000, killSignal: 'SIGKILL' } as const;

type Started = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Where the copy of a stream would be. */
  readonly scratch: string;
};

/** Starts the tool with standard input that brings `input` and then nothing, not even its end. */
const start = (
  args: readonly string[],
  { env = {}, input = '', scratch = newFolder() }: { env?: Env; input?: string; scratch?: string } = {},
): Started => {
  const child = spawn(process.execPath, [TOOL, ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: newFolder(),
      NODE_DISABLE_COMPILE_CACHE: '1',
      TMPDIR: scratch,
      ...env,
    },
    ...ENDED_BY_FORCE,
  });
  child.stdin.on('error', () => {});
  child.stdin.write(input);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  const ended = new Promise<Ended>(resolve => {
    child.on('close', code => resolve({ code, stdout, stderr }));
  });
  return { child, ended, scratch };
};

type Env = Readonly<Record<string, string | undefined>>;

/** Whether the process has this file open, or waits for standard input. */
const isReading = ({ child: { pid } }: Started, path: string): boolean => {
  const folder = `/proc/${pid}/fd`;
  const files = readdirSync(folder).map(fd => {
    try {
      return readlinkSync(join(folder, fd));
    } catch {
      return '';
    }
  });
  if (path !== '-') return files.includes(path);
  // The event loop watches descriptor 0.
  return readdirSync(folder).some(fd => {
    try {
      return /^tfd: +0 /m.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'));
    } catch {
      return false;
    }
  });
};

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await delay(10);
};

const SIGNALS = [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

const INPUTS = ['-', 'a pipe that nobody writes to', 'a pipe whose writer is silent'] as const;

const KEY = ['register', '--product-code', 'abc', '--public-key-version', '1', '--public-key'];
const METER = ['meter', '--product-code', 'abc', '--dimension', 'users', '--quantity', '1', '--allocations'];

describe('the first signal ends the wait for input', { skip: !existsSync('/proc/self/fdinfo') }, () => {
  const cases = SIGNALS.flatMap(([signal, code], index) =>
    INPUTS.filter((_, at) => isFull || at === index).map(what => [signal, code, what] as const),
  );
  for (const [signal, code, what] of cases) {
    test(`${signal} while batch reads ${what}`, async () => {
      const pipe = what === '-' ? '-' : newPipe();
      const writer = what.endsWith('silent') ? openSync(pipe, constants.O_RDWR) : undefined;
      const started = start(['batch', pipe, '--local']);
      await until(() => isReading(started, pipe));
      started.child.kill(signal);
      const ended = await started.ended;
      if (writer !== undefined) closeSync(writer);
      assert.equal(ended.code, code, ended.stderr);
      const name = pipe === '-' ? 'standard input' : pipe;
      assert.ok(ended.stderr.includes(`error: stopped before ${name} was completely read\n`), ended.stderr);
      assert.deepEqual(readdirSync(started.scratch), []);
    });
  }

  test('in the middle of a file, in every format', async () => {
    for (const output of ['table', 'json', 'jsonl']) {
      const started = start(['batch', '-', '--local', '-o', output], { input: csv(row()) });
      await until(() => isReading(started, '-'));
      started.child.kill('SIGTERM');
      const { code, stdout, stderr } = await started.ended;
      assert.deepEqual([code, stdout], [143, ''], stderr);
      if (output !== 'table') assert.equal(JSON.parse(stderr).exitCode, 143);
      assert.deepEqual(readdirSync(started.scratch), []);
    }
  });

  const OTHERS: readonly (readonly string[])[] = [
    ['resolve'],
    ['resolve', '--token-file'],
    KEY,
    METER,
    ['emulator', '--port', '0', '--catalog'],
    ['doctor', '--ca-bundle'],
    ['batch', fileWith(csv(row())), '--region', 'us-east-1', '--ca-bundle'],
  ];
  for (const args of OTHERS) {
    const flag = args.at(-1) ?? '';
    for (const source of ['--catalog', '--ca-bundle'].includes(flag)
      ? ['a pipe']
      : flag === 'resolve'
        ? ['-']
        : ['-', 'a pipe']) {
      test(`of ${args[0]} ${flag} ${source}`, async () => {
        const pipe = source === '-' ? '-' : newPipe();
        const started = start([...args, pipe]);
        await until(() => isReading(started, pipe));
        started.child.kill('SIGINT');
        const { code, stderr, stdout } = await started.ended;
        assert.equal(code, 130, stderr);
        assert.match(stderr + stdout, /stopped before (standard input|\S+\/pipe) was completely read/);
      });
    }
  }

  test('of the commands that read a ledger', async () => {
    await withEmulator(async (_, env) => {
      assert.equal((await tool(['batch', fileWith(csv(row()))], { env })).code, 0);
      const scope = ['--region', 'us-east-1', '--endpoint-url', env['AWS_ENDPOINT_URL'] ?? ''];
      const page = join(newFolder(), 'page.html');
      for (const [args, pipe] of [
        [['gaps', '--subscribers'], '-'],
        [['report', '--html', page, '--reconciliation'], newPipe()],
        [['reconcile', ...scope, '--cloudtrail'], '-'],
        ...(isFull
          ? ([
              [['gaps', '--subscribers'], newPipe()],
              [['report', '--html', page, '--reconciliation'], '-'],
              [['reconcile', ...scope, '--cloudtrail'], newPipe()],
            ] as const)
          : []),
      ] as const) {
        const started = start([...args, pipe], { env });
        await until(() => isReading(started, pipe));
        started.child.kill('SIGINT');
        const { code, stderr } = await started.ended;
        assert.equal(code, 130, `${args.join(' ')} ${pipe}\n${stderr}`);
        assert.match(stderr, /stopped before (standard input|\S+\/pipe) was completely read/);
        assert.deepEqual(readdirSync(started.scratch), []);
      }
    });
  });
});

describe('a named pipe is read like a file', { skip: process.platform === 'win32' }, () => {
  test('whose writer comes later, in pieces', async () => {
    await withEmulator(async (emulator, env) => {
      const pipe = newPipe();
      const started = start(['batch', pipe], { env });
      await until(() => isReading(started, pipe));
      const script = 'exec > "$1"; printf "%s" "$2"; sleep 0.1; printf "%s" "$3"';
      spawn('sh', ['-c', script, 'sh', pipe, csv(row()), row('gb')], { stdio: 'ignore' });
      const { code, stderr } = await started.ended;
      assert.equal(code, 0, stderr);
      assert.equal(emulator.records().length, 2);
    });
  });

  test('and is empty when its writer leaves without a word', async () => {
    const pipe = newPipe();
    const started = start(['batch', pipe, '--local']);
    await until(() => isReading(started, pipe));
    closeSync(openSync(pipe, 'w'));
    const { code, stderr } = await started.ended;
    assert.equal(code, 3, stderr);
    assert.match(stderr, /the file is empty/);
  });
});

describe('a stream that no row can come of', () => {
  const BINARY = Buffer.from([0x50, 0x4b, 0x03, 0x04, ...Buffer.from('an Excel workbook')]).toString(
    'latin1',
  );
  for (const [what, input, pattern, flags] of [
    ['a header that cannot be one', 'hello\n', /there is only one column/, []],
    ['an archive', BINARY, /a zip archive/, []],
    ['UTF-16 without a mark', HEADER.split('').join('\0'), /UTF-16 without a byte order mark/, []],
    ['a NUL in a later row', `${csv(row())}\0`, /NUL byte/, []],
    ['JSON', '{"a": 1}\n', /JSON, not CSV/, []],
    ['HTML', '<!doctype html>\n', /HTML or XML/, ['--input-format', 'jsonl']],
    ['another delimiter', `${HEADER.replaceAll(',', '#')}\n`, /separated by '#'/, []],
  ] as const) {
    test(`is not read further: ${what}`, async () => {
      // Its writer never ends it.
      const started = start(['batch', '-', '--local', ...flags], { input });
      const { code, stdout, stderr } = await started.ended;
      assert.deepEqual([code, stdout], [3, ''], stderr);
      assert.match(stderr, pattern);
      assert.deepEqual(readdirSync(started.scratch), []);
    });
  }

  test('nor that of subscribers', async () => {
    await withEmulator(async (_, env) => {
      assert.equal((await tool(['batch', fileWith(csv(row()))], { env })).code, 0);
      const { ended } = start(['gaps', '--subscribers', '-'], { env, input: 'hello\n' });
      const { code, stderr } = await ended;
      assert.equal(code, 3, stderr);
    });
  });

  for (const [what, head, line, flags] of [
    ['of CSV', '', 'y', []],
    ['of CSV below a header', HEADER, 'y', []],
    ['of JSON Lines', '', 'y', ['--input-format', 'jsonl']],
    ['of blank lines', '', '', []],
  ] as const) {
    test(`may be without end: ${what}`, async () => {
      const scratch = newFolder();
      const script = '(printf "%s\\n" "$1"; exec yes "$2") | exec "$3" "$4" batch - --local $5';
      const child = spawn('sh', ['-c', script, 'sh', head, line, process.execPath, TOOL, flags.join(' ')], {
        env: {
          PATH: process.env['PATH'],
          HOME: newFolder(),
          NODE_DISABLE_COMPILE_CACHE: '1',
          TMPDIR: scratch,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', text => {
        stderr += text;
      });
      const code = await new Promise(resolve => child.on('close', resolve));
      assert.equal(code, 3, stderr);
      assert.match(stderr, /there is only one column|it does not start with rows of usage; /);
      assert.deepEqual(readdirSync(scratch), []);
    });
  }

  test('of which only the end is missing is read to its end', async () => {
    await withEmulator(async (emulator, env) => {
      const { child, ended } = start(['batch', '-'], { env, input: `\ufeff${csv(row())}` });
      child.stdin?.end(row('gb'));
      const { code, stderr } = await ended;
      assert.equal(code, 0, stderr);
      assert.equal(emulator.records().length, 2);
    });
  });
});

describe('where there is no room for a copy', () => {
  test('of temporary files, the copy is beside the ledger', async () => {
    await withEmulator(async (emulator, env) => {
      const ledger = join(newFolder(), 'ledger.db');
      writeFileSync(ledger, '');
      const started = start(['batch', '-', '--ledger', ledger], { env, scratch: '/proc/nothing' });
      started.child.stdin?.end(csv(row()));
      const { code, stderr } = await started.ended;
      assert.equal(code, 0, stderr);
      assert.equal(emulator.records().length, 1);
      assert.deepEqual(
        readdirSync(join(ledger, '..')).filter(name => !name.startsWith('ledger.db')),
        [],
      );
    });
  });

  test('and no ledger either, the error names TMPDIR', async () => {
    const file = join(newFolder(), 'a-file');
    writeFileSync(file, '');
    const gone = newFolder();
    rmSync(gone, { recursive: true });
    for (const [scratch, why] of [
      [gone, 'the folder does not exist'],
      [file, 'the folder does not exist'],
    ] as const) {
      const started = start(['batch', '-', '--local'], { scratch });
      started.child.stdin?.end(csv(row()));
      const { code, stderr } = await started.ended;
      assert.equal(code, 3, stderr);
      assert.ok(
        stderr.includes(`error: standard input cannot be copied to ${scratch}: ${why}; nothing was sent\n`),
        stderr,
      );
      assert.match(stderr, /next: {2}set TMPDIR to a writable folder\n/);
    }
  });

  test('because it is larger than may be, says so and leaves nothing', async () => {
    const scratch = newFolder();
    mkdirSync(join(scratch, 'home'));
    const rows = join(newFolder(), 'many.csv');
    writeFileSync(rows, csv(...Array.from({ length: 20_000 }, (_, index) => row(`d${index}`))));
    const script = 'ulimit -f 512; exec "$1" "$2" batch - --local < "$3"';
    const child = spawn('sh', ['-c', script, 'sh', process.execPath, TOOL, rows], {
      env: {
        PATH: process.env['PATH'],
        HOME: join(scratch, 'home'),
        NODE_DISABLE_COMPILE_CACHE: '1',
        TMPDIR: scratch,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', text => {
      stderr += text;
    });
    assert.equal(await new Promise(resolve => child.on('close', resolve)), 3, stderr);
    assert.ok(
      stderr.includes(`standard input cannot be copied to ${scratch}: the file would exceed the size limit`),
      stderr,
    );
    assert.match(stderr, /next: {2}free some space there, or set TMPDIR to a folder with more space\n/);
    assert.deepEqual(readdirSync(scratch), ['home']);
  });
});
