import {
  ACCEPTED,
  batch,
  licensed,
  meter,
  ofAccount,
  ofCustomer,
  register,
  resolve,
  SUCCESS,
} from '../calls.ts';
import type { Expected, Names, Row, Step } from '../row.ts';

const MODEL = 'service model';
const VALIDATION: Expected = { type: 'ValidationException' };
const WRONG_TYPE = { 'wrong-type=serialization': { type: 'SerializationException' } };
const NO_TAG: Expected = { type: 'InvalidTagException' };
const NO_SUM: Expected = { type: 'InvalidUsageAllocationsException' };

const x = (length: number): string => 'x'.repeat(length);

type Case = readonly [what: string, step: (names: Names) => Step];

const bad = (...cases: readonly Case[]): readonly Row[] =>
  cases.map(([what, step]) => ({
    section: '4.1',
    rule: `${what} is refused`,
    source: MODEL,
    steps: names => [step(names)],
    stored: 0,
  }));

const good = (...cases: readonly Case[]): readonly Row[] =>
  cases.map(([what, step]) => ({
    section: '4.1',
    rule: `${what} is accepted`,
    source: MODEL,
    steps: names => [step(names)],
    stored: 1,
  }));

/** A record with these members, and the expected reply. */
const record =
  (members: Readonly<Record<string, unknown>>, expect = VALIDATION, or?: Step['or']) =>
  (names: Names): Step =>
    batch(names, [{ ...ofAccount(names), ...members }], expect, or && { or });

const metered =
  (members: Readonly<Record<string, unknown>>, expect = VALIDATION, or?: Step['or']) =>
  (names: Names): Step =>
    meter(names, members, expect, or && { or });

const tag = (Key: unknown, Value: unknown = 'a') => ({ Key, Value });

const tagged = (...tags: readonly unknown[]) => ({
  UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: tags }],
});

const allocations = (...sets: readonly (readonly unknown[])[]) => ({
  Quantity: sets.length,
  UsageAllocations: sets.map(Tags => ({ AllocatedUsageQuantity: 1, ...(Tags.length > 0 && { Tags }) })),
});

const many = (count: number) =>
  allocations(...Array.from({ length: count }, (_, at) => [tag('team', `t${at}`)]));

const batchOf =
  (count: number, expect: Expected) =>
  (names: Names): Step =>
    batch(
      names,
      Array.from({ length: count }, (_, at) => ofAccount(names, { Dimension: `d${at}` })),
      expect,
    );

