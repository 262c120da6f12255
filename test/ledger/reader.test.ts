import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { LedgerError } from '../../src/errors.ts';
import type { KnownRecord } from '../../src/ledger/known-record.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { runsIn } from '../../src/ledger/queries/runs.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import { APPLICATION_ID, MIGRATIONS } from '../../src/ledger/schema.ts';
import type { Selection } from '../../src/ledger/selection.ts';
import { STATUSES, type Status } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { NOW } from '../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../usage/samples.ts';
import { leftUnsent, newPath, plannedRun, uploaded, withLedger } from './setup.ts';

const HOUR = 3600;

const withReader = <T>(path: string, use: (reader: LedgerReader) => T): T => {
  using reader = LedgerReader.open(path, NOW);
  return use(reader);
};

/** By their dimension, which names the record in these tests. */
const names = (records: Iterable<KnownRecord>): string[] =>
  [...records].map(({ record }) => record.dimension);

const selected = (path: string, selection: Selection): string[] =>
  withReader(path, reader => {
    const found = names(reader.records(selection));
    assert.equal(reader.count(selection), found.length);
    assert.deepEqual(names(reader.newest(selection, 1000)).sort(), [...found].sort());
    return found;
  });

describe('a selection', () => {
  let path: string;
  const account = '111122223333';
  before(() => {
    path = newPath();
    withLedger(path, ledger => {
      const statusOf = ({ dimension }: UsageRecord): Status | undefined =>
        STATUSES.find(status => dimension === status) ??
        (dimension === 'sent-without-answer' ? undefined : 'accepted');
      const settled: readonly Status[] = [
        'accepted',
        'already-recorded',
        'duplicate',
        'not-subscribed',
        'refused',
        'unknown',
      ];
      uploaded(
        ledger,
        [
          sampleRecord({ dimension: 'plain', timestamp: TEN - HOUR }),
          sampleRecord({ dimension: 'licensed', licenseArn: LICENSE, productCode: 'prod-a' }),
          sampleRecord({ dimension: 'licensed-alone', licenseArn: `${LICENSE}2`, productCode: undefined }),
          sampleRecord({
            dimension: 'identified',
            customerAWSAccountId: undefined,
            customerIdentifier: 'legacy',
          }),
          sampleRecord({ dimension: 'later', timestamp: TEN + HOUR }),
          sampleRecord({ dimension: 'product', productCode: 'prod-a' }),
        ],
        statusOf,
      );
      uploaded(ledger, [sampleRecord({ dimension: 'second-run', customerAWSAccountId: account })], statusOf);
      uploaded(ledger, [sampleRecord({ dimension: 'west' })], statusOf, { region: 'us-west-2' });
      const other = { endpoint: 'http://127.0.0.1:1/' };
      uploaded(
        ledger,
        settled.map(dimension => sampleRecord({ dimension })),
        statusOf,
        other,
      );
      uploaded(ledger, [sampleRecord({ dimension: 'sent-without-answer' })], statusOf, {
        endpoint: 'http://127.0.0.1:2/',
      });
      plannedRun(ledger, [sampleRecord({ dimension: 'planned' })], { endpoint: 'http://127.0.0.1:2/' });
    });
  });

  const AWS = [
    'plain',
    'identified',
    'licensed',
    'licensed-alone',
    'product',
    'second-run',
    'later',
    'west',
  ].sort();
  const cases: readonly (readonly [what: string, selection: Selection, found: readonly string[]])[] = [
    ['of an endpoint', { endpoint: 'aws' }, AWS],
    ['of a Region', { endpoint: 'aws', region: 'us-west-2' }, ['west']],
    ['of a Region without an endpoint', { region: 'us-west-2' }, ['west']],
    ['since an hour, which is included', { endpoint: 'aws', since: TEN + HOUR }, ['later']],
    ['until an hour, which is not', { endpoint: 'aws', until: TEN }, ['plain']],
    ['between hours', { endpoint: 'aws', since: TEN - HOUR, until: TEN }, ['plain']],
    ['of an account', { customer: account }, ['second-run']],
    ['of a customer identifier', { customer: 'legacy' }, ['identified']],
    ['of a license', { licenseArn: LICENSE }, ['licensed']],
    ['of a product, licensed or not', { productCode: 'prod-a' }, ['licensed', 'product']],
    ['of a dimension', { dimension: 'later' }, ['later']],
    ['of a run', { run: 2 }, ['second-run']],
    ['of several members at once', { productCode: 'prod-a', licenseArn: LICENSE }, ['licensed']],
    ['of an unknown customer', { customer: '999999999999' }, []],
    ['of a Region nothing went to', { region: 'eu-west-1' }, []],
    ['a status', { endpoint: 'http://127.0.0.1:1/', statuses: ['refused'] }, ['refused']],
    [
      'statuses',
      { endpoint: 'http://127.0.0.1:1/', statuses: ['refused', 'duplicate'] },
      ['duplicate', 'refused'],
    ],
    ['unsent: what is planned', { statuses: ['unsent'] }, ['planned']],
    ['unknown: also what was sent', { statuses: ['unknown'] }, ['sent-without-answer', 'unknown']],
    ['no status at all', { statuses: ['invalid'] }, []],
  ];
  for (const [what, selection, found] of cases) {
    test(what, () => assert.deepEqual(selected(path, selection).sort(), [...found].sort()));
  }

  test('a text is compared, not run', () => {
    assert.deepEqual(selected(path, { customer: "' OR TRUE --" }), []);
  });

  test('what was sent or planned is unknown or unsent', () => {
    withReader(path, reader => {
      const found = [...reader.records({ endpoint: 'http://127.0.0.1:2/' })];
      assert.deepEqual(
        found.map(({ record, outcome }) => [record.dimension, outcome.status]).sort(),
        [
          ['planned', 'unsent'],
          ['sent-without-answer', 'unknown'],
        ].sort(),
      );
    });
  });
});

