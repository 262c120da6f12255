import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const csv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;
const row = (
  line: { at?: string; account?: string; product?: string; dimension?: string; quantity?: string } = {},
) =>
  [
    line.at ?? hourAgo(1),
    line.account ?? '111122223333',
    line.product ?? 'exampleproduct',
    line.dimension ?? 'users',
    line.quantity ?? '5',
  ].join(',');

const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));

describe('batch, when all is well', () => {
  test('bills every record and says so, as a table on stdout and a summary on stderr', async () => {
    await withEmulator(async (emulator, env) => {
      const file = fileWith(csv(row({ dimension: 'gb' }), row({ quantity: '1234' })));
      const ended = await tool(['batch', file], { env });
      assert.equal(ended.code, 0, ended.stderr);
      const [header, first, second] = ended.stdout.split('\n');
      assert.match(
        header ?? '',
        /^RECORD +HOUR +CUSTOMER +DIMENSION +QUANTITY +OUTCOME +METERING RECORD ID$/,
      );
      assert.match(first ?? '', /^line 2 +\S+Z +111122223333 +gb +5 +✓ accepted +[0-9a-f-]{36}$/);
      assert.match(second ?? '', /^line 3 +\S+Z +111122223333 +users +1,234 +✓ accepted +[0-9a-f-]{36}$/);
      assert.match(
        ended.stderr,
        /2 rows, 2 records, 1 request in .* to us-east-1 at http:\/\/127.*\n {2}accepted {2}2\n$/,
      );
      assert.deepEqual(
        emulator.records().map(record => record.Quantity),
        [5, 1234],
      );
    });
  });

  test('-o json prints one document with the summary of the contract', async () => {
    await withEmulator(async (_, env) => {
      const file = fileWith(csv(row()));
      const ended = await tool(['batch', file, '-o', 'json'], { env });
      const { summary, problems } = JSON.parse(ended.stdout);
      assert.deepEqual(problems, []);
      const { seconds, run, ...counts } = summary;
      assert.ok(Number.isInteger(run));
      assert.equal(typeof seconds, 'number');
      assert.deepEqual(counts, {
        dryRun: false,
        files: [file],
        rows: 1,
        records: 1,
        accepted: 1,
        alreadyRecorded: 0,
        duplicate: 0,
        conflict: 0,
        notSubscribed: 0,
        refused: 0,
        invalid: 0,
        expired: 0,
        unsent: 0,
        unknown: 0,
        requests: 1,
        retries: 0,
        known: 0,
      });
      assert.equal(ended.stderr, '');
    });
  });

  test('-o jsonl prints a line a record and the summary last', async () => {
    await withEmulator(async (emulator, env) => {
      const at = hourAgo(1);
      const file = fileWith(csv(row({ at })));
      const [outcome, summary] = jsonLines((await tool(['batch', file, '-o', 'jsonl'], { env })).stdout);
      assert.deepEqual(outcome, {
        type: 'outcome',
        file,
        line: 2,
        status: 'accepted',
        Timestamp: at,
        ProductCode: 'exampleproduct',
        CustomerAWSAccountId: '111122223333',
        Dimension: 'users',
        Quantity: 5,
        MeteringRecordId: emulator.records()[0]?.MeteringRecordId,
      });
      assert.equal(summary?.['type'], 'summary');
    });
  });

  test('reads standard input, and several files in one run, naming the file of each record', async () => {
    await withEmulator(async (emulator, env) => {
      const file = fileWith(csv(row({ dimension: 'gb' })));
      const ended = await tool(['batch', file, '-', '-o', 'jsonl'], { env, input: csv(row()) });
      assert.equal(ended.code, 0, ended.stderr);
      const files = jsonLines(ended.stdout).flatMap(line =>
        line['type'] === 'outcome' ? [line['file']] : [],
      );
      assert.deepEqual(files.sort(), [file, '<stdin>'].sort());
      assert.equal(emulator.records().length, 2);
    });
  });

  test('sends 60 records of one product in three requests', async () => {
    await withEmulator(async (_, env) => {
      const rows = Array.from({ length: 60 }, (_row, index) => row({ dimension: `d${index}` }));
      const ended = await tool(['batch', fileWith(csv(...rows)), '-o', 'json'], { env });
      const { summary } = JSON.parse(ended.stdout);
      assert.deepEqual([summary.accepted, summary.requests], [60, 3]);
    });
  });

  test('never mixes products or identity modes in one request, and sends no product code with a licence', async () => {
    await withEmulator(async (emulator, env) => {
      const licence = 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef';
      const at = hourAgo(1);
      const text = [
        'Timestamp,CustomerAWSAccountId,CustomerIdentifier,LicenseArn,ProductCode,Dimension,Quantity',
        `${at},111122223333,,,prodA,users,1`,
        `${at},111122223333,,,prodB,users,2`,
        `${at},444455556666,,${licence},prodA,users,3`,
        `${at},,legacyCustomer1,,prodA,users,4`,
      ].join('\n');
      const ended = await tool(['batch', fileWith(text), '-o', 'json'], { env });
      const { summary } = JSON.parse(ended.stdout);
      assert.deepEqual([summary.accepted, summary.requests], [4, 4], ended.stdout);
      const licensed = emulator.records().find(record => record.LicenseArn === licence);
      assert.equal(licensed?.ProductCode, undefined);
    });
  });

  test('makes one record with allocations of rows that differ in their tags', async () => {
    await withEmulator(async (emulator, env) => {
      const at = hourAgo(1);
      const text = [
        'timestamp,customer_aws_account_id,product_code,dimension,quantity,tag:Dept',
        `${at},111122223333,p,users,7,Sales`,
        `${at},111122223333,p,users,5,IT`,
        `${at},111122223333,p,users,1,`,
      ].join('\n');
      const ended = await tool(['batch', fileWith(text), '-o', 'jsonl'], { env });
      assert.equal(ended.code, 0, ended.stdout + ended.stderr);
      const [outcome] = jsonLines(ended.stdout);
      assert.equal((outcome?.['rows'] as unknown[] | undefined)?.length, 3);
      const [record] = emulator.records();
      assert.equal(record?.Quantity, 13);
      const parts = record?.UsageAllocations?.map(part => [
        part.AllocatedUsageQuantity,
        part.Tags?.[0]?.Value,
      ]);
      assert.deepEqual(new Set(parts?.map(String)), new Set(['7,Sales', '5,IT', '1,']));
    });
  });

  test('sends the start of the UTC hour, whatever spelling the time has', async () => {
    await withEmulator(async (emulator, env) => {
      const hour = Date.parse(hourAgo(2)) / 1000;
      const at = (seconds: number, offset = 0): string =>
        new Date((seconds + offset) * 1000).toISOString().slice(0, 19);
      const rows = [
        row({ dimension: 'a', at: String(hour + 59 * 60) }),
        row({ dimension: 'b', at: String((hour + 1) * 1000 + 7) }),
        row({ dimension: 'c', at: `${at(hour + 61, 5.5 * 3600)}+05:30` }),
        row({ dimension: 'd', at: `${at(hour + 3599)}.999Z` }),
      ];
      const ended = await tool(['batch', fileWith(csv(...rows))], { env });
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(new Set(emulator.records().map(record => record.Timestamp)), new Set([hour]));
    });
  });
});

