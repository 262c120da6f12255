import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { type Ended, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const SELLER = '123456789012';
const license = (name: string): string => `arn:aws:license-manager::${SELLER}:license:l-${name}`;
const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

/** A buyer without an end, one that has canceled, one who was one until yesterday, and one with a private offer. */
const market = () => ({
  products: [
    { code: 'first', dimensions: ['requests', 'users'], created: '2026-06-02' },
    { code: 'second', dimensions: ['gb'] },
  ],
  customers: ['1', '2', '3', '4'].map(digit => ({ account: digit.repeat(12) })),
  agreements: [
    { product: 'first', customer: '1'.repeat(12), licenseArn: license('active') },
    { product: 'first', customer: '2'.repeat(12), licenseArn: license('ended'), end: minutesAgo(20) },
    { product: 'first', customer: '3'.repeat(12), licenseArn: license('old'), end: minutesAgo(1500) },
    {
      product: 'first',
      customer: '4'.repeat(12),
      licenseArn: license('private'),
      prices: [{ dimension: 'requests', price: '0.5' }],
    },
    { product: 'second', customer: '1'.repeat(12) },
  ],
});

type Listed = {
  readonly subscribers: readonly {
    readonly CustomerAWSAccountId: string;
    readonly ProductCode?: string;
    readonly LicenseArn?: string;
    readonly dimensions: readonly string[];
    readonly status?: string;
    readonly deadline?: string;
    readonly sources: readonly string[];
  }[];
  readonly summary: Record<string, unknown>;
};

const listed = ({ stdout, stderr, code }: Ended): Listed => {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Listed;
};

/** Each as account, product, dimensions and sources. */
const rows = ({ subscribers }: Listed): string[] =>
  subscribers.map(one =>
    [
      one.CustomerAWSAccountId.slice(0, 3),
      one.ProductCode ?? '',
      one.dimensions.join(','),
      one.sources.join('+'),
    ].join(' '),
  );

type Bench = {
  readonly env: Record<string, string>;
  readonly setCatalog: (catalog: unknown) => void;
  readonly reset: () => void;
  readonly subscribers: (...args: string[]) => Promise<Ended>;
};

const onBench = (use: (bench: Bench) => Promise<void>): Promise<void> =>
  withEmulator(async ({ setCatalog, reset }, emulated) => {
    const env = { ...emulated, XDG_STATE_HOME: newFolder() };
    setCatalog(market());
    await use({ env, setCatalog, reset, subscribers: (...args) => tool(['subscribers', ...args], { env }) });
  });

describe('subscribers', () => {
  test('are the buyers of the agreements, with the dimensions of their own offers', async () => {
    await onBench(async ({ subscribers }) => {
      const found = listed(await subscribers('-o', 'json'));
      assert.deepEqual(rows(found), [
        '111 first requests,users agreement',
        '111 second gb agreement',
        '222 first requests,users agreement',
        '444 first requests agreement',
      ]);
      assert.deepEqual(
        [found.summary['subscribers'], found.summary['lastHour'], found.summary['ledgerOnly']],
        [4, 1, 0],
      );
      const [active, , ended] = found.subscribers;
      assert.deepEqual([active?.status, active?.deadline], ['ACTIVE', undefined]);
      assert.equal(ended?.status, 'CANCELLED');
      const left = Date.parse(ended?.deadline ?? '') - Date.now();
      assert.ok(left > 35 * 60_000 && left <= 40 * 60_000, ended?.deadline);
    });
  });

  test('are listed for a range, for a product, and for those who have just canceled', async () => {
    await onBench(async ({ subscribers, reset }) => {
      const ended = listed(await subscribers('--ended-since', '1h', '-o', 'json'));
      assert.deepEqual(rows(ended), ['222 first requests,users agreement']);
      reset();
      const range = listed(await subscribers('--since', '-2d', '-o', 'json'));
      assert.ok(rows(range).includes('333 first requests,users agreement'), String(rows(range)));
      reset();
      const second = listed(await subscribers('--product', 'second', '-o', 'json'));
      assert.deepEqual(rows(second), ['111 second gb agreement']);
      reset();
      const { code, stderr } = await subscribers('--product', 'third');
      assert.equal(code, 2);
      assert.match(stderr, /no SaaS product with the product code third/);
    });
  });

  test('are joined with those of the ledger', async () => {
    await onBench(async ({ env, setCatalog, subscribers }) => {
      setCatalog(undefined);
      const header = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity';
      const known = `${hourAgo(1)},111111111111,${license('active')},,users,3`;
      const partner = `${hourAgo(1)},555555555555,${license('partner')},,users,3`;
      const canceled = `${hourAgo(1)},333333333333,${license('old')},,users,3`;
      const usage = fileWith(`${header}\n${known}\n${partner}\n${canceled}\n`);
      assert.equal((await tool(['batch', usage, '--no-rejects'], { env })).code, 0);
      setCatalog(market());
      const found = listed(await subscribers('-o', 'json'));
      assert.ok(rows(found).includes('111 first requests,users agreement+ledger'), String(rows(found)));
      assert.deepEqual(
        found.subscribers.filter(({ sources }) => sources[0] === 'ledger').map(one => one.LicenseArn),
        [license('partner')],
      );
      assert.equal(found.summary['ledgerOnly'], 1);
      const without = listed(await subscribers('--no-ledger', '-o', 'json'));
      assert.equal(without.summary['ledgerOnly'], 0);
    });
  });

  test('need no ledger yet, wherever it is going to be, but the one of --ledger must exist', async () => {
    await onBench(async ({ env }) => {
      const missing = join(newFolder(), 'ledger.db');
      const broken = fileWith('not a ledger', 'broken.db');
      const list = (ledger: Record<string, string>, ...args: readonly string[]): Promise<Ended> =>
        tool(['subscribers', '-o', 'json', ...args], { env: { ...env, ...ledger } });
      const [byDefault, named] = [await list({}), await list({ AMPMETER_LEDGER: missing })];
      assert.deepEqual(listed(named).subscribers, listed(byDefault).subscribers);
      assert.match(
        named.stderr,
        /"type":"notice","message":"no ledger yet at \S+ledger\.db \(AMPMETER_LEDGER\)/,
      );
      assert.doesNotMatch(byDefault.stderr, /no ledger yet/);
      assert.deepEqual((await list({ AMPMETER_LEDGER: missing }, '--no-ledger')).stderr, byDefault.stderr);
      for (const [place, args] of [
        [{ AMPMETER_LEDGER: broken }, []],
        [{ AMPMETER_LEDGER: join(broken, 'ledger.db') }, []],
        [{}, ['--ledger', missing]],
      ] as const)
        assert.equal((await list(place, ...args)).code, 9, JSON.stringify([place, args]));
    });
  });

  test('are joined with those of a file, each with its source', async () => {
    await onBench(async ({ subscribers }) => {
      const list = fileWith(
        [
          'customer_aws_account_id,license_arn,product_code,dimension,until',
          `111111111111,${license('active')},,users,`,
          `666666666666,${license('partner')},,gb,${minutesAgo(20)}`,
          '777777777777,,third,gb,',
          `888888888888,${license('gone')},,gb,${minutesAgo(2000)}`,
          '',
        ].join('\n'),
        'partners.csv',
      );
      const found = listed(await subscribers('--subscribers', list, '-o', 'json'));
      assert.deepEqual(
        rows(found).filter(row => row.includes('file')),
        ['111 first requests,users agreement+file', '666  gb file', '777 third gb file'],
      );
      assert.deepEqual([found.summary['fileOnly'], found.summary['ledgerOnly']], [2, 0]);
      const partner = found.subscribers.find(one => one.CustomerAWSAccountId.startsWith('666'));
      const left = Date.parse(partner?.deadline ?? '') - Date.now();
      assert.ok(left > 35 * 60_000 && left <= 40 * 60_000, partner?.deadline);
    });
    await onBench(async ({ subscribers }) => {
      const bad = fileWith('customer_aws_account_id,product_code,dimension\n11,p,d\n', 'partners.csv');
      const { code, stdout, stderr } = await subscribers('--subscribers', bad);
      assert.deepEqual([code, stdout], [3, '']);
      assert.match(stderr, /partners\.csv:2:1: error: /);
      assert.match(stderr, /the list of subscribers has 1 problem; nothing was listed/);
    });
  });

  test('in CSV name the flags that gaps needs to read them', async () => {
    await onBench(async ({ env, setCatalog, subscribers }) => {
      const round = '123456000000';
      setCatalog({
        products: [{ code: 'first', dimensions: ['null'] }],
        customers: [{ account: round }],
        agreements: [{ product: 'first', customer: round }],
      });
      const { stdout, stderr } = await subscribers('-o', 'csv');
      const flags = ['--allow-null-text', '--allow-round-accounts'];
      assert.match(stderr, /gaps --subscribers needs --allow-null-text and --allow-round-accounts\n/);
      const usage = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
      const sent = fileWith(`${usage}\n${hourAgo(2)},${round},first,null,3\n`);
      assert.equal((await tool(['batch', sent, '--no-rejects', ...flags], { env })).code, 0);
      const list = fileWith(stdout, 'list.csv');
      const range = ['--since', hourAgo(2), '--until', hourAgo(1)];
      const gaps = await tool(['gaps', '--subscribers', list, ...range, ...flags], { env });
      assert.equal(gaps.code, 0, gaps.stderr);
    });
  });

  test('are what gaps reads, also those who never had a record', async () => {
    await onBench(async ({ env, setCatalog, subscribers }) => {
      const { stdout } = await subscribers('-o', 'csv');
      assert.match(
        stdout,
        /^customer_aws_account_id,license_arn,customer_identifier,product_code,dimension,/,
      );
      const file = join(newFolder(), 'buyers.csv');
      writeFileSync(file, stdout);
      setCatalog(undefined);
      const header = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity';
      const usage = fileWith(`${header}\n${hourAgo(2)},444444444444,${license('private')},,requests,3\n`);
      assert.equal((await tool(['batch', usage, '--no-rejects'], { env })).code, 0);
      const range = ['--since', hourAgo(2), '--until', hourAgo(1)];
      const gaps = await tool(['gaps', '--subscribers', file, ...range, '-o', 'json'], { env });
      assert.equal(gaps.code, 4, gaps.stderr);
      const { gaps: missing } = JSON.parse(gaps.stdout) as {
        gaps: { CustomerAWSAccountId: string; Dimension: string }[];
      };
      assert.deepEqual(
        missing.map(one => `${one.CustomerAWSAccountId.slice(0, 3)} ${one.Dimension}`).sort(),
        ['111 gb', '111 requests', '111 users', '222 requests', '222 users'],
      );
    });
  });

  test('that only the ledger has begin with their first record, so that gaps finds the hours after it', async () => {
    await onBench(async ({ env, setCatalog, subscribers }) => {
      setCatalog(undefined);
      const header = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity';
      const usage = fileWith(`${header}\n${hourAgo(5)},555555555555,${license('partner')},,users,3\n`);
      assert.equal((await tool(['batch', usage, '--no-rejects'], { env })).code, 0);
      setCatalog(market());
      const { stdout } = await subscribers('-o', 'csv');
      const file = fileWith(
        stdout
          .split('\n')
          .filter(line => /^customer|^5/.test(line))
          .join('\n'),
        'buyers.csv',
      );
      assert.match(stdout, new RegExp(`^5{12},.*,users,${hourAgo(5)},,,ledger$`, 'm'));
      const range = ['--since', hourAgo(6), '--until', hourAgo(1)];
      const gaps = await tool(['gaps', '--subscribers', file, ...range, '-o', 'csv'], { env });
      assert.deepEqual(
        gaps.stdout.match(/(?<=^gap,)[^,]+/gm),
        [4, 3, 2].map(hours => hourAgo(hours)),
      );
    });
  });

  test('with gaps --agreements count without a file, and a cancellation ends their gaps', async () => {
    await onBench(async ({ env, setCatalog, reset }) => {
      setCatalog(undefined);
      const header = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity';
      const usage = [
        `${hourAgo(3)},111111111111,${license('active')},,users,3`,
        `${hourAgo(3)},333333333333,${license('old')},,users,3`,
        `${hourAgo(3)},555555555555,${license('partner')},,users,3`,
      ];
      const file = fileWith(`${header}\n${usage.join('\n')}\n`);
      assert.equal((await tool(['batch', file, '--no-rejects'], { env })).code, 0);
      setCatalog(market());
      const gapsOf = async (...args: string[]): Promise<string[]> => {
        reset();
        const range = ['--since', hourAgo(2), '--until', hourAgo(1), '-o', 'json'];
        const ended = await tool(['gaps', ...range, ...args], { env });
        assert.equal(ended.code, 4, ended.stderr);
        const { gaps } = JSON.parse(ended.stdout) as {
          gaps: { CustomerAWSAccountId: string; Dimension: string }[];
        };
        return gaps.map(one => `${one.CustomerAWSAccountId.slice(0, 3)} ${one.Dimension}`).sort();
      };
      assert.deepEqual(await gapsOf(), ['111 users', '333 users', '555 users']);
      assert.deepEqual(await gapsOf('--agreements'), [
        '111 gb',
        '111 requests',
        '111 users',
        '222 requests',
        '222 users',
        '444 requests',
        '555 users',
      ]);
      reset();
      const page = join(newFolder(), 'page.html');
      const range = ['--since', hourAgo(2), '--until', hourAgo(1)];
      const report = ['report', '--html', page, ...range];
      const gapsOn = async (...args: string[]): Promise<number> => {
        const ended = await tool([...report, ...args], { env });
        assert.equal(ended.code, 0, ended.stderr);
        return Number(/data-glance="gaps">(\d+)</.exec(readFileSync(page, 'utf8'))?.[1]);
      };
      assert.equal(await gapsOn(), 3);
      assert.equal(await gapsOn('--agreements'), 7);
      reset();
      assert.equal(await gapsOn('--agreements', '--customer', '111111111111', '--dimension', 'users'), 1);
      setCatalog({
        ...market(),
        accounts: [{ id: SELLER, permissions: ['aws-marketplace:BatchMeterUsage'] }],
      });
      reset();
      rmSync(page);
      const unwritten = await tool([...report, '--agreements'], { env });
      assert.deepEqual([unwritten.code, existsSync(page)], [6, false]);
      const fips = await tool(['gaps', '--agreements', '--fips'], { env });
      assert.equal(fips.code, 2);
      assert.match(fips.stderr, /a FIPS endpoint cannot be combined with AWS_ENDPOINT_URL/);
      const denied = await tool(['gaps', '--agreements', '--since', hourAgo(2)], { env });
      assert.deepEqual([denied.code, denied.stdout], [6, '']);
      assert.match(denied.stderr, /allow the action aws-marketplace:SearchAgreements /);
    });
  });

  test('are a table for people, which says what it cannot have', async () => {
    await onBench(async ({ subscribers }) => {
      const { code, stdout, stderr } = await subscribers();
      assert.equal(code, 0);
      assert.match(stdout, /^CUSTOMER +PRODUCT +DIMENSIONS +FROM +UNTIL +STATUS +SOURCE +LICENSE\n/);
      assert.match(stdout, /^222222222222 +first +requests, users .* last hour until \d\d:\d\dZ +agreement/m);
      assert.match(stderr, /4 subscribers, 1 in the last hour\n/);
      assert.match(stderr, /for buyers through channel partners, use --subscribers/);
    });
  });

  test('are not listed without the permission, which is named', async () => {
    await onBench(async ({ setCatalog, reset, subscribers }) => {
      for (const [permissions, operation] of [
        [['aws-marketplace:BatchMeterUsage'], 'SearchAgreements'],
        [['aws-marketplace:SearchAgreements'], 'GetAgreementTerms'],
        [['aws-marketplace:SearchAgreements', 'aws-marketplace:GetAgreementTerms'], 'DescribeEntity'],
      ] as const) {
        setCatalog({ ...market(), accounts: [{ id: SELLER, permissions }] });
        reset();
        const { code, stdout, stderr } = await subscribers();
        assert.deepEqual([code, stdout], [6, '']);
        assert.match(stderr, new RegExp(`allow the action aws-marketplace:${operation} `));
      }
    });
  });

  test('are those of a sample market with --local', async () => {
    const { code, stdout, stderr } = await tool(['subscribers', '--local', '-o', 'jsonl']);
    assert.equal(code, 0, stderr);
    const lines = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { type: string });
    assert.deepEqual(
      lines.map(({ type }) => type),
      ['subscriber', 'subscriber', 'summary'],
    );
    assert.equal(stderr.match(/private emulator/g)?.length, 1, stderr);
  });
});
