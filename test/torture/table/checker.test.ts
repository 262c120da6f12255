import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FILES } from '../driver.ts';
import { newFolder } from '../setup.ts';
import { judgeTable } from './checker.ts';
import { TABLE_LOG, type TableRun } from './driver.ts';

const ACCOUNT = '111122223333';
const HOUR = Date.UTC(2026, 10, 29, 1);
const USAGE = { hour: HOUR / 1000, customer: ACCOUNT, dimension: 'users' };

type Record = { readonly [name: string]: unknown };

/** What happened, each at its own time: the n-th at n seconds. */
type Event = { readonly table: readonly Record[] | null } | { readonly aws: Record } | { readonly end: End };

/** A run that printed this outcome and ended so. */
type End = {
  readonly code: number | null;
  readonly status?: string;
  readonly quantity?: number;
  readonly id?: string;
  readonly isCalm?: boolean;
};

const stored = (status: string, more: Record = {}): Record => ({
  region: 'us-east-1',
  mode: 'account',
  offering: 'table',
  quantity: 5,
  status,
  ...(status === 'accepted' && { metering_record_id: 'id-1' }),
  ...more,
});

const sent = (outcome: string | null, more: Record = {}): Event => ({
  aws: {
    region: 'us-east-1',
    ProductCode: 'table',
    Quantity: 5,
    outcome,
    ...(outcome === 'recorded' && { MeteringRecordId: 'id-1' }),
    ...more,
  },
});

const has = (...table: readonly Record[]): Event => ({ table });

const ended = (code: number | null, status = 'accepted', more: Partial<End> = {}): Event => ({
  end: { code, status, id: 'id-1', ...more },
});

const done = ended(0, 'already-recorded', { isCalm: true });

