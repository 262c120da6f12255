import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Emulator } from '../../src/emulator/emulator.ts';
import type { Dynamo, DynamoFault } from '../helpers/dynamo.ts';
import { toolHere } from '../helpers/in-process.ts';
import {
  type Ended,
  environmentOf,
  fileWith,
  hourAgo,
  newFolder,
  TOOL,
  type ToolOptions,
  tool,
  withEmulator,
} from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';
import { startTable } from '../ledger/table/setup.ts';

/** Of the built tool, with its ledger in a table that several processes use at once. */
const LEDGER = 'dynamodb://ledger';

type Outcome = { readonly status: string; readonly quantity: number; readonly customer: string };

type Run = Ended & { readonly outcomes: readonly Outcome[] };

type Machines = {
  readonly emulator: Emulator;
  readonly dynamo: Dynamo;
  readonly env: Readonly<Record<string, string>>;
  readonly batch: (file: string, flags?: readonly string[], options?: ToolOptions) => Promise<Run>;
  readonly run: (...args: readonly string[]) => Promise<Ended>;
  /** Customer and quantity of everything that AWS bills. */
  readonly billed: () => string[];
};

const withMachines = (use: (machines: Machines) => Promise<void>): Promise<void> =>
  withEmulator(async emulator => {
    await using dynamo = await startTable();
    const env = {
      ...environmentOf(emulator),
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      AMPMETER_LEDGER: LEDGER,
    };
    await use({
      emulator,
      dynamo,
      env,
      batch: async (file, flags = [], options = {}) =>
        runOf(
          await toolHere(['batch', file, '-o', 'jsonl', '--no-rejects', ...flags], {
            cwd: newFolder(),
            ...options,
            env: { ...env, ...options.env },
          }),
        ),
      run: (...args) => toolHere(args, { env, cwd: newFolder() }),
      billed: () =>
        emulator
          .records()
          .map(({ CustomerAWSAccountId, Quantity }) => `${CustomerAWSAccountId} ${Quantity}`)
          .sort(),
    });
  });

const runOf = (ended: Ended): Run => ({
  ...ended,
  outcomes: ended.stdout
    .split('\n')
    .filter(line => line.startsWith('{"type":"outcome"'))
    .map(line => JSON.parse(line) as Record<string, unknown>)
    .map(one => ({
      status: String(one['status']),
      quantity: Number(one['Quantity']),
      customer: String(one['CustomerAWSAccountId']),
    })),
});

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';

const accountOf = (index: number): string => String(111_122_223_333 + index);

const file = (count: number, quantityOf: (index: number) => number = index => index): string =>
  fileWith(
    `${HEADER}\n${Array.from(
      { length: count },
      (_, index) => `${hourAgo(3)},${accountOf(index)},product,users,${quantityOf(index)}\n`,
    ).join('')}`,
  );

const expected = (count: number, quantityOf: (index: number) => number = index => index): string[] =>
  Array.from({ length: count }, (_, index) => `${accountOf(index)} ${quantityOf(index)}`).sort();

const isBilled = ({ status }: Outcome): boolean => status === 'accepted' || status === 'already-recorded';

/** What a run says of itself, compared with what AWS bills. */
const assertTrue = ({ outcomes, code, stderr }: Run, billed: readonly string[]): void => {
  for (const one of outcomes)
    if (isBilled(one)) assert.ok(billed.includes(`${one.customer} ${one.quantity}`), JSON.stringify(one));
  if (code === 0) assert.ok(outcomes.every(isBilled), stderr);
};

/** It runs beside another. */
const OWN = { ownProcess: true } as const;

