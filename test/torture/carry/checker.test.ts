import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { FILES } from '../driver.ts';
import { newFolder } from '../setup.ts';
import { judgeCarry } from './checker.ts';

const ACCOUNT = '111122223333';

type Row = readonly [hour: number, used: string, carriedIn: string, sent: number];

/** A trial of one run: 1.7 and 0.6 were used. */
const judged = (
  rows: readonly Row[],
  billed: readonly (readonly [hour: number, sent: number])[],
): string[] => {
  const folder = newFolder('judged');
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const cells = (hour: number, used: string): string =>
    `2026-11-29T0${hour}:30:00Z,${ACCOUNT},,carry,gb,${used},\n`;
  const header = 'timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity,tag:Team\n';
  write('export-0-0.csv', header + cells(1, '1.7') + cells(2, '0.6'));
  write(FILES.history, `${JSON.stringify({ round: 1, number: 0, code: 0, signal: null, kill: null })}\n`);
  write('round-1.err', '');
  write('round-1.out', '{"type":"summary"}\n');
  const records = billed.map(([hour, Quantity]) => ({
    ProductCode: 'carry',
    CustomerAWSAccountId: ACCOUNT,
    Dimension: 'gb',
    Timestamp: secondsOf(hour),
    Quantity,
    outcome: 'recorded',
  }));
  write(FILES.log, `${JSON.stringify({ operation: 'BatchMeterUsage', records })}\n`);
  const db = new DatabaseSync(join(folder, FILES.ledger));
  db.exec(
    'CREATE TABLE record (timestamp, customer, dimension, offering, status, quantity, allocations, used, carried_in)',
  );
  const insert = db.prepare("INSERT INTO record VALUES (?, ?, 'gb', 'carry', 'accepted', ?, NULL, ?, ?)");
  for (const [hour, used, carriedIn, sent] of rows)
    insert.run(secondsOf(hour), ACCOUNT, sent, used, carriedIn);
  db.close();
  return judgeCarry(folder).findings.map(({ kind }) => kind);
};

const secondsOf = (hour: number): number => Date.UTC(2026, 10, 29, hour) / 1000;

const RIGHT: readonly Row[] = [
  [1, '1.7', '0', 1],
  [2, '0.6', '0.7', 1],
];

test('the judge of carried fractions accepts what is right', () => {
  assert.deepEqual(
    judged(RIGHT, [
      [1, 1],
      [2, 1],
    ]),
    [],
  );
});

const WRONG: readonly (readonly [
  what: string,
  found: string,
  rows: readonly Row[],
  sent: readonly number[],
])[] = [
  ['a unit too much', 'billed twice', [RIGHT[0] as Row, [2, '0.6', '1.7', 2]], [1, 2]],
  ['a unit too little', 'lost', [RIGHT[0] as Row, [2, '0.6', '0', 0]], [1, 0]],
  ['an hour that was not sent', 'lost', [RIGHT[0] as Row], [1]],
  [
    'a quantity that its amounts do not come to',
    'wrong quantity',
    [
      [1, '1.7', '0', 2],
      [2, '0.6', '-0.3', 0],
    ],
    [2, 0],
  ],
  ['an amount that no export says', 'wrong quantity', [[1, '1.9', '0', 1], RIGHT[1] as Row], [1, 1]],
  [
    'a used amount less than that of the export',
    'wrong quantity',
    [[1, '1.2', '0', 1], RIGHT[1] as Row],
    [1, 1],
  ],
  ['another quantity than the ledger has', 'wrong quantity', RIGHT, [1, 0]],
];

for (const [what, found, rows, sent] of WRONG) {
  test(`the judge of carried fractions finds ${what}`, () => {
    const kinds = judged(
      rows,
      sent.map((quantity, index) => [index + 1, quantity]),
    );
    assert.ok(kinds.includes(found), kinds.join());
  });
}
