import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeMembers, outcomesTable, problemMembers } from '../../../src/render/text/outcomes.ts';
import { paintFor, symbolsFor } from '../../../src/render/text/style.ts';
import { summaryText } from '../../../src/render/text/summary.ts';
import { displayWidth } from '../../../src/render/text/width.ts';
import { type SettledRecord, STATUSES, type Status } from '../../../src/usage/outcome.ts';
import { LICENSE, sampleRecord } from '../../usage/samples.ts';

const settled = (
  status: Status,
  different: Partial<SettledRecord> = {},
  facts: Partial<SettledRecord['outcome']> = {},
): SettledRecord => ({
  record: sampleRecord(),
  rows: [{ file: 'usage.csv', line: 2 }],
  outcome: { status, reason: undefined, meteringRecordId: undefined, ...facts },
  ...different,
});

const VIEW = {
  width: undefined,
  paint: paintFor(false),
  symbols: symbolsFor({ LANG: 'C.UTF-8' }),
  manyFiles: false,
};

test('an outcome for scripts: place, status, then the record in the API’s spelling', () => {
  assert.deepEqual(outcomeMembers(settled('accepted', {}, { meteringRecordId: 'id' })), {
    file: 'usage.csv',
    line: 2,
    status: 'accepted',
    Timestamp: '2026-11-22T10:00:00Z',
    ProductCode: '4ml54db8vrmjuykaw1psroool',
    CustomerAWSAccountId: '123456789012',
    Dimension: 'gb-stored',
    Quantity: 42,
    MeteringRecordId: 'id',
  });
});

test('an outcome of several rows names them all, of a license and allocations shows them', () => {
  const rows = [
    { file: 'a.csv', line: 2 },
    { file: 'b.csv', line: 3 },
  ];
  const record = sampleRecord({
    licenseArn: LICENSE,
    productCode: undefined,
    usageAllocations: [
      { allocatedUsageQuantity: 40, tags: [{ key: 'Dept', value: 'IT' }] },
      { allocatedUsageQuantity: 2, tags: undefined },
    ],
  });
  const { LicenseArn, UsageAllocations, ...members } = outcomeMembers(
    settled('refused', { rows, record }, { reason: 'why' }),
  );
  assert.deepEqual([members['rows'], members['reason'], LicenseArn], [rows, 'why', LICENSE]);
  assert.equal('ProductCode' in members, false);
  assert.deepEqual(UsageAllocations, [
    { AllocatedUsageQuantity: 40, Tags: [{ Key: 'Dept', Value: 'IT' }] },
    { AllocatedUsageQuantity: 2 },
  ]);
});

test('a problem for scripts has the status invalid, and the column where it is known', () => {
  const problem = {
    file: 'usage.csv',
    line: 4,
    severity: 'error',
    message: 'wrong',
    help: undefined,
    raw: 'a,b',
    span: { column: 3, length: 1 },
  } as const;
  const members = { file: 'usage.csv', line: 4, status: 'invalid', severity: 'error', reason: 'wrong' };
  assert.deepEqual(problemMembers(problem), { ...members, column: 3 });
  assert.deepEqual(problemMembers({ ...problem, span: undefined, help: 'mend it' }), {
    ...members,
    help: 'mend it',
  });
});

test('the table shows what is there, and has no column for what nobody has', () => {
  assert.equal(
    outcomesTable([settled('unsent')], VIEW),
    [
      'RECORD  HOUR               CUSTOMER      DIMENSION  QUANTITY  OUTCOME',
      'line 2  2026-11-22T10:00Z  123456789012  gb-stored        42  ! unsent\n',
    ].join('\n'),
  );
  const [header = '', first = ''] = outcomesTable(
    [settled('accepted', {}, { meteringRecordId: 'id' }), settled('expired', {}, { reason: 'too old' })],
    VIEW,
  ).split('\n');
  assert.match(header, /OUTCOME +REASON +METERING RECORD ID$/);
  assert.match(first, /✓ accepted +- +id$/);
});

test('of many files each record names its own, and how many rows it has', () => {
  const rows = [
    { file: 'a.csv', line: 2 },
    { file: 'a.csv', line: 9 },
  ];
  assert.match(
    outcomesTable([settled('accepted', { rows })], { ...VIEW, manyFiles: true }),
    /\na\.csv:2 \+1 /,
  );
});

const SYMBOLS: Readonly<Record<Status, string>> = {
  accepted: '✓',
  'already-recorded': '✓',
  duplicate: '✗',
  conflict: '✗',
  'not-subscribed': '✗',
  refused: '✗',
  invalid: '✗',
  expired: '✗',
  unsent: '!',
  unknown: '!',
};

for (const [status, symbol] of Object.entries(SYMBOLS)) {
  test(`${status} is marked with ${symbol}, and with ASCII where the terminal has no more`, () => {
    assert.ok(outcomesTable([settled(status as Status)], VIEW).includes(`${symbol} ${status}`));
    const plain = outcomesTable([settled(status as Status)], { ...VIEW, symbols: symbolsFor({ LANG: 'C' }) });
    assert.ok(plain.includes(`${{ '✓': '+', '✗': 'x', '!': '!' }[symbol]} ${status}`));
  });
}