test('a record has all of its members', () => {
  const path = newPath();
  const record = sampleRecord({
    usageAllocations: [{ allocatedUsageQuantity: 42, tags: [{ key: 'Dept', value: 'IT' }] }],
  });
  withLedger(path, ledger => uploaded(ledger, [record]));
  withReader(path, reader => {
    assert.deepEqual(
      [...reader.records({})],
      [
        {
          endpoint: 'aws',
          region: 'us-east-1',
          record,
          outcome: { status: 'accepted', reason: undefined, meteringRecordId: 'id' },
          run: 1,
          place: { file: 'usage.csv', line: 2 },
          settledAt: NOW.getTime(),
        },
      ],
    );
  });
});

describe('what was planned and not sent', () => {
  const record = sampleRecord();
  const instant = (text: string): Date => new Date(text);
  const readAt = <T>(path: string, now: Date, use: (reader: LedgerReader) => T): T => {
    using reader = LedgerReader.open(path, now);
    return use(reader);
  };
  const statusesAt = (path: string, now: Date, selection: Selection = {}): Status[] =>
    readAt(path, now, reader => {
      const found = [...reader.records(selection)].map(({ outcome }) => outcome.status);
      assert.equal(reader.count(selection), found.length);
      assert.deepEqual(
        reader.newest(selection, 9).map(({ outcome }) => outcome.status),
        found,
      );
      return found;
    });

  const TIMES: readonly (readonly [hour: string, now: string, status: Status])[] = [
    ['2026-11-22T10:00:00Z', '2026-11-23T09:59:59.999Z', 'unsent'],
    ['2026-11-22T10:00:00Z', '2026-11-23T10:00:00.000Z', 'expired'],
    ['2026-11-22T10:00:00Z', '2027-11-23T10:00:00.000Z', 'expired'],
    ['2026-11-30T23:00:00Z', '2026-12-01T05:59:59.999Z', 'unsent'],
    ['2026-11-30T23:00:00Z', '2026-12-01T06:00:00.000Z', 'expired'],
    ['2026-12-01T00:00:00Z', '2026-12-01T23:59:59.999Z', 'unsent'],
  ];
  for (const [hour, now, status] of TIMES) {
    test(`of ${hour} is ${status} at ${now}`, () => {
      const path = newPath();
      leftUnsent(path, sampleRecord({ timestamp: Date.parse(hour) / 1000 }));
      const other = status === 'unsent' ? 'expired' : 'unsent';
      assert.deepEqual(statusesAt(path, instant(now)), [status]);
      assert.deepEqual(statusesAt(path, instant(now), { statuses: [status] }), [status]);
      assert.deepEqual(statusesAt(path, instant(now), { statuses: [other] }), []);
    });
  }

  for (const status of ['not-subscribed', 'refused', 'duplicate'] as const) {
    test(`is ${status} again, as AWS answered, when its window has closed`, () => {
      const path = newPath();
      const quantity = status === 'duplicate' ? 42 : 7;
      leftUnsent(path, record, { status, quantity });
      const [open, closed] = [instant('2026-11-23T09:00:00Z'), instant('2026-11-23T10:00:00Z')];
      assert.deepEqual(statusesAt(path, open, { statuses: ['unsent'] }), ['unsent']);
      assert.deepEqual(statusesAt(path, open, { statuses: [status] }), []);
      assert.deepEqual(statusesAt(path, closed, { statuses: ['unsent', 'expired'] }), []);
      assert.deepEqual(statusesAt(path, closed, { statuses: [status], run: 2 }), [status]);
      const [known] = readAt(path, closed, reader => [...reader.records({})]);
      assert.deepEqual(known, {
        endpoint: 'aws',
        region: 'us-east-1',
        record: { ...record, quantity },
        outcome: { status, reason: `because ${status}`, meteringRecordId: undefined },
        run: 2,
        place: { file: 'again.csv', line: 2 },
        settledAt: NOW.getTime(),
      });
    });
  }

  test('has a reason when it is expired, and the ledger is not changed', () => {
    const path = newPath();
    leftUnsent(path, record);
    const [known] = readAt(path, instant('2026-11-24T00:00:00Z'), reader => [...reader.records({})]);
    assert.match(known?.outcome.reason ?? '', /window closed before it was sent/);
    assert.deepEqual(statusesAt(path, NOW), ['unsent']);
  });

  test('is not what may have been sent: that is unknown forever', () => {
    const path = newPath();
    withLedger(path, ledger => uploaded(ledger, [record], () => undefined));
    withLedger(path, ledger => uploaded(ledger, [record], () => 'unknown'));
    assert.deepEqual(statusesAt(path, instant('2027-01-01T00:00:00Z')), ['unknown']);
  });
});

