import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDynamo } from '../helpers/dynamo.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { type Ended, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const TABLE = 'dynamodb://ampmeter';

const license = (name: string): string => `arn:aws:license-manager::123456789012:license:l-${name}`;
const [DOLLARS, EUROS, SILENT] = ['111111111111', '222222222222', '333333333333'] as const;

/** A buyer in dollars, one in euros, and one who never had a record. */
const MARKET = {
  products: [{ code: 'first', dimensions: ['gb', 'users'], prices: [{ dimension: 'gb', price: '0.1' }] }],
  customers: [{ account: DOLLARS }, { account: EUROS }, { account: SILENT }],
  agreements: [
    { product: 'first', customer: DOLLARS, licenseArn: license('usd') },
    { product: 'first', customer: EUROS, licenseArn: license('eur'), currency: 'EUR' },
    { product: 'first', customer: SILENT, licenseArn: license('silent') },
  ],
};

const HEADER = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity';
const row = (hours: number, account: string, name: string, dimension: string, quantity: string): string =>
  `${hourAgo(hours)},${account},${license(name)},first,${dimension},${quantity}`;
const usage = (...rows: readonly string[]): string => fileWith(`${[HEADER, ...rows].join('\n')}\n`);

const GOOD = [
  row(4, DOLLARS, 'usd', 'gb', '3.5'),
  row(3, DOLLARS, 'usd', 'gb', '4.25'),
  row(3, EUROS, 'eur', 'gb', '7'),
];
const INVALID = row(3, EUROS, 'eur', 'users', 'oops');
const REFUSED = row(3, EUROS, 'eur', 'unknown_dimension', '7');

type Emulated = Parameters<Parameters<typeof withEmulator>[0]>[0];
type Line = (...args: readonly string[]) => Promise<Ended>;

/** Each call is one of a machine that has nothing but the table. */
const withTable = (use: (run: Line, emulator: Emulated) => Promise<void>): Promise<void> =>
  withEmulator(async (emulator, emulated) => {
    await using dynamo = await startDynamo();
    const run: Line = (...args) => {
      const env = { ...emulated, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, XDG_STATE_HOME: newFolder() };
      return tool(args, { env, cwd: newFolder() });
    };
    const created = await run('ledger', 'create', '--ledger', TABLE);
    assert.equal(created.code, 0, created.stderr);
    await use(run, emulator);
  });

const summaryOf = ({ stdout, stderr }: Ended): Record<string, unknown> => {
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout).summary;
};

/** What asks a ledger. Each is asked of a file, and of a table that is its copy. */
const QUESTIONS: readonly (readonly string[])[] = [
  ['history', '-o', 'json'],
  ['history', '-o', 'csv', '--since', '-3h'],
  ['history', '--by', 'customer', '-o', 'json'],
  ['history', '--runs', '-o', 'json'],
  ['history', '--value', '-o', 'json'],
  ['history', '--value', '--by', 'day', '-o', 'csv'],
  ['gaps', '-o', 'json', '--since', '-5h'],
  ['gaps', '--agreements', '-o', 'json', '--since', '-5h'],
  ['gaps', '--since', '-5h', '--zero-fill', '-', '--within', '24h'],
  ['subscribers', '-o', 'csv', '--since', '-5h'],
  ['report', '--html', '-'],
  ['report', '--html', '-', '--agreements', '--since', '-3h'],
  ['reconcile', '-o', 'json'],
];

/** The same whichever second it is. */
const steady = (text: string, ledger: string): string =>
  text
    .replaceAll(ledger, 'LEDGER')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?/g, 'TIME')
    .replaceAll(/"seconds":[\d.]+/g, '"seconds":0');