const FIELDS: readonly Row[] = [
  ...bad(
    [
      'BatchMeterUsage without UsageRecords',
      names => ({ ...batch(names, [], VALIDATION), input: { ProductCode: names.product } }),
    ],
    [
      'UsageRecords that is no list',
      names => ({
        ...batch(names, [], VALIDATION, { or: WRONG_TYPE }),
        input: { ProductCode: names.product, UsageRecords: {} },
      }),
    ],
    [
      'a ProductCode of 256 characters',
      names => batch(names, [ofAccount(names)], VALIDATION, { product: x(256) }),
    ],
    ['a ProductCode with a space', names => batch(names, [ofAccount(names)], VALIDATION, { product: 'a b' })],
    ['a Timestamp of null', record({ Timestamp: null })],
    ['a Timestamp that is a text', record({ Timestamp: '2026-11-22T10:00:00Z' }, VALIDATION, WRONG_TYPE)],
    ['an empty Dimension', record({ Dimension: '' })],
    ['a Dimension of 256 characters', record({ Dimension: x(256) })],
    ['a Dimension that is a number', record({ Dimension: 1 }, VALIDATION, WRONG_TYPE)],
    ['a Quantity of -1', record({ Quantity: -1 })],
    ['a Quantity of 2147483648', record({ Quantity: 2_147_483_648 })],
    ['a Quantity of 1.5', record({ Quantity: 1.5 }, VALIDATION, WRONG_TYPE)],
    ['a Quantity that is a text', record({ Quantity: '3' }, VALIDATION, WRONG_TYPE)],
    [
      'a CustomerIdentifier of 256 characters',
      names => batch(names, [ofCustomer(names, { CustomerIdentifier: x(256) })], VALIDATION),
    ],
    ['a CustomerAWSAccountId with a letter', record({ CustomerAWSAccountId: '11112222333x' })],
    ['a CustomerAWSAccountId with hyphens', record({ CustomerAWSAccountId: '1111-2222-3333' })],
    ['an empty CustomerAWSAccountId', record({ CustomerAWSAccountId: '' })],
    ['a CustomerAWSAccountId of 256 digits', record({ CustomerAWSAccountId: '1'.repeat(256) })],
    ['an empty list of UsageAllocations', record({ UsageAllocations: [] })],
    ['an allocation without AllocatedUsageQuantity', record({ UsageAllocations: [{}] })],
    ['an AllocatedUsageQuantity of -1', record({ UsageAllocations: [{ AllocatedUsageQuantity: -1 }] })],
    [
      'an AllocatedUsageQuantity of 2147483648',
      record({ UsageAllocations: [{ AllocatedUsageQuantity: 2 ** 31 }] }),
    ],
    ['an empty list of Tags', record(tagged())],
    ['a tag without Key', record(tagged({ Value: 'a' }))],
    ['2501 allocations', record(many(2501))],
    ['MeterUsage without ProductCode', metered({ ProductCode: undefined })],
    ['MeterUsage without Timestamp', metered({ Timestamp: undefined })],
    ['MeterUsage without UsageDimension', metered({ UsageDimension: undefined })],
    ['a UsageDimension of 256 characters', metered({ UsageDimension: x(256) })],
    ['a UsageQuantity of -1', metered({ UsageQuantity: -1 })],
    ['a UsageQuantity of 2147483648', metered({ UsageQuantity: 2 ** 31 })],
    ['a DryRun that is a text', metered({ DryRun: 'true' }, VALIDATION, WRONG_TYPE)],
    ['an empty ClientToken', metered({ ClientToken: '' })],
    ['a ClientToken of 65 characters', metered({ ClientToken: x(65) })],
    ['RegisterUsage without ProductCode', names => register(names, { ProductCode: undefined }, VALIDATION)],
    [
      'RegisterUsage without PublicKeyVersion',
      names => register(names, { PublicKeyVersion: undefined }, VALIDATION),
    ],
    ['a PublicKeyVersion of 0', names => register(names, { PublicKeyVersion: 0 }, VALIDATION)],
    ['a Nonce of 256 characters', names => register(names, { Nonce: x(256) }, VALIDATION)],
    ['ResolveCustomer without RegistrationToken', () => resolve(undefined, VALIDATION)],
    [
      'an empty RegistrationToken',
      () => resolve('', { type: ['ValidationException', 'InvalidTokenException'] }),
    ],
  ),
  ...good(
    ['a Quantity of 0', record({ Quantity: 0 }, SUCCESS)],
    ['a Quantity of 2147483647', record({ Quantity: 2_147_483_647 }, SUCCESS)],
    ['a Dimension of 255 characters', record({ Dimension: x(255) }, SUCCESS)],
    ['a Dimension of any characters', record({ Dimension: 'für "€" 日本 \\ /' }, SUCCESS)],
    [
      'a ProductCode of every character allowed',
      names => batch(names, [ofAccount(names)], SUCCESS, { product: `${names.product}-/=:_.@Aa` }),
    ],
    [
      'a ProductCode of 255 characters',
      names => batch(names, [ofAccount(names)], SUCCESS, { product: names.product.padEnd(255, 'x') }),
    ],
    [
      'a CustomerIdentifier of 255 characters',
      names =>
        batch(names, [ofCustomer(names, { CustomerIdentifier: names.customer.padEnd(255, 'x') })], SUCCESS),
    ],
    ['an account id of any number of digits', record({ CustomerAWSAccountId: '7' }, SUCCESS)],
    [
      'a Timestamp with a fraction',
      names => batch(names, [ofAccount(names, { Timestamp: names.hour + 0.499 })], SUCCESS),
    ],
    [
      'a member that is null, as if it were absent,',
      record({ CustomerIdentifier: null, UsageAllocations: null }, SUCCESS),
    ],
    [
      'MeterUsage without UsageQuantity and ClientToken',
      names => ({
        ...meter(names, {}, ACCEPTED),
        input: { ProductCode: names.product, Timestamp: names.hour, UsageDimension: 'users' },
      }),
    ],
    [
      'a ClientToken of 64 characters',
      names => meter(names, { ClientToken: names.token.padEnd(64, 'x') }, ACCEPTED),
    ],
    [
      'UsageAllocations in MeterUsage',
      metered({ UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: [tag('team')] }] }, ACCEPTED),
    ],
  ),
];

const GUIDE = 'Seller Guide, metering-for-usage';