test('what comes from files and from AWS is made harmless', () => {
  const record = sampleRecord({ dimension: 'a\u001b[2Jb\u202e' });
  const text = outcomesTable(
    [settled('refused', { record, rows: [{ file: 'u\n.csv', line: 2 }] }, { reason: '\u009b31m' })],
    { ...VIEW, manyFiles: true },
  );
  assert.ok(text.includes('a\\x1b[2Jb\\u202e') && text.includes('\\x9b31m') && text.includes('u\\n.csv:2'));
});

const tallyWith = (counts: Partial<Record<Status, number>>): Record<Status, number> =>
  Object.fromEntries(STATUSES.map(status => [status, counts[status] ?? 0])) as Record<Status, number>;

test('the summary leaves out what did not occur, and aligns the numbers', () => {
  const facts = {
    tally: tallyWith({ accepted: 3982, 'not-subscribed': 18 }),
    rows: 4100,
    records: 4000,
    requests: 160,
    retries: 1,
    seconds: 16.04,
    destination: 'us-east-1',
  };
  assert.equal(
    summaryText(facts, paintFor(false)),
    '4,100 rows, 4,000 records, 160 requests in 16.0 s, 1 retry, to us-east-1\n' +
      '  accepted        3,982\n' +
      '  not-subscribed     18\n',
  );
  assert.equal(
    summaryText(
      {
        ...facts,
        tally: tallyWith({}),
        rows: 1,
        records: 1,
        requests: 0,
        retries: 2,
        destination: undefined,
      },
      paintFor(false),
    ),
    '1 row, 1 record, nothing sent, 2 retries\n',
  );
});

const OLD = 'AWS accepts usage for 24 hours, and for the previous month until 06:00 UTC on the 1st';

test('reasons that a table has no room for are under it, each once and in full', () => {
  const expired = settled('expired', {}, { reason: OLD });
  const refused = settled('refused', {}, { reason: 'no' });
  const narrow = outcomesTable([expired, refused, expired], { ...VIEW, width: 80 });
  assert.ok(
    narrow.split('\n').every(line => displayWidth(line) <= 80),
    narrow,
  );
  assert.equal(
    narrow.slice(narrow.indexOf('\n\n')),
    [
      '\n',
      'expired: AWS accepts usage for 24 hours, and for the previous month until 06:00',
      '         UTC on the 1st',
      'refused: no',
      '',
    ].join('\n'),
  );
  const wider = outcomesTable([expired, refused], { ...VIEW, width: 100 });
  assert.match(wider, / REASON\n.* AWS accepts usage .*…\n.* no\n\nexpired: AWS [^\n]*1st\n$/);
  for (const width of [undefined, 200])
    assert.ok(!outcomesTable([expired, refused], { ...VIEW, width }).includes('\n\n'));
});

test('of very many reasons the first are under the table, and the rest is counted', () => {
  const many = Array.from({ length: 13 }, (_, n) => settled('refused', {}, { reason: `${OLD}: ${n}` }));
  const narrow = outcomesTable(many, { ...VIEW, width: 80 });
  assert.match(narrow, /1st: 9\n… and 3 more reasons \(-o jsonl has all\)\n$/);
});

test('in 80 columns no line is wider, also with amounts and a place of an earlier run', () => {
  const records = STATUSES.map(status =>
    settled(
      status,
      {
        record: { ...sampleRecord(), used: '1234567.5', carriedIn: '0.25' },
        rows: [{ file: 'last-day.csv', line: 1234, run: 12 }],
      },
      { reason: 'AWS accepts usage for 24 hours' },
    ),
  );
  const lines = outcomesTable(records, { ...VIEW, width: 80 }).split('\n');
  assert.deepEqual(
    lines.filter(line => displayWidth(line) > 80),
    [],
  );
  assert.deepEqual(lines.slice(0, 8), [
    'RECORD                     CUSTOMER         QUANTITY  OUTCOME',
    'HOUR                       DIMENSION      CARRIED IN',
    '                                                SENT',
    'run 12, last-day.csv:1234  123456789012  1,234,567.5  ✓ accepted',
    '2026-11-22T10:00Z          gb-stored            0.25',
    '                                                  42',
    'run 12, last-day.csv:1234  123456789012  1,234,567.5  ✓ already-recorded',
    '2026-11-22T10:00Z          gb-stored            0.25',
  ]);
  const record = { ...sampleRecord(), used: '41.75', carriedIn: '0.25' };
  const short = [
    settled('accepted', { record }, { meteringRecordId: '102befcb-1548-47e5-ab53-d776320579f2' }),
  ];
  assert.deepEqual(
    outcomesTable(short, { ...VIEW, width: 72 })
      .split('\n')
      .slice(0, 2),
    ['RECORD             CUSTOMER      QUANTITY  CARRIED IN  SENT  OUTCOME', 'HOUR               DIMENSION'],
  );
});
