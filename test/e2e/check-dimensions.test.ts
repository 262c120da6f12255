import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { type Ended, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const SELLER = '123456789012';
const BUYER = '111111111111';
const PRIVATE = '222222222222';
const license = (name: string): string => `arn:aws:license-manager::${SELLER}:license:l-${name}`;

const market = (...more: string[]) => ({
  products: [{ code: 'first', dimensions: ['requests', 'users', ...more] }],
  customers: [{ account: BUYER }, { account: PRIVATE }],
  agreements: [
    { product: 'first', customer: BUYER, licenseArn: license('public') },
    {
      product: 'first',
      customer: PRIVATE,
      licenseArn: license('private'),
      prices: [{ dimension: 'requests', price: '1' }],
    },
  ],
});

const HEADER = 'timestamp,customer_aws_account_id,license_arn,dimension,quantity';
const usage = (
  ...rows: readonly (readonly [account: string, license: string, dimension: string])[]
): string =>
  fileWith(
    `${HEADER}\n${rows.map(([account, name, dimension]) => `${hourAgo(1)},${account},${license(name)},${dimension},3\n`).join('')}`,
  );

const GOOD = [BUYER, 'public', 'users'] as const;
const MISSPELLED = [BUYER, 'public', 'Usres'] as const;
const NOT_OFFERED = [PRIVATE, 'private', 'users'] as const;

type Bench = {
  readonly setCatalog: (catalog: unknown) => void;
  readonly reset: () => void;
  readonly records: () => number;
  readonly list: string;
  readonly batch: (file: string, args?: readonly string[], env?: Record<string, string>) => Promise<Ended>;
};

const onBench = (use: (bench: Bench) => Promise<void>): Promise<void> =>
  withEmulator(async ({ setCatalog, reset, records }, emulated) => {
    const ledger = join(newFolder(), 'ledger.db');
    setCatalog(market());
    await use({
      setCatalog,
      reset,
      records: () => records().length,
      list: `${ledger}.dimensions.json`,
      batch: (file, args = [], env = {}) =>
        tool(['batch', file, ...args], { env: { ...emulated, AMPMETER_LEDGER: ledger, ...env } }),
    });
  });

const ERROR = ['--check-dimensions=error'];
const DENIED = { id: SELLER, permissions: ['aws-marketplace:BatchMeterUsage'] };

describe('--check-dimensions', () => {
  test('warns of what the product lacks and of what the offer lacks, and sends it', async () => {
    await onBench(async ({ batch }) => {
      const file = usage(GOOD, MISSPELLED, MISSPELLED, NOT_OFFERED);
      const { stderr } = await batch(file, ['--check-dimensions', '--merge', 'sum', '--no-rejects']);
      assert.equal(stderr.match(/the product first has no dimension "Usres"/g)?.length, 1, stderr);
      assert.match(
        stderr,
        /usage\.csv:3:\d+: warning: .*\n(.*\n)* *= help: did you mean users\? AWS lists for the product: requests, users \(asked now\)\n/,
      );
      assert.match(stderr, /this buyer's own offer has no dimension "users", although the product has it/);
      assert.match(stderr, /accepted +[12]\n/);
    });
  });

  test('error makes such rows invalid, and the others can be sent', async () => {
    await onBench(async ({ batch, records }) => {
      const file = usage(GOOD, MISSPELLED, NOT_OFFERED);
      const stopped = await batch(file, [...ERROR, '--no-rejects']);
      assert.deepEqual([stopped.code, records()], [3, 0]);
      const { code, stdout } = await batch(file, [...ERROR, '--skip-invalid', '-o', 'jsonl']);
      assert.deepEqual([code, records()], [4, 1]);
      const outcomes = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as { status?: string; reason?: string });
      assert.deepEqual(outcomes.flatMap(({ status }) => status ?? []).sort(), [
        'accepted',
        'invalid',
        'invalid',
      ]);
      const rejects = readFileSync(file.replace('.csv', '.rejected.csv'), 'utf8');
      assert.match(rejects, /Usres,3,"invalid: the product first has no dimension ""Usres""/);
      assert.match(rejects, /users,3,"invalid: this buyer's own offer has no dimension ""users""/);
    });
  });

  test('can be left on by a variable, and turned off by the flag', async () => {
    await onBench(async ({ batch }) => {
      const on = { AMPMETER_CHECK_DIMENSIONS: 'error' };
      const file = usage(MISSPELLED);
      assert.equal((await batch(file, ['--no-rejects', '--dry-run'], on)).code, 3);
      assert.equal((await batch(file, ['--no-rejects', '--dry-run', '--check-dimensions=off'], on)).code, 0);
      const wrong = await batch(file, ['--dry-run'], { AMPMETER_CHECK_DIMENSIONS: 'yes' });
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /AMPMETER_CHECK_DIMENSIONS is not warn, error or off: yes/);
    });
  });

  test('keeps the list next to the ledger, and reads it again before it reports a fault', async () => {
    await onBench(async ({ batch, setCatalog, reset, list }) => {
      assert.equal((await batch(usage(GOOD), [...ERROR, '--dry-run'])).code, 0);
      assert.equal(existsSync(list), false);
      assert.equal((await batch(usage(GOOD), ERROR)).code, 0);
      assert.equal(statSync(list).mode & 0o777, 0o600);
      setCatalog({ ...market('gb'), accounts: [DENIED] });
      reset();
      const early = await batch(usage([BUYER, 'public', 'gb']), [...ERROR, '--no-rejects']);
      assert.equal(early.code, 3);
      assert.doesNotMatch(early.stderr, /could not be listed/);
      const text = readFileSync(list, 'utf8');
      const at = Number(/"at":(\d+)/.exec(text)?.[1]);
      writeFileSync(list, text.replace(`"at":${at}`, `"at":${at - 2 * 3_600_000}`));
      const denied = await batch(usage([BUYER, 'public', 'gb']), [...ERROR, '--no-rejects']);
      assert.equal(denied.code, 0, denied.stderr);
      assert.match(
        denied.stderr,
        /dimensions could not be listed: .*; the list of 2 h ago is used, for warnings only/,
      );
      assert.match(denied.stderr, /warning: the product first has no dimension "gb"/);
      assert.match(denied.stderr, /\(asked 2 h ago\)/);
      setCatalog(market('gb'));
      reset();
      const added = usage([BUYER, 'public', 'gb']);
      assert.equal((await batch(added, ERROR)).code, 0);
      assert.match(readFileSync(list, 'utf8'), /"gb"/);
    });
  });

  test('never stops a run because the list cannot be read or kept', async () => {
    await onBench(async ({ batch, setCatalog, reset, records, list }) => {
      setCatalog({ ...market(), accounts: [DENIED] });
      const denied = await batch(usage(GOOD), ERROR);
      assert.deepEqual([denied.code, records()], [0, 1]);
      assert.match(denied.stderr, /dimensions could not be listed: .*; they are not checked/);
      setCatalog(market());
      reset();
      const broken = { AWS_ENDPOINT_URL_MARKETPLACE_AGREEMENT: 'nonsense' };
      const unusable = await batch(usage(GOOD), ERROR, broken);
      assert.equal(unusable.code, 0);
      assert.match(unusable.stderr, /dimensions could not be listed: AWS_ENDPOINT_URL_MARKETPLACE_AGREEMENT/);
      writeFileSync(list, '{"version":');
      assert.equal((await batch(usage([BUYER, 'public', 'requests']), ERROR)).code, 0);
      assert.match(readFileSync(list, 'utf8'), /^\{"version":1,/);
    });
  });

  test('without a ledger keeps nothing, and protects its file from other outputs', async () => {
    await onBench(async ({ batch, list }) => {
      const { code } = await batch(usage(MISSPELLED), [...ERROR, '--no-ledger', '--no-rejects']);
      assert.deepEqual([code, existsSync(list)], [3, false]);
      const taken = await batch(usage(GOOD), ['--results', list]);
      assert.equal(taken.code, 2);
      assert.match(taken.stderr, /already used as the list of dimensions next to the ledger/);
    });
  });
});