test('records come oldest hour first for each destination, and the newest of all of them are found', () => {
  const path = newPath();
  withLedger(path, ledger => {
    for (const region of ['us-east-1', 'us-west-2'])
      uploaded(
        ledger,
        [3, 1, 2].map(hour =>
          sampleRecord({ dimension: `${region} ${hour}`, timestamp: TEN + (hour - 9) * HOUR }),
        ),
        () => 'accepted',
        { region },
      );
  });
  withReader(path, reader => {
    assert.deepEqual(names(reader.records({})), [
      'us-east-1 1',
      'us-east-1 2',
      'us-east-1 3',
      'us-west-2 1',
      'us-west-2 2',
      'us-west-2 3',
    ]);
    assert.deepEqual(names(reader.newest({}, 3)), ['us-west-2 2', 'us-east-1 3', 'us-west-2 3']);
  });
});

test('records are read a page at a time, each once and in order, whatever part of the key differs', () => {
  const path = newPath();
  const made = Array.from({ length: 450 }, (_, place) =>
    sampleRecord({
      timestamp: TEN + Math.floor(place / 150) * HOUR,
      customerAWSAccountId: String(111_111_111_111 + (Math.floor(place / 5) % 3)),
      dimension: `d${String(place).padStart(3, '0')}`,
      quantity: place,
    }),
  );
  withLedger(path, ledger => uploaded(ledger, made));
  const keyIn = ({ record: { timestamp, customerAWSAccountId, dimension } }: KnownRecord): string =>
    [timestamp, customerAWSAccountId, dimension].join(' ');
  withReader(path, reader => {
    const all = [...reader.records({})];
    assert.equal(new Set(all.map(({ record }) => record.quantity)).size, 450);
    assert.deepEqual(all.map(keyIn), all.map(keyIn).sort());
    const from = (since: number) => [...reader.records({ since })].map(({ record }) => record.timestamp);
    assert.equal(from(TEN + HOUR).length, 300);
    assert.equal(from(TEN + HOUR + 1).length, 150);
    assert.equal(Math.min(...from(TEN + HOUR)), TEN + HOUR);
    const few = [...reader.records({ since: TEN, until: TEN + 2 * HOUR, customer: '111111111112' })];
    assert.equal(few.length, 100);
    assert.equal(all.length, 450);
  });
});