/** Sections 4.1 to 4.4. */
export const LIMITS_ROWS: readonly Row[] = [
  ...FIELDS,
  {
    section: '4.1',
    rule: 'an empty UsageRecords is an empty reply',
    source: `${MODEL}: 0 to 25 items`,
    steps: names => [
      batch(
        names,
        [],
        { body: { Results: [], UnprocessedRecords: [] } },
        { or: { 'empty-batch=refused': VALIDATION } },
      ),
    ],
    stored: 0,
  },
  {
    section: '4.1',
    rule: 'a Nonce of 255 characters is accepted',
    source: MODEL,
    steps: names => [register(names, { Nonce: x(255) }, ACCEPTED)],
  },
  {
    section: '4.2',
    rule: '25 records are accepted',
    source: MODEL,
    steps: names => [batchOf(25, { statuses: Array(25).fill('Success') })(names)],
    stored: 25,
  },
  {
    section: '4.2',
    rule: '26 records are refused',
    source: MODEL,
    steps: names => [batchOf(26, VALIDATION)(names)],
    stored: 0,
  },
  {
    section: '4.2',
    rule: 'a request of a megabyte, however that is counted, is refused',
    source: 'API reference, BatchMeterUsage: "less than 1 MB"',
    steps: names => [
      batch(names, [{ ...ofAccount(names), Padding: x(1_048_576) }], VALIDATION, {
        or: {
          'error-type=header': VALIDATION,
          'size-limit-error=413': { status: 413, type: ['RequestEntityTooLargeException'] },
        },
      }),
    ],
    stored: 0,
  },
  {
    section: '4.2',
    rule: 'a megabyte is 1,000,000 bytes',
    source: 'silent; API reference, BatchMeterUsage: "less than 1 MB"',
    steps: names => [
      batch(names, [{ ...ofAccount(names), Padding: x(1_020_000) }], VALIDATION, {
        or: {
          'size-limit=1048576': SUCCESS,
          'size-limit-error=413': { status: 413, type: 'RequestEntityTooLargeException' },
        },
      }),
    ],
    stored: 0,
    storedWith: { 'size-limit=1048576': 1 },
  },
  {
    section: '4.2',
    rule: 'a request of less than a megabyte is accepted',
    source: 'API reference, BatchMeterUsage: "less than 1 MB"',
    steps: names => [batch(names, [{ ...ofAccount(names), Padding: x(999_000) }], SUCCESS)],
    stored: 1,
  },
  {
    section: '4.2',
    rule: '2500 allocations are accepted',
    source: MODEL,
    steps: names => [record(many(2500), SUCCESS, { 'tag-limit=tags': NO_TAG })(names)],
    stored: 1,
    storedWith: { 'tag-limit=tags': 0 },
  },
  {
    section: '4.2',
    rule: 'five tags of an allocation are accepted',
    source: `${MODEL}, UsageAllocation.Tags`,
    steps: names => [record(tagged(...['a', 'b', 'c', 'd', 'e'].map(key => tag(key))), SUCCESS)(names)],
    stored: 1,
  },
  {
    section: '4.2',
    rule: 'six tags of an allocation are InvalidTagException',
    source: `${MODEL}, InvalidTagException`,
    steps: names => [record(tagged(...['a', 'b', 'c', 'd', 'e', 'f'].map(key => tag(key))), NO_TAG)(names)],
    stored: 0,
  },
  {
    section: '4.2',
    rule: 'six different tags in all allocations of a record are InvalidTagException',
    source: `${GUIDE}: maximum tags across the UsageAllocation list`,
    steps: names => [
      record(allocations([tag('a'), tag('b'), tag('c')], [tag('d'), tag('e'), tag('f')]), NO_TAG, {
        'tag-limit=allocation': SUCCESS,
      })(names),
    ],
    stored: 0,
    storedWith: { 'tag-limit=allocation': 1 },
  },
  {
    section: '4.2',
    rule: 'a tag that several allocations use counts once',
    source: `${GUIDE}: maximum tags across the UsageAllocation list`,
    steps: names => [record(many(6), SUCCESS, { 'tag-limit=tags': NO_TAG })(names)],
    stored: 1,
    storedWith: { 'tag-limit=tags': 0 },
  },
  ...(['é', '~', '|', '^', '`', '{'] as const).map(
    (letter): Row => ({
      section: '4.2',
      rule: `a tag with ${letter} is InvalidTagException`,
      source: `${MODEL}, Tag: pattern and text`,
      steps: names => [
        record(tagged(tag(`team${letter}`)), NO_TAG)(names),
        record(tagged(tag('team', letter)), NO_TAG)(names),
      ],
      stored: 0,
    }),
  ),
  {
    section: '4.2',
    rule: 'letters, digits, spaces and + - = . _ : / @ are accepted in tags',
    source: `${GUIDE}; ${MODEL}, Tag`,
    steps: names => [record(tagged(tag('Az 09+-=._:/@', 'Az 09+-=._:/@')), SUCCESS)(names)],
    stored: 1,
  },
  {
    section: '4.2',
    rule: 'what the pattern admits by its range from space to = is accepted in tags',
    source: `${MODEL}, Tag: its pattern`,
    steps: names => [record(tagged(tag('a!#$%&(),;<')), SUCCESS, { 'tag-charset=prose': NO_TAG })(names)],
    stored: 1,
    storedWith: { 'tag-charset=prose': 0 },
  },
  {
    section: '4.2',
    rule: 'a tag key of 100 and a value of 256 characters are accepted, one more is not',
    source: `${MODEL}, Tag`,
    steps: names => [
      record(tagged(tag(x(100), x(256))), SUCCESS)(names),
      record(tagged(tag(x(101))), { type: ['InvalidTagException', 'ValidationException'] })(names),
      record(tagged(tag('a', x(257))), { type: ['InvalidTagException', 'ValidationException'] })(names),
    ],
    stored: 1,
  },
  {
    section: '4.2',
    rule: 'an empty tag value is refused',
    source: `${MODEL}, Tag.Value: at least 1 character; its text: "can be empty or null"`,
    steps: names => [
      record(
        tagged(tag('a', '')),
        { type: ['InvalidTagException', 'ValidationException'] },
        { 'empty-tag-value=accepted': SUCCESS },
      )(names),
    ],
    stored: 0,
    storedWith: { 'empty-tag-value=accepted': 1 },
  },
  {
    section: '4.3',
    rule: 'allocations must add up to the quantity: less',
    source: GUIDE,
    steps: names => [record({ UsageAllocations: [{ AllocatedUsageQuantity: 2 }] }, NO_SUM)(names)],
    stored: 0,
  },
  {
    section: '4.3',
    rule: 'allocations must add up to the quantity: more',
    source: GUIDE,
    steps: names => [record({ UsageAllocations: [{ AllocatedUsageQuantity: 4 }] }, NO_SUM)(names)],
    stored: 0,
  },
  {
    section: '4.3',
    rule: 'allocations must add up in MeterUsage too',
    source: `${MODEL}, InvalidUsageAllocationsException`,
    steps: names => [metered({ UsageAllocations: [{ AllocatedUsageQuantity: 2 }] }, NO_SUM)(names)],
    stored: 0,
  },
  {
    section: '4.3',
    rule: 'one allocation may be without tags',
    source: GUIDE,
    steps: names => [record(allocations([tag('a')], []), SUCCESS)(names)],
    stored: 1,
  },
  {
    section: '4.3',
    rule: 'two allocations may not be without tags',
    source: GUIDE,
    steps: names => [record(allocations([], []), NO_SUM)(names)],
    stored: 0,
  },
  {
    section: '4.3',
    rule: 'no two allocations have the same tags',
    source: `${MODEL}, UsageRecord.UsageAllocations`,
    steps: names => [record(allocations([tag('a'), tag('b')], [tag('a'), tag('b')]), NO_SUM)(names)],
    stored: 0,
  },
  {
    section: '4.3',
    rule: 'tags in another order are the same tags',
    source: `${MODEL}, UsageRecord.UsageAllocations: sets`,
    steps: names => [record(allocations([tag('a'), tag('b')], [tag('b'), tag('a')]), NO_SUM)(names)],
    stored: 0,
  },
  {
    section: '4.3',
    rule: 'a part of the tags is another set',
    source: `${MODEL}, UsageRecord.UsageAllocations: sets`,
    steps: names => [record(allocations([tag('a'), tag('b')], [tag('a')]), SUCCESS)(names)],
    stored: 1,
  },
  {
    section: '4.3',
    rule: 'one key twice in one allocation is refused',
    source: 'silent',
    steps: names => [
      record(
        tagged(tag('a', '1'), tag('a', '2')),
        { type: ['InvalidUsageAllocationsException', 'InvalidTagException'] },
        { 'repeated-tag-key=accepted': SUCCESS },
      )(names),
    ],
    stored: 0,
    storedWith: { 'repeated-tag-key=accepted': 1 },
  },
  {
    section: '4.3',
    rule: 'allocations in another order are the same record',
    source: 'API reference, BatchMeterUsage: identical requests',
    steps: names => [
      record(allocations([tag('a')], [tag('b')]), SUCCESS)(names),
      record(allocations([tag('b')], [tag('a')]), SUCCESS, {
        'identical-resend=duplicate': { statuses: ['DuplicateRecord'] },
      })(names),
    ],
    stored: 1,
  },
  {
    section: '4.3',
    rule: 'allocations of licenses are judged like all others',
    source: GUIDE,
    steps: names => [
      licensed(
        [
          {
            ...ofAccount(names),
            LicenseArn: names.license,
            UsageAllocations: [{ AllocatedUsageQuantity: 2 }],
          },
        ],
        NO_SUM,
      ),
    ],
    stored: 0,
  },
];