test('a table tells what the file tells that it is a copy of', () =>
  withTable(async (run, { setCatalog }) => {
    const file = join(newFolder(), 'ledger.db');
    const input = usage(...GOOD, INVALID, REFUSED);
    const sent = await run(
      'batch',
      input,
      '--ledger',
      file,
      '--round',
      'carry',
      '--skip-invalid',
      '--no-rejects',
    );
    assert.equal(sent.code, 4, sent.stderr);
    setCatalog(MARKET);
    const copied = await run('ledger', 'copy', file, TABLE, '-o', 'json');
    assert.equal(copied.code, 0, copied.stderr);
    assert.equal(JSON.parse(copied.stdout).problems, 2);
    for (const question of QUESTIONS) {
      const [ofFile, ofTable] = await Promise.all(
        [file, TABLE].map(ledger => run(...question, '--ledger', ledger)),
      );
      assert.ok(ofFile && ofTable);
      assert.equal(ofTable.code, ofFile.code, `${question.join(' ')}: ${ofTable.stderr}`);
      assert.ok([0, 4].includes(ofFile.code ?? 1), ofFile.stderr);
      assert.equal(steady(ofTable.stdout, TABLE), steady(ofFile.stdout, file), question.join(' '));
      assert.equal(steady(ofTable.stderr, TABLE), steady(ofFile.stderr, file), question.join(' '));
    }
  }));

test('a problem that one machine has shown is known to the next, and no zero closes its hour', () =>
  withTable(async run => {
    const flags = [
      '--ledger',
      TABLE,
      '--skip-invalid',
      '--no-rejects',
      '--known-problems',
      'ok',
      '-o',
      'json',
    ];
    const rows = GOOD.map(text => text.replace(/\.\d+$/, ''));
    const path = usage(...rows, INVALID, REFUSED);
    const exported = (...lines: string[]): string => {
      copyFileSync(usage(...lines), path);
      return path;
    };
    const first = await run('batch', path, ...flags);
    assert.equal(first.code, 4, first.stderr);
    assert.equal(summaryOf(first)['known'], 0);
    const zeros = async (): Promise<string> => {
      const filling = join(newFolder(), 'zeros.csv');
      const filled = await run(
        'gaps',
        '--ledger',
        TABLE,
        '--subscribers',
        LIST,
        '--zero-fill',
        filling,
        ...GAPS,
      );
      assert.ok([0, 4].includes(filled.code ?? 1), filled.stderr);
      return readFileSync(filling, 'utf8');
    };
    const LIST = fileWith(
      `customer_aws_account_id,license_arn,dimension\n${EUROS},${license('eur')},users\n${DOLLARS},${license('usd')},users\n`,
    );
    const GAPS = ['--since', hourAgo(3), '--until', hourAgo(2), '--within', '24h'];
    const open = await zeros();
    assert.match(open, new RegExp(DOLLARS));
    assert.doesNotMatch(open, new RegExp(EUROS));

    // The same rows at other lines.
    const second = await run('batch', exported(REFUSED, ...rows, INVALID), ...flags);
    assert.equal(second.code, 0, second.stderr);
    const { known, alreadyRecorded } = summaryOf(second);
    assert.deepEqual([known, alreadyRecorded], [2, 3]);

    const fixed = await run('batch', exported(...rows, row(3, EUROS, 'eur', 'users', '5')), ...flags);
    assert.equal(fixed.code, 0, fixed.stderr);
    assert.doesNotMatch(await zeros(), new RegExp(EUROS));
    const back = await run('batch', exported(INVALID), ...flags);
    assert.equal(summaryOf(back)['known'], 0, 'it was answered meanwhile');
  }));

test('an upload that invalid rows have stopped leaves no zero for its hours', () =>
  withTable(async run => {
    const stopped = await run('batch', usage(row(3, DOLLARS, 'usd', 'gb', '3'), INVALID), '--ledger', TABLE);
    assert.equal(stopped.code, 3, stopped.stderr);
    const list = fileWith(`customer_aws_account_id,license_arn,dimension\n${DOLLARS},${license('usd')},gb\n`);
    const range = ['--since', hourAgo(3), '--until', hourAgo(2), '--within', '24h', '-o', 'json'];
    const path = join(newFolder(), 'zeros.csv');
    const gaps = await run('gaps', '--ledger', TABLE, '--subscribers', list, '--zero-fill', path, ...range);
    assert.equal(gaps.code, 4, gaps.stderr);
    assert.equal(JSON.parse(gaps.stdout).gaps[0].question, 'unsent');
    assert.equal(readFileSync(path, 'utf8').trim().split('\n').length, 1);
  }));