test('the oldest hour of a selection is found, in whatever destination', () => {
  const path = newPath();
  withLedger(path, ledger => {
    const of = (hour: number) => sampleRecord({ timestamp: TEN - hour * HOUR, dimension: `d${hour}` });
    uploaded(ledger, [of(1), of(4)]);
    uploaded(ledger, [of(2)], () => 'unknown');
    uploaded(ledger, [of(3)], () => undefined, { region: 'us-west-2' });
  });
  withReader(path, reader => {
    const found = (selection: Selection) => (TEN - (reader.oldest(selection) ?? Number.NaN)) / HOUR;
    assert.equal(found({}), 4);
    assert.equal(found({ statuses: ['unknown'] }), 3);
    assert.equal(found({ statuses: ['unknown'], region: 'us-east-1' }), 2);
    assert.equal(reader.oldest({ statuses: ['refused'] }), undefined);
    assert.equal(reader.oldest({ statuses: ['unknown'], until: TEN - 3 * HOUR }), undefined);
  });
});

test('records are read in the order of the table: SQLite sorts nothing, and makes no copy', () => {
  const path = newPath();
  withLedger(path, ledger => uploaded(ledger, [sampleRecord()]));
  withReader(path, reader => {
    const asked: string[] = [];
    const { each, eachOf, pagesOf } = reader;
    const explain = (sql: string, values: readonly SQLInputValue[]): void => {
      const steps = each.call(reader, `EXPLAIN QUERY PLAN ${sql}`, ...values);
      asked.push(...[...steps].map(({ detail }) => String(detail)));
    };
    reader.each = (sql, ...values) => {
      explain(sql, values);
      return each.call(reader, sql, ...values);
    };
    reader.eachOf = (sql, lists) => {
      for (const values of lists) explain(sql, values);
      return eachOf.call(reader, sql, lists);
    };
    reader.pagesOf = (sql, values, since) => {
      explain(sql, [...values, since, '', '', '', '']);
      return pagesOf.call(reader, sql, values, since);
    };
    assert.equal(
      [...reader.records({ endpoint: 'aws', since: 1, until: Number.MAX_SAFE_INTEGER })].length,
      1,
    );
    const key = 'timestamp,customer,dimension,mode,offering';
    const search = `SEARCH record USING PRIMARY KEY (destination=? AND (${key})>(?,?,?,?,?) AND timestamp<?)`;
    assert.ok(asked.includes(search), asked.join('\n'));
    // The first question is for the destinations, of which there are few.
    assert.ok(!asked.slice(2).some(detail => /TEMP B-TREE|SCAN/.test(detail)), asked.join('\n'));
  });
});

for (const journal of ['WAL', 'DELETE']) {
  test(`reads while an upload commits, with the journal ${journal}: all is of one instant`, () => {
    const path = newPath();
    withLedger(path, ledger => uploaded(ledger, [sampleRecord({ dimension: 'before' })]));
    const other = new DatabaseSync(path);
    other.exec(`PRAGMA journal_mode = ${journal}`);
    const reader = LedgerReader.open(path, NOW);
    const rows = reader.records({});
    assert.equal(rows.next().value?.record.dimension, 'before');
    const add = (): void => {
      other.exec(
        `INSERT INTO record SELECT destination, timestamp, customer, 'after', mode, offering, product, quantity,
           allocations, status, run, seen, file, line, metering_record_id, reason, settled, doubt, answer, used, parts, carried_in, used_when_sent, source FROM record`,
      );
    };
    if (journal === 'WAL') {
      add();
      assert.deepEqual(names(reader.records({})), ['before']);
    } else {
      // Without a WAL the writer has to wait until the reader is done, and says so; nothing is seen in part.
      other.exec('PRAGMA busy_timeout = 0');
      assert.throws(add, /locked|busy/);
      assert.deepEqual(names(reader.records({})), ['before']);
    }
    rows.return(undefined);
    reader[Symbol.dispose]();
    if (journal === 'DELETE') add();
    other.close();
    assert.deepEqual(selected(path, {}).sort(), ['after', 'before']);
  });
}

test('the ledger itself commits while it is read', () => {
  const path = newPath();
  withLedger(path, ledger => {
    uploaded(ledger, [sampleRecord({ dimension: 'first' })]);
    withReader(path, reader => {
      const isWal = reader.all('PRAGMA journal_mode')[0]?.['journal_mode'] === 'wal';
      if (isWal) uploaded(ledger, [sampleRecord({ dimension: 'second' })]);
      assert.deepEqual(names(reader.records({})), ['first']);
    });
  });
});

