import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { STATUSES } from '../../src/usage/outcome.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { type Ended, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const LICENSE = 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef';

const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));

/** Two runs: three accepted records of two hours and two dimensions, one not subscribed; then one with a license. */
describe('history of an upload', () => {
  let env: Record<string, string>;
  let url: string;
  let file: string;
  let second: string;
  const [older, younger] = [hourAgo(2), hourAgo(1)];
  const header =
    'timestamp,customer_aws_account_id,customer_identifier,license_arn,product_code,dimension,quantity';

  const history = (...args: string[]): Promise<Ended> => tool(['history', ...args], { env });

  before(async () => {
    const ledger = join(newFolder(), 'ledger.db');
    file = fileWith(
      [
        header,
        `${older},111122223333,,,prodA,users,5`,
        `${older},111122223333,,,prodA,gb,1200`,
        `${younger},111122223333,,,prodA,users,7`,
        `${younger},,not_subscribed,,prodA,users,100`,
        '',
      ].join('\n'),
    );
    second = fileWith(`${header}\n${younger},444455556666,,${LICENSE},,users,0\n`, 'second.csv');
    await withEmulator(async (emulator, emulated) => {
      const { AWS_ENDPOINT_URL, ...others } = emulated;
      url = `${AWS_ENDPOINT_URL}/`;
      env = { ...others, AMPMETER_LEDGER: ledger };
      for (const [input, code] of [
        [file, 4],
        [second, 0],
      ] as const) {
        const ended = await tool(['batch', input, '--no-rejects'], { env: { ...env, ...emulated } });
        assert.equal(ended.code, code, ended.stderr);
      }
      assert.equal(emulator.records().length >= 4, true);
    });
    env = { ...env, AWS_ENDPOINT_URL: url };
  });

  test('lists each record, the oldest first', async () => {
    const { code, stdout, stderr } = await history();
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    const [head, ...rows] = stdout.trimEnd().split('\n');
    assert.match(head ?? '', /^RECORD +HOUR +CUSTOMER +DIMENSION +QUANTITY +OUTCOME/);
    assert.equal(rows.length, 5);
    assert.match(rows[0] ?? '', /usage\.csv:3 +\S+Z +111122223333 +gb +1,200 +✓ accepted/);
    assert.ok(rows.some(row => /not_subscribed +users +100 +✗ not-subscribed/.test(row)));
  });

  test('-o jsonl prints each outcome as batch does, and where and when it was sent', async () => {
    const lines = jsonLines((await history('-o', 'jsonl')).stdout);
    assert.equal(lines.length, 5);
    const { MeteringRecordId, settled, ...known } = lines.find(({ Quantity }) => Quantity === 5) ?? {};
    assert.match(String(MeteringRecordId), /^[0-9a-f-]{36}$/);
    assert.match(String(settled), /^20\d\d-\d\d-\d\dT\S+Z$/);
    assert.deepEqual(known, {
      type: 'outcome',
      file,
      line: 2,
      status: 'accepted',
      Timestamp: older,
      ProductCode: 'prodA',
      CustomerAWSAccountId: '111122223333',
      Dimension: 'users',
      Quantity: 5,
      run: 1,
      region: 'us-east-1',
      endpoint: url,
    });
  });

  test('-o json is one document with the same records', async () => {
    const { records } = JSON.parse((await history('-o', 'json')).stdout);
    const lines = jsonLines((await history('-o', 'jsonl')).stdout);
    assert.deepEqual(
      records,
      lines.map(({ type: _, ...members }) => members),
    );
  });

  test('-o csv has the columns of the input first, and nothing that a spreadsheet would run', async () => {
    const [head, ...rows] = (await history('-o', 'csv')).stdout.trimEnd().split('\n');
    assert.equal(
      head,
      'timestamp,customer_aws_account_id,license_arn,customer_identifier,product_code,dimension,quantity,' +
        'usage_allocations,status,metering_record_id,reason,run,settled,region,endpoint,file,line,carried_in,sent,used_when_sent,sent_by',
    );
    assert.equal(rows.length, 5);
    assert.ok(rows.some(row => row.startsWith(`${older},111122223333,,,prodA,gb,1200,,accepted,`)));
    assert.match(
      (await history('-o', 'csv', '--run', '2')).stdout,
      new RegExp(`,${LICENSE},,,users,0,,accepted,`),
    );
  });

  test('a file name that looks like a formula is made a text', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, '=1+1.csv'), `${header}\n${older},777788889999,,,prodA,users,1\n`);
    await withEmulator(async (_, emulated) => {
      const own = { ...emulated, AMPMETER_LEDGER: join(folder, 'ledger.db') };
      assert.equal((await tool(['batch', '=1+1.csv'], { env: own, cwd: folder })).code, 0);
      assert.match((await tool(['history', '-o', 'csv'], { env: own })).stdout, /,'=1\+1\.csv,2,,\d+,,\n$/);
      assert.match((await tool(['history', '--runs', '-o', 'csv'], { env: own })).stdout, /,'=1\+1\.csv,/);
    });
  });

  const counts: readonly (readonly [flags: readonly string[], count: number])[] = [
    [['--customer', '111122223333'], 3],
    [['--customer', 'not_subscribed'], 1],
    [['--licence', LICENSE], 1],
    [['--license', LICENSE], 1],
    [['--product-code', 'prodA'], 4],
    [['--dimension', 'gb'], 1],
    [['--status', 'not-subscribed'], 1],
    [['--status', 'accepted,not-subscribed'], 5],
    [['--status', 'refused', '--status', 'not-subscribed'], 1],
    [['--run', '2'], 1],
    [['--since', younger], 3],
    [['--until', younger], 2],
    [['--since', older, '--until', younger], 2],
    [['--since', younger.replace(':00:00Z', ':30:00Z')], 3],
    [['--until', younger.replace(':00:00Z', ':30:00Z')], 5],
    [['--since', '-7d', '--until', 'now'], 5],
    [['--region', 'us-east-1'], 5],
    [['--endpoint-url', 'aws'], 0],
    [['--region', 'eu-west-1'], 0],
  ];
  for (const [flags, count] of counts) {
    test(`${flags.join(' ').replace(/\d{4}-\d{2}\S+/g, 'TIME')} finds ${count}`, async () => {
      const { code, stdout } = await history(...flags, '-o', 'json');
      assert.equal(code, 0);
      assert.equal(JSON.parse(stdout).records.length, count);
    });
  }

  test('what is at another endpoint is named, with the flag that shows it', async () => {
    const { code, stdout, stderr } = await tool(['history'], { env: { ...env, AWS_ENDPOINT_URL: '' } });
    assert.equal(code, 0);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      new RegExp(
        `^warning: the ledger has no records of AWS; use --endpoint-url ${url} to see those it has\n$`,
      ),
    );
    const shown = await tool(['history', '--endpoint-url', url], { env: { ...env, AWS_ENDPOINT_URL: '' } });
    assert.match(shown.stdout, /111122223333/);
    const elsewhere = await history('--region', 'eu-west-1');
    assert.match(elsewhere.stderr, /no records of http\S+ in eu-west-1, only in us-east-1/);
    assert.match((await history('--customer', '999999999999')).stderr, /no matching records/);
  });

  test('--by dimension adds up each dimension of each product alone', async () => {
    const { groups, totals } = JSON.parse((await history('--by', 'dimension', '-o', 'json')).stdout);
    const none = Object.fromEntries(STATUSES.map(status => [status, 0]));
    assert.deepEqual(groups, [
      {
        Dimension: 'users',
        records: 1,
        quantity: 0,
        billedQuantity: 0,
        statuses: { ...none, accepted: 1 },
      },
      {
        ProductCode: 'prodA',
        Dimension: 'gb',
        records: 1,
        quantity: 1200,
        billedQuantity: 1200,
        statuses: { ...none, accepted: 1 },
      },
      {
        ProductCode: 'prodA',
        Dimension: 'users',
        records: 3,
        quantity: 112,
        billedQuantity: 12,
        statuses: { ...none, accepted: 2, 'not-subscribed': 1 },
      },
    ]);
    assert.deepEqual(totals, groups);
  });

  test('--by hour, day, customer and product have their keys, and totals last', async () => {
    const keys = async (by: string, member: string): Promise<unknown[]> => {
      const lines = jsonLines((await history('--by', by, '-o', 'jsonl')).stdout);
      assert.deepEqual(
        lines.slice(-3).map(({ type }) => type),
        ['total', 'total', 'total'],
      );
      return lines.flatMap(line => (line['type'] === 'group' ? [line[member] ?? null] : []));
    };
    assert.deepEqual(await keys('hour', 'Timestamp'), [older, older, younger, younger]);
    assert.ok(
      (await keys('day', 'day')).every(day => [older, younger].some(hour => hour.startsWith(`${day}`))),
    );
    assert.deepEqual(await keys('customer', 'CustomerAWSAccountId'), [
      '111122223333',
      '111122223333',
      '444455556666',
      null,
    ]);
    assert.deepEqual(await keys('customer', 'CustomerIdentifier'), [null, null, null, 'not_subscribed']);
    assert.deepEqual(await keys('product', 'ProductCode'), [null, 'prodA', 'prodA']);
  });

  test('a grouped table has a column for each status that occurs, totals, and no bars in a pipe', async () => {
    const { stdout } = await history('--by', 'customer', '--product-code', 'prodA');
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => line.replaceAll(/ +/g, ' ')),
      [
        'CUSTOMER DIMENSION RECORDS QUANTITY BILLED ACCEPTED NOT-SUBSCRIBED',
        '111122223333 gb 1 1,200 1,200 1 0',
        '111122223333 users 2 12 12 2 0',
        'not_subscribed users 1 100 0 0 1',
        'total gb 1 1,200 1,200 1 0',
        'total users 3 112 12 2 1',
      ],
    );
  });

  test('--by … -o csv has the same members in every line', async () => {
    const { stdout } = await history('--by', 'product', '-o', 'csv');
    const [head, ...rows] = stdout.trimEnd().split('\n');
    assert.equal(
      head,
      'product_code,dimension,records,quantity,billed_quantity,accepted,already_recorded,duplicate,conflict,' +
        'not_subscribed,refused,invalid,expired,unsent,unknown,used,balance',
    );
    assert.ok(rows.includes('prodA,users,3,112,12,2,0,0,0,1,0,0,0,0,0,112,'), stdout);
  });

  test('--runs lists runs with their files, duration, outcomes and exit codes', async () => {
    const { runs } = JSON.parse((await history('--runs', '-o', 'json')).stdout);
    assert.equal(runs.length, 2);
    const { started, ended, seconds, version, statuses, ...first } = runs[0];
    assert.ok(Date.parse(started) <= Date.parse(ended));
    assert.equal(typeof seconds, 'number');
    assert.match(version, /^\d+\.\d+/);
    assert.deepEqual([statuses.accepted, statuses['not-subscribed'], statuses.refused], [3, 1, 0]);
    assert.deepEqual(first, {
      run: 1,
      command: 'batch',
      files: [file],
      exitCode: 4,
      records: 4,
      requests: 2,
      region: 'us-east-1',
      endpoint: url,
    });
    const table = (await history('--runs')).stdout;
    assert.match(table, /^RUN +STARTED +TOOK +EXIT +OUTCOMES +REGION +VERSION +COMMAND\n/);
    assert.match(
      table,
      /\n +1 +\S+Z +[\d.]+ s +4 +3 accepted, 1 not-subscribed +us-east-1 +\S+ +batch \S+usage\.csv\n/,
    );
    assert.equal(
      jsonLines((await history('--runs', '--run', '2', '-o', 'jsonl')).stdout)[0]?.['exitCode'],
      0,
    );
    assert.match((await history('--runs', '--run', '9')).stderr, /no matching runs/);
  });

  test('a run that was killed is listed without an end', async () => {
    const ledger = join(newFolder(), 'ledger.db');
    const own = { ...env, AMPMETER_LEDGER: ledger };
    const source = new DatabaseSync(env['AMPMETER_LEDGER'] ?? '');
    source.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    source.close();
    copyFileSync(env['AMPMETER_LEDGER'] ?? '', ledger);
    const db = new DatabaseSync(ledger);
    db.exec('UPDATE run SET ended = NULL, exit_code = NULL, summary = NULL WHERE id = 2');
    db.close();
    const { stdout } = await tool(['history', '--runs'], { env: own });
    assert.match(stdout, /\n +2 +\S+Z +- +- +running, or killed +\S+ +\S+ +batch/);
  });

  const wrong: readonly (readonly [flags: readonly string[], said: RegExp])[] = [
    [['--since', 'yesterday'], /--since: this is not a time .*: yesterday[\s\S]*2026-11-22/],
    [['--since', '2026-02-30'], /--since: this is a date or time that does not exist/],
    [['--until', '2026-11-22T10:00'], /--until: this has no time zone/],
    [['--since', 'now', '--until', '-1h'], /--until is not later than --since/],
    [['--status', 'billed'], /Allowed choices are accepted, /],
    [['--by', 'week'], /Allowed choices are hour, day/],
    [['--runs', '--by', 'hour'], /--runs and --by cannot be used together/],
    [['--runs', '--customer', 'x'], /--runs and --customer cannot be used together/],
    [['--endpoint-url', 'nonsense'], /--endpoint-url is not a URL/],
    [['--region', 'Nowhere!'], /--region is not a Region/],
    [['-o', 'xml'], /Allowed choices are table, json, jsonl, csv/],
    [['more'], /too many arguments/],
  ];
  for (const [flags, said] of wrong) {
    test(`${flags.join(' ')} is refused`, async () => {
      const { code, stdout, stderr } = await history(...flags);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, said);
    });
  }

  test('without a ledger it says so, as text or as a line of JSON, with 9', async () => {
    const none = { AMPMETER_LEDGER: join(newFolder(), 'none.db') };
    const { code, stderr } = await tool(['history'], { env: none });
    assert.equal(code, 9);
    assert.match(stderr, /^error: no ledger found at .*none\.db\n/);
    const json = await tool(['history', '-o', 'json'], { env: none });
    assert.equal(JSON.parse(json.stderr).exitCode, 9);
  });

  test('the newest 100 are listed, and how many are not', async () => {
    await withEmulator(async (_, emulated) => {
      const own = { ...emulated, AMPMETER_LEDGER: join(newFolder(), 'ledger.db') };
      const rows = Array.from({ length: 103 }, (_row, index) => `${older},111122223333,,,prodA,d${index},1`);
      const many = fileWith([header, ...rows, ''].join('\n'));
      assert.equal((await tool(['batch', many], { env: own })).code, 0);
      const { stdout, stderr } = await tool(['history'], { env: own });
      assert.equal(stdout.trimEnd().split('\n').length, 101);
      assert.match(stderr, /^… 3 older records not listed; -o jsonl and -o csv list all/);
      assert.equal(jsonLines((await tool(['history', '-o', 'jsonl'], { env: own })).stdout).length, 103);
    });
  });
});