/** The file says 5 of one record. */
const judged = (events: readonly Event[]): string[] => {
  const folder = newFolder('judged');
  const write = (name: string, lines: readonly unknown[]): void =>
    writeFileSync(join(folder, name), lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(
    join(folder, 'file-0.csv'),
    `timestamp,customer_aws_account_id,license_arn,product_code,dimension,quantity\n${new Date(HOUR).toISOString()},${ACCOUNT},,table,users,5\n`,
  );
  write('trial.json', [
    { kind: 'contested', last: [{ file: 'file-0.csv', region: 'us-east-1', flags: [] }] },
  ]);
  const at = (index: number): number => HOUR + index * 1000;
  write(
    TABLE_LOG,
    events.flatMap((event, index) =>
      'table' in event
        ? {
            at: at(index),
            items: [
              {
                partition: 'usage x',
                sort: 'y',
                revision: index,
                ...(event.table !== null && { body: JSON.stringify({ ...USAGE, records: event.table }) }),
              },
            ],
          }
        : [],
    ),
  );
  write(
    FILES.log,
    events.flatMap((event, index) => {
      if (!('aws' in event)) return [];
      const { region, ...record } = event.aws;
      const records = [
        { CustomerAWSAccountId: ACCOUNT, Dimension: 'users', Timestamp: HOUR / 1000, ...record },
      ];
      return { at: new Date(at(index)).toISOString(), operation: 'BatchMeterUsage', region, records };
    }),
  );
  write(
    FILES.history,
    events.flatMap((event, index) => {
      if (!('end' in event)) return [];
      const { code, status, quantity = 5, id, isCalm = false } = event.end;
      const outcome = {
        type: 'outcome',
        status,
        Timestamp: new Date(HOUR).toISOString(),
        ProductCode: 'table',
        CustomerAWSAccountId: ACCOUNT,
        Dimension: 'users',
        Quantity: quantity,
        MeteringRecordId: id,
      };
      write(`round-${index}.out`, status === undefined ? [] : [outcome]);
      write(`round-${index}.err`, []);
      const run: TableRun = {
        round: index,
        machine: isCalm ? null : 0,
        file: 'file-0.csv',
        region: 'us-east-1',
        args: [],
        from: at(index),
        to: at(index),
        code,
        signal: code === null ? 'SIGKILL' : null,
        trouble: code === null ? { when: { kind: 'time', ms: 1 }, stopMs: null } : null,
      };
      return run;
    }),
  );
  return judgeTable(folder).findings.map(({ kind }) => kind);
};

const RIGHT: readonly (readonly [what: string, events: readonly Event[]])[] = [
  ['one run', [has(stored('sent')), sent('recorded'), has(stored('accepted')), ended(0), done]],
  [
    'two machines with the same record',
    [
      has(stored('sent')),
      sent('recorded'),
      sent('same'),
      has(stored('accepted')),
      ended(0),
      ended(0, 'already-recorded'),
      done,
    ],
  ],
  [
    'another quantity after the first was left unprocessed',
    [
      has(stored('sent', { quantity: 7 })),
      sent('unprocessed', { Quantity: 7 }),
      has(stored('planned', { quantity: 7 })),
      has(stored('sent')),
      sent('recorded'),
      has(stored('accepted')),
      done,
    ],
  ],
];

for (const [what, events] of RIGHT)
  test(`the judge of a shared table accepts ${what}`, () => assert.deepEqual(judged(events), []));

const WRONG: readonly (readonly [what: string, found: string, events: readonly Event[]])[] = [
  ['a record that is in no table', 'wrong quantity', [sent('recorded'), has(stored('accepted')), done]],
  [
    'a record that is not frozen when it leaves',
    'wrong quantity',
    [has(stored('planned')), sent('recorded'), has(stored('accepted')), done],
  ],
  [
    'another quantity than the table has',
    'wrong quantity',
    [has(stored('sent', { quantity: 7 })), sent('recorded'), has(stored('accepted')), done],
  ],
  [
    'a second quantity of a record',
    'wrong quantity',
    [
      has(stored('sent')),
      sent('recorded'),
      has(stored('sent', { quantity: 7 })),
      sent('duplicate', { Quantity: 7 }),
      has(stored('accepted')),
      done,
    ],
  ],
  [
    'a usage by license and product code',
    'billed twice',
    [
      has(stored('sent')),
      sent('recorded'),
      has(stored('accepted'), stored('sent', { offering: 'arn' })),
      sent('recorded', { LicenseArn: 'arn', MeteringRecordId: 'id-2' }),
      done,
    ],
  ],
  [
    'a usage in two Regions',
    'billed twice',
    [
      has(stored('sent')),
      sent('recorded'),
      has(stored('accepted'), stored('sent', { region: 'eu-west-1' })),
      sent('recorded', { region: 'eu-west-1', MeteringRecordId: 'id-2' }),
      done,
    ],
  ],
  [
    'a record that is not billed',
    'lost',
    [has(stored('sent')), sent('unprocessed'), has(stored('planned')), done],
  ],
  [
    'a billed record that is gone',
    'wrong quantity',
    [has(stored('sent')), sent('recorded'), has(stored('accepted')), { table: null }, done],
  ],
  [
    'a billed record that is open again',
    'wrong quantity',
    [has(stored('sent')), sent('recorded'), has(stored('accepted')), has(stored('sent')), done],
  ],
  [
    'a used amount that shrinks',
    'wrong quantity',
    [has(stored('sent', { used: '5.7' })), sent('recorded'), has(stored('accepted', { used: '5.2' })), done],
  ],
  [
    'a record that was given up and is billed',
    'wrong quantity',
    [has(stored('sent')), sent('recorded'), has(stored('planned')), has(stored('accepted')), done],
  ],
  [
    'a bill that the table does not have at the end',
    'lost',
    [has(stored('sent')), sent('recorded'), has(stored('unknown')), done],
  ],
  [
    'an id that AWS did not give',
    'lost',
    [has(stored('sent')), sent('recorded'), has(stored('accepted', { metering_record_id: 'id-9' })), done],
  ],
  [
    'a run that calls a record accepted before it is',
    'exit code lied',
    [has(stored('sent')), ended(0), sent('recorded'), has(stored('accepted')), done],
  ],
  [
    'exit code 0 with a record that is not billed',
    'exit code lied',
    [
      has(stored('sent')),
      ended(0, 'unknown', { id: undefined }),
      sent('recorded'),
      has(stored('accepted')),
      done,
    ],
  ],
  [
    'exit code 5 with nothing open',
    'exit code lied',
    [has(stored('sent')), sent('recorded'), has(stored('accepted')), ended(5), done],
  ],
  [
    'a conflict with nothing',
    'exit code lied',
    [has(stored('sent')), sent('recorded'), has(stored('accepted')), ended(4, 'conflict'), done],
  ],
  [
    'a table that is called out of reach when it is not',
    'exit code lied',
    [
      has(stored('sent')),
      sent('recorded'),
      has(stored('accepted')),
      ended(9, 'accepted', { isCalm: true }),
      done,
    ],
  ],
  [
    'a file that is never done',
    'other',
    [has(stored('sent')), sent('recorded'), has(stored('accepted')), ended(5, 'unknown', { isCalm: true })],
  ],
];

for (const [what, found, events] of WRONG)
  test(`the judge of a shared table finds ${what}`, () => {
    const kinds = judged(events);
    assert.ok(kinds.includes(found), kinds.join());
  });