describe('runs', () => {
  test('have their summary, or none when they did not finish', () => {
    const path = newPath();
    withLedger(path, ledger => {
      uploaded(ledger, [sampleRecord()], () => 'accepted', { files: ['a.csv', 'b.csv'] });
      plannedRun(ledger, [sampleRecord({ dimension: 'killed' })], { region: 'us-west-2' });
    });
    withReader(path, reader => {
      const [ended, killed] = [...runsIn(reader, {})];
      assert.deepEqual(ended, {
        endpoint: 'aws',
        region: 'us-east-1',
        run: 1,
        started: NOW.toISOString(),
        ended: NOW.toISOString(),
        version: '0.0.0-test',
        files: ['a.csv', 'b.csv'],
        exitCode: 0,
        summary: {},
      });
      assert.deepEqual(
        [killed?.run, killed?.ended, killed?.exitCode, killed?.summary],
        [2, undefined, undefined, undefined],
      );
      const numbers = (selection: Parameters<typeof runsIn>[1]): number[] =>
        [...runsIn(reader, selection)].map(({ run }) => run);
      assert.deepEqual(numbers({ region: 'us-west-2' }), [2]);
      assert.deepEqual(numbers({ endpoint: 'http://127.0.0.1:1/' }), []);
      assert.deepEqual(numbers({ run: 1 }), [1]);
      assert.deepEqual(numbers({ sinceMs: NOW.getTime() }), [1, 2]);
      assert.deepEqual(numbers({ sinceMs: NOW.getTime() + 1 }), []);
      assert.deepEqual(numbers({ untilMs: NOW.getTime() }), []);
    });
  });
});

describe('a file that is not a ledger is an error with a remedy', () => {
  const refuses = (path: string, said: RegExp, next: RegExp): void => {
    assert.throws(
      () => withReader(path, reader => [...reader.records({})]),
      (error: unknown) => {
        assert.ok(error instanceof LedgerError, String(error));
        assert.equal(error.exitCode, 9);
        assert.match(error.message, said);
        assert.match(error.next ?? '', next);
        return true;
      },
    );
  };

  test('no file', () => refuses(newPath(), /no ledger found at/, /ampmeter batch creates it/));

  test('no folder', () =>
    refuses(join(newPath(), 'deep', 'ledger.db'), /no ledger found|created there/, /--ledger/));

  test('a folder', () => {
    const path = newPath();
    mkdirSync(path);
    refuses(path, /not a regular file/, /--ledger/);
  });

  test('the database of another program', () => {
    const path = newPath();
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE record (a)');
    db.close();
    refuses(path, /database of another program/, /--ledger/);
  });

  test('a text', () => {
    const path = newPath();
    writeFileSync(path, 'timestamp,quantity\n'.repeat(100));
    refuses(path, /damaged, or is not a ledger/, /restore/);
  });

  test('an empty file, and a ledger that was never begun', () => {
    const path = newPath();
    writeFileSync(path, '');
    refuses(path, /is empty/, /ampmeter batch/);
  });

  test('one of a later version', () => {
    const path = newPath();
    withLedger(path, () => {});
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    refuses(path, /later version/, /update/);
  });

  test('one whose schema is older than it says', () => {
    const path = newPath();
    const db = new DatabaseSync(path);
    db.exec(
      `CREATE TABLE record (a TEXT) STRICT;
       PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`,
    );
    db.close();
    refuses(path, /changed by another program/, /--ledger/);
  });

  test('one that is cut off', () => {
    const path = newPath();
    withLedger(path, ledger =>
      uploaded(
        ledger,
        Array.from({ length: 2000 }, (_, index) => sampleRecord({ dimension: `d${index}` })),
      ),
    );
    const db = new DatabaseSync(path);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE');
    db.close();
    truncateSync(path, 40_000);
    refuses(path, /damaged/, /restore/);
  });

  test('reading creates nothing', () => {
    const path = newPath();
    assert.throws(() => LedgerReader.open(path, NOW), LedgerError);
    assert.equal(Ledger.exists(path), false);
    assert.equal(Ledger.exists(dirname(path)), true);
  });
});