describe('batch, when a record is not billed', () => {
  test('one that AWS does not accept costs no other, and the exit code is 4 although AWS answered 200', async () => {
    await withEmulator(async (emulator, env) => {
      const rows = [row(), row({ account: '404404404404' }), row({ dimension: 'gb' })];
      const ended = await tool(['batch', fileWith(csv(...rows)), '-o', 'json'], { env });
      assert.equal(ended.code, 4, ended.stderr);
      const { summary, problems } = JSON.parse(ended.stdout);
      assert.deepEqual([summary.accepted, summary.notSubscribed], [2, 1], ended.stdout);
      assert.deepEqual([problems[0].line, problems[0].status], [3, 'not-subscribed']);
      assert.equal(emulator.records().length, 2);
    });
  });

  test('a quantity that contradicts the ledger is a conflict, is not sent, and says what was billed when', async () => {
    await withEmulator(async (emulator, env) => {
      const at = hourAgo(1);
      assert.equal((await tool(['batch', fileWith(csv(row({ at })))], { env })).code, 0);
      const ended = await tool(
        ['batch', fileWith(csv(row({ at, quantity: '6' }), row({ at, dimension: 'gb' })))],
        { env },
      );
      assert.equal(ended.code, 4);
      assert.match(ended.stdout, /line 2 .* 6 +✗ conflict +the ledger has 5, billed on \S+Z/);
      assert.deepEqual(
        emulator.records().map(record => record.Dimension),
        ['users', 'gb'],
      );
    });
  });

  test('a quantity that comes second is a duplicate; the first stays billed', async () => {
    await withEmulator(async (emulator, env) => {
      const at = hourAgo(1);
      assert.equal((await tool(['batch', fileWith(csv(row({ at })))], { env })).code, 0);
      const ended = await tool(['batch', fileWith(csv(row({ at, quantity: '6' }))), '--no-ledger'], { env });
      assert.equal(ended.code, 4);
      assert.match(ended.stdout, /✗ duplicate/);
      assert.deepEqual(
        emulator.records().map(record => record.Quantity),
        [5],
      );
    });
  });

  test('one bad record of 25 is refused alone, wherever it stands', async () => {
    for (const place of [0, 12, 24]) {
      await withEmulator(async (emulator, env) => {
        const rows = Array.from({ length: 25 }, (_, index) =>
          row({
            account: String(111_122_220_001 + index),
            dimension: index === place ? 'unknown_dimension' : 'users',
          }),
        );
        const ended = await tool(['batch', fileWith(csv(...rows)), '-o', 'json'], { env });
        const { summary, problems } = JSON.parse(ended.stdout);
        assert.equal(ended.code, 4, ended.stderr);
        assert.deepEqual([summary.accepted, summary.refused], [24, 1]);
        assert.ok(summary.requests <= 11, `${summary.requests} requests`);
        assert.deepEqual([problems[0].line, problems[0].status], [place + 2, 'refused']);
        assert.match(problems[0].reason, /InvalidUsageDimensionException/);
        assert.equal(emulator.records().length, 24);
      });
    }
  });

  test('an hour outside the window is expired, is not sent, and holds up nobody', async () => {
    await withEmulator(async (emulator, env) => {
      const ended = await tool(['batch', fileWith(csv(row({ at: hourAgo(30) }), row())), '-o', 'json'], {
        env,
      });
      assert.equal(ended.code, 4);
      const { summary, problems } = JSON.parse(ended.stdout);
      assert.deepEqual([summary.accepted, summary.expired, summary.requests], [1, 1, 1]);
      assert.deepEqual([problems[0].line, problems[0].status], [2, 'expired']);
      assert.equal(emulator.records().length, 1);
    });
  });

  test('a product that AWS does not know ends that product only, with exit code 7', async () => {
    await withEmulator(async (emulator, env) => {
      const rows = [
        row({ product: 'unknown_product' }),
        row({ product: 'unknown_product', dimension: 'gb' }),
        row(),
      ];
      const ended = await tool(['batch', fileWith(csv(...rows)), '-o', 'json'], { env });
      assert.equal(ended.code, 7, ended.stderr);
      const { summary } = JSON.parse(ended.stdout);
      assert.deepEqual([summary.accepted, summary.unsent], [1, 2]);
      assert.equal(JSON.parse(ended.stderr).code, 'InvalidProductCodeException');
      assert.equal(emulator.records().length, 1);
    });
  });

  test('an endpoint that is not there leaves the records unsent, exit code 5', async () => {
    const env = {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    const ended = await tool(['batch', fileWith(csv(row())), '--give-up-after', '500ms', '-o', 'json'], {
      env,
    });
    assert.equal(ended.code, 5);
    assert.equal(JSON.parse(ended.stdout).summary.unsent, 1);
    assert.match(JSON.parse(ended.stderr).message, /connection refused/);
  });

  test('keys that AWS does not know end the run with exit code 6', async () => {
    await withEmulator(async (_, env) => {
      const ended = await tool(['batch', fileWith(csv(row()))], {
        env: { ...env, AWS_ACCESS_KEY_ID: 'AKIDWRONG' },
      });
      assert.equal(ended.code, 6);
      assert.match(ended.stderr, /UnrecognizedClientException/);
    });
  });

  test('no credentials at all end the run with exit code 6', async () => {
    const ended = await tool(['batch', fileWith(csv(row()))], {
      env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
    });
    assert.equal(ended.code, 6);
    assert.match(ended.stderr, /no AWS credentials could be loaded/);
  });

  test("the emulator's example keys are not sent to AWS", async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
    const ended = await tool(['batch', fileWith(csv(row())), '--give-up-after', '1s'], { env });
    assert.equal(ended.code, 6);
    assert.match(ended.stderr, /example keys/);
  });
});

