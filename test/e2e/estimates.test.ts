import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const license = (name: string): string => `arn:aws:license-manager::123456789012:license:l-${name}`;
const [USD, EUR, RESOLD] = ['111111111111', '222222222222', '333333333333'] as const;

/** A buyer in dollars, one in euros, and one without an agreement. */
const MARKET = {
  products: [
    {
      code: 'first',
      dimensions: ['gb', 'users'],
      prices: [
        { dimension: 'gb', price: '0.1' },
        { dimension: 'users', price: '3' },
      ],
    },
  ],
  customers: [{ account: USD }, { account: EUR }, { account: RESOLD }],
  agreements: [
    { product: 'first', customer: USD, licenseArn: license('usd') },
    {
      product: 'first',
      customer: EUR,
      licenseArn: license('eur'),
      currency: 'EUR',
      prices: [{ dimension: 'gb', price: '0.0005' }],
    },
  ],
};

const HEADER = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity';
const row = (hours: number, account: string, name: string, dimension: string, quantity: number): string =>
  `${hourAgo(hours)},${account},${license(name)},first,${dimension},${quantity}`;

const ROWS = [
  row(3, USD, 'usd', 'gb', 3),
  row(2, USD, 'usd', 'gb', 4),
  row(3, USD, 'usd', 'users', 2),
  row(3, EUR, 'eur', 'gb', 7),
  row(3, RESOLD, 'resold', 'gb', 9),
];

test('what is billed and what is missing is estimated by currency', async () => {
  await withEmulator(async ({ setCatalog, reset }, emulated) => {
    const env = { ...emulated, XDG_STATE_HOME: newFolder() };
    const run = async (...args: string[]) => {
      reset();
      return tool(args, { env });
    };
    const usage = fileWith(`${HEADER}\n${ROWS.join('\n')}\n`);
    assert.equal((await run('batch', usage, '--no-rejects')).code, 0);
    setCatalog(MARKET);

    const listed = await run('history', '--value', '-o', 'json');
    assert.equal(listed.code, 0, listed.stderr);
    const { records, estimate } = JSON.parse(listed.stdout) as {
      records: { CustomerAWSAccountId: string; estimate?: { currency: string; amount: string } }[];
      estimate: object;
    };
    const billed = [
      { currency: 'EUR', amount: '0.0035' },
      { currency: 'USD', amount: '6.7' },
    ];
    assert.deepEqual(estimate, { billed, withoutPrice: 1 });
    assert.deepEqual(
      records.flatMap(one => (one.estimate === undefined ? [] : [one.estimate.amount])).sort(),
      ['0.0035', '0.3', '0.4', '6'],
    );

    const groups = await run('history', '--value', '--by', 'dimension', '-o', 'json');
    const found = JSON.parse(groups.stdout) as { groups: { Dimension: string; estimate: object[] }[] };
    assert.deepEqual(
      found.groups.map(group => [group.Dimension, group.estimate]),
      [
        ['gb', [billed[0], { currency: 'USD', amount: '0.7' }]],
        ['users', [{ currency: 'USD', amount: '6' }]],
      ],
    );
    const table = await run('history', '--value', '--by', 'customer');
    assert.match(table.stdout, /BILLED +ESTIMATE\n/);
    assert.match(table.stdout, /^222222222222 +gb +1 +7 +7 +less than 0\.01 EUR$/m);
    assert.match(table.stderr, /billed: less than 0\.01 EUR and about 6\.70 USD\n/);
    assert.match(
      table.stderr,
      /an estimate: .* without taxes, fees, free trials, .*; 1 billed record without a known price/,
    );
    const csv = await run('history', '--value', '-o', 'csv');
    assert.match(csv.stdout, /^[^\n]*,carried_in,sent,used_when_sent,sent_by,estimated_value,currency\n/);
    assert.match(csv.stdout, /,7,,,0\.0035,EUR\n/);
    const plain = await run('history', '-o', 'csv');
    assert.doesNotMatch(plain.stdout, /estimated_value/);
    const byDay = await run('history', '--value', '--by', 'dimension', '-o', 'csv');
    assert.match(byDay.stdout, /^[^\n]*,used,balance,estimated_value,currency\n/);
    assert.match(byDay.stdout, /,0\.0035;0\.7,EUR;USD\n/);
    assert.match(byDay.stdout, /,6,USD\n/);

    const range = ['--since', hourAgo(3), '--until', hourAgo(1)];
    const gaps = await run('gaps', '--agreements', ...range, '-o', 'json');
    assert.equal(gaps.code, 4, gaps.stderr);
    const { gaps: missing, summary } = JSON.parse(gaps.stdout) as {
      gaps: { CustomerAWSAccountId: string; Dimension: string; estimate?: object }[];
      summary: { estimate: object };
    };
    assert.deepEqual(
      missing.map(one => [one.CustomerAWSAccountId, one.Dimension, one.estimate]),
      [
        [USD, 'users', { currency: 'USD', amount: '6' }],
        [EUR, 'gb', { currency: 'EUR', amount: '0.0035' }],
        [RESOLD, 'gb', undefined],
      ],
    );
    const billable = [billed[0], { currency: 'USD', amount: '6' }];
    assert.deepEqual(summary.estimate, { billable, notBillable: [], withoutValue: 1 });
    const text = await run('gaps', '--agreements', ...range);
    assert.match(
      text.stderr,
      /less than 0\.01 EUR and about 6\.00 USD can still be billed, the first of it until \d{4}-\S+Z\n/,
    );
    assert.match(text.stderr, /an estimate: .*customer's mean; 1 gap without a known price or usage/);
    const lines = (await run('gaps', '--agreements', ...range, '-o', 'csv')).stdout.split('\n');
    assert.deepEqual(
      lines.slice(0, -1).map(line => line.split(',').slice(-2).join()),
      ['estimated_value,currency', '6,USD', '0.0035,EUR', ','],
    );

    const page = join(newFolder(), 'page.html');
    const report = await run('report', '--html', page, '--agreements', ...range, '-o', 'json');
    assert.equal(report.code, 0, report.stderr);
    assert.deepEqual((JSON.parse(report.stdout) as { estimate: object }).estimate, {
      billed,
      withoutPrice: 1,
      billable,
      notBillable: [],
      withoutValue: 1,
    });
    const html = readFileSync(page, 'utf8');
    assert.match(html, /An estimate: price × quantity by the agreement, without taxes/);
    assert.match(html, /data-estimate="billable">less than 0\.01 EUR and 6\.00 USD</);
    assert.match(html, /not included: 1 billed record and 1 gap\./);
  });
});

test('nothing is estimated when AWS cannot be asked', async () => {
  await withEmulator(async ({ setCatalog, reset }, emulated) => {
    const env = { ...emulated, XDG_STATE_HOME: newFolder() };
    const usage = fileWith(`${HEADER}\n${ROWS[0]}\n`);
    assert.equal((await tool(['batch', usage, '--no-rejects'], { env })).code, 0);
    const accounts = [{ id: '123456789012', permissions: ['aws-marketplace:BatchMeterUsage'] }];
    setCatalog({ ...MARKET, accounts });
    reset();
    const { code, stdout, stderr } = await tool(['history', '--value'], { env });
    assert.deepEqual([code, stdout], [6, '']);
    assert.match(stderr, /allow the action aws-marketplace:SearchAgreements /);
  });
});
