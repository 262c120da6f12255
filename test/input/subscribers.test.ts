import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isProblem } from '../../src/input/problem.ts';
import { readItems } from '../../src/input/rows.ts';
import { subscriberHeader } from '../../src/input/subscriber-header.ts';
import { checkSubscriber, mergeSubscriptions } from '../../src/input/subscribers.ts';
import type { Problem } from '../../src/usage/row.ts';
import type { Subscription } from '../../src/usage/unbilled-hours.ts';
import { LICENSE, TEN } from '../usage/samples.ts';

const HOUR = 3600;
/** 2026-11-22T10:00Z to 20:00Z. */
const OPTIONS = { since: TEN, until: TEN + 10 * HOUR, allowRoundAccounts: false, allowNullText: false };

const read = async (text: string, options = OPTIONS) => {
  const subscriptions: Subscription[] = [];
  const problems: Problem[] = [];
  const bytes = (async function* () {
    yield Buffer.from(text);
  })();
  const format = {
    delimiter: undefined,
    map: new Map(),
    standIns: { timestamp: false, productCode: false },
    allowEmpty: false,
    headerOf: subscriberHeader,
  };
  for await (const items of readItems({ file: 'who.csv', bytes, format: 'csv' }, format))
    for (const item of items) {
      if (isProblem(item)) {
        problems.push(item);
        continue;
      }
      const checked = checkSubscriber(item, options);
      problems.push(...checked.problems);
      subscriptions.push(...checked.subscriptions);
    }
  return { subscriptions, problems };
};

/** What is wrong, each with its place. */
const troubles = async (text: string): Promise<string[]> =>
  (await read(text)).problems.map(
    ({ line, span, message }) => `${line}${span === undefined ? '' : `:${span.column}`}: ${message}`,
  );

/** Each as dimension and hours, such as `users 0-10`. */
const hoursOf = async (row: string): Promise<string[]> => {
  const header = 'customer_aws_account_id,product_code,dimensions,from,until\n';
  const { subscriptions, problems } = await read(`${header}${row}\n`);
  assert.deepEqual(problems, []);
  return subscriptions.map(
    ({ dimension, from, until }) => `${dimension} ${(from - TEN) / HOUR}-${(until - TEN) / HOUR}`,
  );
};