describe('two processes at once', () => {
  test('over the same file: each record is billed once, and both say so', () =>
    withMachines(async ({ batch, billed, emulator }) => {
      const path = file(30);
      const runs = await Promise.all(Array.from({ length: isFull ? 3 : 2 }, () => batch(path, [], OWN)));
      assert.deepEqual(billed(), expected(30));
      for (const run of runs) assertTrue(run, billed());
      // A record that another process is sending may be left to it.
      for (const { code, stderr } of runs) assert.ok(code === 0 || code === 5, stderr);
      const again = await batch(path);
      assert.equal(again.code, 0, again.stderr);
      assert.equal(emulator.records().length, 30);
      assert.ok(again.outcomes.every(({ status }) => status === 'already-recorded'));
    }));

  test('over files that contradict each other: the first quantity is billed, the second is a conflict', () =>
    withMachines(async ({ batch, billed }) => {
      const runs = await Promise.all(
        [5, 7].map(quantity =>
          batch(
            file(30, () => quantity),
            [],
            OWN,
          ),
        ),
      );
      assert.equal(billed().length, 30);
      for (const run of runs) assertTrue(run, billed());
      const [one, other] = runs.map(({ outcomes }) => outcomes.filter(isBilled).length);
      assert.equal((one ?? 0) + (other ?? 0), 30);
      for (const { outcomes } of runs)
        assert.deepEqual(
          [...new Set(outcomes.filter(outcome => !isBilled(outcome)).map(({ status }) => status))].filter(
            status => status !== 'conflict',
          ),
          [],
        );
    }));

  test('one of them stands still until the other has ended', () =>
    withMachines(async ({ batch, billed, dynamo, env }) => {
      const path = file(30);
      let writes = 0;
      const reached = new Promise<void>(resolve => {
        dynamo.onRequest = operation => {
          writes += operation === 'PutItem' ? 1 : 0;
          if (writes === 20) resolve();
        };
      });
      const child = spawn(process.execPath, [TOOL, 'batch', path, '-o', 'jsonl'], {
        env: { ...process.env, ...env, HOME: newFolder() },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let stdout = '';
      child.stdout.setEncoding('utf8').on('data', text => {
        stdout += text;
      });
      await reached;
      child.kill('SIGSTOP');
      const other = await batch(path);
      const ended = new Promise<number | null>(resolve => child.on('close', resolve));
      child.kill('SIGCONT');
      const code = await ended;
      assertTrue(other, billed());
      assertTrue(runOf({ code, stdout, stderr: '' }), billed());
      const last = await batch(path);
      assert.equal(last.code, 0, last.stderr);
      assert.deepEqual(billed(), expected(30));
    }));
});

describe('a table that fails', () => {
  test('throttles, loses replies and cuts connections: the run is slower, and nothing is lost', () =>
    withMachines(async ({ batch, billed, dynamo }) => {
      const faults: readonly (DynamoFault | undefined)[] = ['throttled', 'lost', 'not-received', 'half'];
      let requests = 0;
      let failed = 0;
      dynamo.fault = () => {
        requests += 1;
        if (requests % 5 !== 0) return undefined;
        failed += 1;
        return faults[failed % faults.length];
      };
      const path = file(30);
      const run = await batch(path);
      assert.equal(run.code, 0, run.stderr);
      assert.ok(failed > 10);
      assert.deepEqual(billed(), expected(30));
      assert.ok(run.outcomes.every(({ status }) => status === 'accepted'));
    }));

  test('out of reach in the middle of a run: nothing is sent that is not in it, and the next run finishes', () =>
    withMachines(async ({ batch, billed, dynamo, run }) => {
      let writes = 0;
      dynamo.fault = operation => {
        writes += operation === 'PutItem' ? 1 : 0;
        return writes > 30 ? 'not-received' : undefined;
      };
      const path = file(40);
      const cut = await batch(path, ['--give-up-after', '1s']);
      assert.equal(cut.code, 9, cut.stderr);
      assert.match(cut.stderr, /the ledger dynamodb:\/\/ledger cannot be reached/);
      assertTrue(cut, billed());
      dynamo.fault = undefined;
      const known = await run('history', '-o', 'jsonl');
      const inTable = new Set(
        runOf(known).outcomes.map(({ customer, quantity }) => `${customer} ${quantity}`),
      );
      assert.deepEqual(
        billed().filter(one => !inTable.has(one)),
        [],
      );
      const last = await batch(path);
      assert.equal(last.code, 0, last.stderr);
      assert.deepEqual(billed(), expected(40));
    }));

  test('a process that is killed: the next one sends the same, whatever the file says by then', () =>
    withMachines(async ({ batch, billed, dynamo }) => {
      let writes = 0;
      const killed = new Promise<void>(resolve => {
        dynamo.onRequest = operation => {
          writes += operation === 'PutItem' ? 1 : 0;
          if (writes === 20) resolve();
        };
      });
      await batch(
        file(30, () => 5),
        [],
        { stop: { signal: 'SIGKILL', when: killed } },
      );
      const before = billed();
      dynamo.onRequest = undefined;
      const edited = await batch(file(30, () => 7));
      assertTrue(edited, billed());
      assert.deepEqual(
        before.filter(one => !billed().includes(one)),
        [],
      );
      assert.equal(billed().length, 30);
      assert.equal(edited.code, edited.outcomes.every(isBilled) ? 0 : 4, edited.stderr);
    }));
});

test('what sends nothing writes nothing', () =>
  withMachines(async ({ batch, dynamo, run }) => {
    const path = file(3);
    const operations: string[] = [];
    dynamo.onRequest = operation => {
      operations.push(operation);
    };
    for (const flags of [['--dry-run'], ['--show-request']]) {
      const { code, stderr } = await run('batch', path, ...flags);
      assert.equal(code, 0, stderr);
    }
    assert.deepEqual([...new Set(operations)].sort(), ['GetItem', 'Query']);
    const invalid = await batch(fileWith(`${HEADER}\n${hourAgo(3)},1,product,users,1\n`));
    assert.equal(invalid.code, 3, invalid.stderr);
    // The invalid row, so that no other machine shows it again or fills its hour.
    assert.equal(operations.filter(operation => operation === 'PutItem').length, 1);
  }));

test('a run that is stopped saves what it knows, and ends with the code of the signal', () =>
  withMachines(async ({ batch, billed, dynamo }) => {
    let writes = 0;
    const reached = new Promise<void>(resolve => {
      dynamo.onRequest = operation => {
        writes += operation === 'PutItem' ? 1 : 0;
        if (writes === 30) resolve();
      };
    });
    const path = file(75);
    const stopped = await batch(path, ['--rate', '2'], { stop: { signal: 'SIGTERM', when: reached } });
    assert.equal(stopped.code, 143, stopped.stderr);
    assertTrue(stopped, billed());
    assert.ok(stopped.outcomes.some(({ status }) => status === 'unsent'));
    dynamo.onRequest = undefined;
    const next = await batch(path);
    assert.equal(next.code, 0, next.stderr);
    assert.deepEqual(billed(), expected(75));
  }));

test('only a ledger in a table loads the client of DynamoDB', () =>
  withMachines(async ({ env }) => {
    const usesIt = async (...args: string[]): Promise<boolean> => {
      const { stderr } = await tool(args, { env: { ...env, NODE_OPTIONS: `--import=${LISTING}` } });
      const loaded = stderr.split('\n').filter(line => line.startsWith('loaded '));
      assert.ok(loaded.length > 0);
      return loaded.some(line => line.endsWith('client-dynamodb.cjs'));
    };
    const path = file(1);
    // Of `help`, package.test.ts holds that it loads a single file.
    if (isFull) assert.equal(await usesIt('help'), false);
    assert.deepEqual(
      [
        await usesIt('batch', path, '--local'),
        await usesIt('history', '--ledger', join(newFolder(), 'none.db')),
        await usesIt('history'),
      ],
      [false, false, true],
    );
  }));

/** Says on standard error which files of the tool are loaded. */
const LISTING = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { fileURLToPath } from 'node:url';
  import { writeSync } from 'node:fs';
  registerHooks({ load(url, context, next) {
    if (url.includes('/dist/')) writeSync(2, 'loaded ' + fileURLToPath(url) + '\\n');
    return next(url, context);
  } });
`)}`;

test('what was sent is shown, by any machine', () =>
  withMachines(async ({ batch, run }) => {
    const path = file(3, index => index + 1);
    const sent = await batch(path);
    assert.equal(sent.code, 0, sent.stderr);
    const { runs } = JSON.parse((await run('history', '--runs', '-o', 'json')).stdout) as {
      readonly runs: readonly { readonly run: number; readonly exitCode: number }[];
    };
    assert.equal(runs.length, 1);
    assert.match(String(runs[0]?.run), /^\d{16}$/);
    const ofRun = await run('history', '--run', String(runs[0]?.run), '-o', 'jsonl');
    assert.equal(runOf(ofRun).outcomes.length, 3);
    const since = await run('history', '--since', hourAgo(2), '-o', 'jsonl');
    assert.equal(runOf(since).outcomes.length, 0);
    const gaps = await run('gaps', '--since', hourAgo(4), '-o', 'json');
    assert.equal(gaps.code, 4, gaps.stderr);
    const compared = await run('reconcile', '--settle', '-o', 'json');
    assert.equal(compared.code, 0, compared.stderr);
    assert.equal(JSON.parse(compared.stdout).summary.agreed, 3);
    const report = await run('report', '--html', '-');
    assert.match(report.stdout, /dynamodb:\/\/ledger/);
    const named = await run('history', '--ledger', 'dynamodb://eu-west-1/ledger', '-o', 'jsonl');
    assert.equal(runOf(named).outcomes.length, 3);
  }));

describe('bad cases, each in one sentence', () => {
  for (const [ledger, code, sentence] of [
    ['dynamodb://missing', 9, 'there is no table for dynamodb://missing in us-east-1'],
    ['dynamodb://x', 2, '--ledger is not the name of a table: dynamodb://x'],
    ['s3://bucket/ledger', 2, '--ledger is neither a file nor a table: s3://bucket/ledger'],
  ] as const)
    test(ledger, () =>
      withMachines(async ({ run, billed }) => {
        for (const command of [['batch', file(1)], ['history'], ['gaps'], ['report', '--html', '-']]) {
          const ended = await run(...command, '--ledger', ledger);
          assert.equal(ended.code, code, ended.stderr);
          assert.ok(ended.stderr.includes(`error: ${sentence}\n`), ended.stderr);
        }
        assert.deepEqual(billed(), []);
      }),
    );

  test('an endpoint that is not DynamoDB', () =>
    withMachines(async ({ env }) => {
      // The emulator has only the metering service.
      const ended = await toolHere(['history'], { env: { ...env, AWS_ENDPOINT_URL_DYNAMODB: undefined } });
      assert.equal(ended.code, 9);
      assert.match(ended.stderr, /the endpoint of dynamodb:\/\/ledger is not DynamoDB/);
    }));
});