test('a table gets what another ledger has billed, and bills nothing of it again', () =>
  withTable(async run => {
    const rows = Array.from({ length: 60 }, (_, place) =>
      row(2 + (place % 2), String(111_111_111_111 + place), 'usd', 'gb', String(1 + place)),
    );
    const elsewhere = join(newFolder(), 'elsewhere.db');
    assert.equal((await run('batch', usage(...rows), '--ledger', elsewhere)).code, 0);
    const imported = async (...args: readonly string[]) => {
      const ended = await run('ledger', 'import', '--ledger', TABLE, '-o', 'json', ...args);
      assert.equal(ended.code, 0, ended.stderr);
      const { ledger, added, present } = summaryOf(ended);
      return [ledger, added, present];
    };
    assert.deepEqual(await imported('--dry-run'), [TABLE, 60, 0]);
    assert.equal(
      JSON.parse((await run('ledger', 'info', '--ledger', TABLE, '-o', 'json')).stdout).records,
      0,
    );
    assert.deepEqual(await imported('--wait', '1m'), [TABLE, 60, 0]);
    assert.deepEqual(await imported(), [TABLE, 0, 60]);

    const flags = ['--ledger', TABLE, '--no-rejects', '-o', 'json'];
    const same = summaryOf(await run('batch', usage(...rows), ...flags));
    assert.deepEqual([same['alreadyRecorded'], same['requests']], [60, 0]);
    const changed = await run('batch', usage(...rows.map(text => `${text}0`)), ...flags);
    assert.deepEqual([changed.code, summaryOf(changed)['conflict']], [4, 60]);
    assert.equal((await run('ledger', 'verify', '--ledger', TABLE)).code, 0);
    const history = await run('history', '--ledger', TABLE, '-o', 'json');
    assert.match(JSON.parse(history.stdout).records[0].sentBy, /^arn:aws:iam::\d+:user\/\S+ 127\.0\.0\.1 /);
    const agreed = await run('reconcile', '--ledger', TABLE, '-o', 'json');
    assert.deepEqual([agreed.code, summaryOf(agreed)['agreed']], [0, 60]);
  }));

test('an import into a table that is none says what to do', () =>
  withTable(async run => {
    const { code, stderr } = await run('ledger', 'import', '--ledger', 'dynamodb://nosuch');
    assert.equal(code, 9);
    assert.match(stderr, /no table for dynamodb:\/\/nosuch/);
    assert.match(stderr, /ledger create/);
  }));

test('fractions and what an hour has grown by are carried in a table as in a file', () =>
  withTable(async (run, { records }) => {
    const flags = ['--ledger', TABLE, '--round', 'carry', '--late', 'carry', '--no-rejects', '-o', 'json'];
    const hour = (used: string) => usage(row(4, DOLLARS, 'usd', 'gb', used));
    const sent = async (used: string) => {
      const before = records().length;
      const ended = await run('batch', hour(used), ...flags);
      assert.equal(ended.code, 0, ended.stderr);
      return records()
        .slice(before)
        .map(({ Quantity }) => Quantity);
    };
    assert.deepEqual(await sent('3.5'), [3]);
    assert.deepEqual(await sent('3.5'), []);
    assert.deepEqual(await sent('5.75'), [2]);
    assert.deepEqual(await sent('5.75'), []);
    assert.deepEqual(await sent('6'), [1]);
    assert.equal((await run('ledger', 'verify', '--ledger', TABLE)).code, 0);
    const shrunk = await run('batch', hour('1'), ...flags);
    assert.deepEqual([shrunk.code, summaryOf(shrunk)['conflict']], [4, 1]);
  }));