describe('batch --skip-invalid', () => {
  test('holds back what belongs to one record with an invalid row, because sending it would close the hour', async () => {
    await withEmulator(async (emulator, env) => {
      const at = hourAgo(1);
      const text = [
        'timestamp,customer_aws_account_id,product_code,dimension,quantity,tag:Dept',
        `${at},111122223333,p,users,7,Sales`,
        `${at},111122223333,p,users,x,IT`,
        `${at},111122223333,p,gb,1,`,
      ].join('\n');
      const ended = await tool(['batch', fileWith(text), '--skip-invalid', '-o', 'json'], { env });
      assert.equal(ended.code, 4, ended.stderr);
      const { summary, problems } = JSON.parse(ended.stdout);
      assert.deepEqual([summary.accepted, summary.invalid], [1, 2]);
      assert.deepEqual(
        problems.map(({ line }: { line: number }) => line),
        [3, 2],
      );
      assert.match(problems[1].reason, /line 3 of the same customer, dimension and hour is invalid/);
      assert.deepEqual(
        emulator.records().map(record => record.Dimension),
        ['gb'],
      );
    });
  });
});

describe('batch --show-request', () => {
  test('prints a command for each request and sends nothing', async () => {
    await withEmulator(async (emulator, env) => {
      const rows = Array.from({ length: 30 }, (_, index) => row({ dimension: `d${index}` }));
      const ended = await tool(['batch', fileWith(csv(...rows)), '--show-request'], { env });
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(ended.stdout.trim().split('\n').length, 2);
      assert.match(ended.stdout, /^curl -sS -X POST 'http:\/\/127/);
      assert.equal(emulator.records().length, 0);
    });
  });
});

describe('one id for two records', () => {
  const uuid = () => '11111111-2222-4333-8444-555555555555';

  test('ends with exit code 4 and names both', async () => {
    await withEmulator(
      async (_, env) => {
        const file = fileWith(csv(row({ dimension: 'gb' }), row()));
        const { code, stderr } = await tool(['batch', file, '--no-rejects'], { env });
        assert.equal(code, 4);
        assert.match(stderr, /AWS returned one id for several records.*11111111-2222-4333-8444-555555555555/);
        assert.match(stderr, /usage\.csv:2, 111122223333 gb .*usage\.csv:3, 111122223333 users /);
      },
      { uuid },
    );
  });

  test('also when an earlier run has one of them, as long as one is in the input', async () => {
    await withEmulator(
      async (_, env) => {
        const first = fileWith(csv(row({ dimension: 'gb' })), 'first.csv');
        const second = fileWith(csv(row()), 'second.csv');
        const ledger = `${first}.db`;
        const batch = (file: string) => tool(['batch', file, '--ledger', ledger], { env });
        assert.equal((await batch(first)).code, 0);
        const { code, stderr } = await batch(second);
        assert.equal(code, 4);
        assert.match(stderr, /first\.csv:2, .*second\.csv:2, /);
        for (const file of [first, second]) {
          const again = await batch(file);
          assert.equal(again.code, 4, again.stderr);
          assert.match(again.stderr, /first\.csv:2, .*second\.csv:2, /);
        }
      },
      { uuid },
    );
  });

  test('lasts where the records are of different hours, for each input that has one of them', async () => {
    await withEmulator(
      async (_, env) => {
        const [now, before] = [{ at: hourAgo(2) }, { at: hourAgo(7) }];
        const both = fileWith(csv(row(before), row(now)), 'both.csv');
        const one = fileWith(csv(row(now)), 'one.csv');
        const beat = join(newFolder(), 'beat');
        const batch = (file: string, ledger: string) =>
          tool(['batch', file, '--ledger', ledger, '--heartbeat', beat], { env });
        for (const files of [
          [both, one, both],
          [one, both, one],
        ]) {
          const ledger = join(newFolder(), 'ledger.db');
          for (const [turn, file] of files.entries()) {
            const { code, stderr } = await batch(file, ledger);
            const isKnown = turn > 0 || file === both;
            assert.equal(code, isKnown ? 4 : 0, stderr);
            assert.equal(existsSync(beat), !isKnown);
            rmSync(beat, { force: true });
            const dry = await tool(['batch', file, '--ledger', ledger, '--dry-run'], { env });
            assert.equal(dry.code, isKnown ? 4 : 0, dry.stderr);
            if (isKnown) assert.match(stderr, new RegExp(`AWS returned one id .*${before.at.slice(0, 13)}`));
          }
          const { code, stderr } = await tool(['batch', '--ledger', ledger], { env });
          assert.equal(code, 0, stderr);
        }
      },
      { uuid },
    );
  });
});