describe('a list of subscribers', () => {
  test('names who is billed for what', async () => {
    const { subscriptions, problems } = await read(
      `CustomerAWSAccountId,License ARN,product-code,Dimension,name\n111122223333,${LICENSE},prodA,users,ACME\n`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(subscriptions, [
      {
        customerAWSAccountId: '111122223333',
        licenseArn: LICENSE,
        customerIdentifier: undefined,
        productCode: 'prodA',
        dimension: 'users',
        from: OPTIONS.since,
        until: OPTIONS.until,
      },
    ]);
  });

  const cases: readonly (readonly [what: string, row: string, hours: readonly string[]])[] = [
    ['without times: the range', '111122223333,p,users,,', ['users 0-10']],
    ['several dimensions', '111122223333,p,users; gb,,', ['users 0-10', 'gb 0-10']],
    [
      'an hour of which a part is subscribed belongs to it',
      '111122223333,p,users,2026-11-22T12:59:59Z,2026-11-22T13:00:01Z',
      ['users 2-4'],
    ],
    ['until is not included', '111122223333,p,users,,2026-11-22T13:00:00Z', ['users 0-3']],
    ['a date begins in UTC', '111122223333,p,users,2026-11-22,2026-11-23', ['users 0-10']],
    ['an offset counts', '111122223333,p,users,2026-11-22T13:00:00+01:00,', ['users 2-10']],
    ['over before the range', '111122223333,p,users,,2026-11-22', []],
    ['not begun', '111122223333,p,users,2026-11-23,', []],
  ];
  for (const [what, row, hours] of cases) test(what, async () => assert.deepEqual(await hoursOf(row), hours));
});

describe('what is wrong with it is said with its place', () => {
  const header = 'customer_aws_account_id,customer_identifier,license_arn,product_code,dimension,from,until';
  const cases: readonly (readonly [text: string, said: readonly RegExp[]])[] = [
    ['', [/^1: the file is empty/]],
    [header, [/^1: the file has a header and no rows/]],
    [
      '111122223333,p,d\n111122224444,p,d',
      [/^1: the first line looks like a record: the file has no header/],
    ],
    ['product_code,dimension\np,d', [/^1: missing column customer_aws_account_id or customer_identifier/]],
    ['customer_aws_account_id,dimension\n111122223333,d', [/^1: missing column license_arn or product_code/]],
    ['customer_aws_account_id,product_code\n111122223333,p', [/^1: missing column dimension or dimensions/]],
    [
      'customer_aws_account_id,product_code,dimension,dimensions\n111122223333,p,a,b',
      [/^1:48: a column dimension and a column dimensions/],
    ],
    [
      'customer_aws_account_id,product_code,dimension,Dimension\n1,p,a,b',
      [/^1:48: two columns for dimension/],
    ],
    [
      'customer_aws_account_id,product_code,dimension,untill\n111122223333,p,a,',
      [/^1:48: unknown column "untill": did you mean until\?/],
    ],
    [`${header}\n,,,p,d,,`, [/^2:1: no customer/]],
    [`${header}\n12345,,,p,d,,`, [/^2:1: account id must be exactly 12 digits/]],
    [`${header}\n111122000000,,,p,d,,`, [/^2:1: account id ends in six zeros/]],
    [`${header}\n111122223333,legacy,,p,d,,`, [/^2:14: two customers in one row/]],
    [`${header}\n,legacy,${LICENSE},p,d,,`, [/^2:9: a license ARN needs an account id/]],
    [`${header}\n111122223333,,,,d,,`, [/^2:16: neither a product code nor a license ARN/]],
    [`${header}\n111122223333,,,p,,,`, [/^2:\d+: dimension is empty/]],
    [`${header}\n111122223333,,,p,d,yesterday,`, [/^2:\d+: this is not a time this tool can read/]],
    [`${header}\n111122223333,,,p,d,2026-02-30,`, [/^2:\d+: this is a date or time that does not exist/]],
    [`${header}\n111122223333,,,p,d,2026-11-22T10:00,`, [/^2:\d+: this has no time zone/]],
    [`${header}\n111122223333,,,p,d,2026-11-22,2026-11-22`, [/^2:\d+: until is not later than from/]],
    [`${header}\n1,,,,,x,`, [/account id/, /neither/, /this is not a time/, /dimension is empty/]],
    [`${header}\nNULL,legacy,,p,d,,`, [/^2:1: account id is a missing value written as text: "NULL"$/]],
    [
      `${header}\n111122223333,NULL,NULL,NULL,NULL,NULL,NULL`,
      [
        /^2:19: license ARN is a missing value/,
        /^2:14: customer identifier is a missing value/,
        /^2:24: product code is a missing value/,
        /^2:34: this is a missing value written as text: "NULL"$/,
        /^2:39: this is a missing value/,
        /^2:29: dimension is a missing value/,
      ],
    ],
    [
      `${header.replace('dimension', 'dimensions')}\n111122223333,,,p,users; None,,`,
      [/^2:18: dimension is a missing value written as text: "None"$/],
    ],
    [`${header}\n111122223333,,,p,d`, [/^2: 5 cells; the header has 7/]],
  ];
  for (const [text, said] of cases) {
    test(JSON.stringify(text.replace(`${header}\n`, '')), async () => {
      const found = await troubles(text);
      assert.equal(found.length, said.length, found.join('\n'));
      for (const [index, pattern] of said.entries()) assert.match(found[index] ?? '', pattern);
    });
  }
  test('names called Null are taken when that is asked for, and nothing else', async () => {
    const allowed = { ...OPTIONS, allowNullText: true };
    const { subscriptions, problems } = await read(`${header}\n,Null,,none,NA,,\n`, allowed);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      subscriptions.map(({ customerIdentifier, productCode, dimension }) => [
        customerIdentifier,
        productCode,
        dimension,
      ]),
      [['Null', 'none', 'NA']],
    );
    const others = await read(`${header}\nNULL,,NULL,p,d,NULL,NULL\n`, allowed);
    assert.equal(others.problems.length, 4);
    for (const { help } of others.problems) assert.doesNotMatch(help ?? '', /--allow/);
  });
  test('a round account is taken when that is asked for', async () => {
    const text = `${header}\n111122000000,,,p,d,,\n`;
    assert.equal((await read(text, { ...OPTIONS, allowRoundAccounts: true })).subscriptions.length, 1);
  });
});

test('rows that say an hour of one subscription twice are one, and the hours are the same', () => {
  const subscription = fc
    .record({
      dimension: fc.constantFrom('users', 'gb'),
      licensed: fc.boolean(),
      productCode: fc.constantFrom('p', 'q'),
      from: fc.integer({ min: 0, max: 20 }),
      length: fc.integer({ min: 1, max: 8 }),
    })
    .map(
      ({ dimension, licensed, productCode, from, length }): Subscription => ({
        customerAWSAccountId: '111122223333',
        customerIdentifier: undefined,
        licenseArn: licensed ? LICENSE : undefined,
        productCode: licensed ? undefined : productCode,
        dimension,
        from: TEN + from * HOUR,
        until: TEN + (from + length) * HOUR,
      }),
    );
  const each = ({ from, until, dimension, licenseArn, productCode }: Subscription): string[] =>
    Array.from(
      { length: (until - from) / HOUR },
      (_, index) => `${dimension} ${licenseArn} ${productCode} ${from + index * HOUR}`,
    );
  fc.assert(
    fc.property(fc.array(subscription), all => {
      const merged = mergeSubscriptions(all).flatMap(each);
      assert.equal(new Set(merged).size, merged.length);
      assert.deepEqual(new Set(merged), new Set(all.flatMap(each)));
    }),
  );
});
