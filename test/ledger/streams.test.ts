import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { amountProblems } from '../../src/ledger/amount-rules.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Run } from '../../src/ledger/run.ts';
import type { RunFacts } from '../../src/ledger/run-ledger.ts';
import type { LateMode } from '../../src/usage/carry.ts';
import { decimalOf, decimalText, fromWhole, ONE } from '../../src/usage/decimal.ts';
import { HOUR_SECONDS } from '../../src/usage/hours.ts';
import { mergeRows } from '../../src/usage/merge.ts';
import { isBilled, type Outcome, type Status } from '../../src/usage/outcome.ts';
import { type UsageRecord, usedText } from '../../src/usage/record.ts';
import { amountOf, ROUND_MODES, type RoundMode } from '../../src/usage/rounding.ts';
import { sampled } from '../helpers/volume.ts';
import { NOW } from '../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../usage/samples.ts';
import { drafted, finish, newPath, sentAll } from './setup.ts';

/** The record of a row read with `--round carry`. `hour`: before ten o'clock. */
const carrying = (used: string, hour = 0, different: Partial<UsageRecord> = {}): UsageRecord =>
  sampleRecord({
    ...amountOf(decimalOf(used), 'carry'),
    carriedIn: '0',
    timestamp: TEN - hour * HOUR_SECONDS,
    ...different,
  });

const outcome = (status: Status): Outcome => ({ status, reason: undefined, meteringRecordId: undefined });
const accepted = (): Outcome => outcome('accepted');

type Facts = Partial<RunFacts> & { readonly late?: LateMode; readonly skipOpen?: boolean };

/** Runs of one ledger, opened again for each, as each process does. */
const withRuns = (
  use: (begin: (records?: readonly UsageRecord[], facts?: Facts) => Run, path: string) => void,
): void => {
  const path = newPath();
  let ledger: Ledger | undefined;
  try {
    use((records = [], { late = 'conflict', skipOpen = false, ...facts } = {}) => {
      ledger?.[Symbol.dispose]();
      ledger = Ledger.open(path);
      const run = drafted(ledger, records, facts);
      run.draft.adoptKnown(late);
      run.draft.findConflicts(skipOpen);
      run.commit();
      return run;
    }, path);
  } finally {
    ledger?.[Symbol.dispose]();
  }
};

/** Used, carried in and sent of what is planned, oldest hour first. */
const amountsIn = (run: Run): (readonly [used: string, carriedIn: string | undefined, sent: number])[] =>
  [...run.pending('planned')].map(({ record }) => [usedText(record), record.carriedIn, record.quantity]);

const conflictsIn = (run: Run): (string | undefined)[] =>
  [...run.results.outcomes()]
    .filter(({ outcome: { status } }) => status === 'conflict')
    .map(found => found.outcome.reason);

describe('fractions that are carried', () => {
  test('go from hour to hour, oldest first, whatever the order of the rows', () =>
    withRuns(begin => {
      const run = begin([carrying('0.6', 0), carrying('1.7', 2), carrying('0.8', 1)]);
      assert.deepEqual(amountsIn(run), [
        ['1.7', '0', 1],
        ['0.8', '0.7', 1],
        ['0.6', '0.5', 1],
      ]);
    }));

  test('go on in the next run', () =>
    withRuns(begin => {
      const first = begin([carrying('1.7', 2)]);
      sentAll(first, accepted);
      finish(first);
      assert.deepEqual(amountsIn(begin([carrying('1.7', 2), carrying('0.3', 1)])), [['0.3', '0.7', 1]]);
    }));

  test('keep customers, dimensions and destinations apart', () =>
    withRuns(begin => {
      const run = begin([
        carrying('0.6', 2),
        carrying('0.6', 1, { dimension: 'other' }),
        carrying('0.6', 0, { customerAWSAccountId: '210987654321' }),
      ]);
      assert.deepEqual(
        amountsIn(run).map(([, , sent]) => sent),
        [0, 0, 0],
      );
      sentAll(run, accepted);
      finish(run);
      const facts = { region: 'eu-west-1' };
      assert.deepEqual(amountsIn(begin([carrying('0.6', 3)], facts)), [['0.6', '0', 0]]);
    }));

  test('are no part of the balance when their record is not billed, and the next hour sends less', () =>
    withRuns(begin => {
      const first = begin([carrying('0.7', 3), carrying('0.6', 2)]);
      sentAll(first, ({ timestamp }) =>
        outcome(timestamp === TEN - 3 * HOUR_SECONDS ? 'refused' : 'accepted'),
      );
      finish(first);
      assert.deepEqual(amountsIn(begin([carrying('1.3', 1), carrying('0.1', 0)])), [
        ['1.3', '-0.4', 0],
        ['0.1', '0.9', 1],
      ]);
    }));

  test('of what may be billed count, and what is sent again keeps its amounts', () =>
    withRuns(begin => {
      const first = begin([carrying('0.7', 3), carrying('0.6', 2)]);
      sentAll(first, () => undefined);
      const again = begin([carrying('0.7', 3), carrying('0.6', 2), carrying('0.7', 1)]);
      assert.deepEqual(
        [...again.pending('unknown')].map(({ record }) => [record.used, record.carriedIn, record.quantity]),
        [
          ['0.7', '0', 0],
          ['0.6', '0.7', 1],
        ],
      );
      assert.deepEqual(amountsIn(again), [['0.7', '0.3', 1]]);
    }));

  test('that were planned and never left are planned again, with or without the file', () =>
    withRuns(begin => {
      begin([carrying('0.7', 3), carrying('0.6', 2)]);
      const other = begin([carrying('0.5', 1)], { skipOpen: true });
      assert.deepEqual(amountsIn(other), [['0.5', '0', 0]]);
      sentAll(other, accepted);
      finish(other);
      assert.deepEqual(amountsIn(begin()), [
        ['0.7', '0.5', 1],
        ['0.6', '0.2', 0],
      ]);
    }));

  test('of an hour that is too late already are passed to no other', () =>
    withRuns(begin => {
      assert.deepEqual(amountsIn(begin([carrying('0.7', 48), carrying('0.6', 0)])), [
        ['0.7', '0', 0],
        ['0.6', '0', 0],
      ]);
    }));

  test('are not added to what AWS has rejected as a second quantity: it is asked again as it was', () =>
    withRuns(begin => {
      const first = begin([carrying('1.7', 2)]);
      sentAll(first, () => outcome('duplicate'));
      finish(first);
      const other = begin([carrying('0.6', 3)]);
      sentAll(other, accepted);
      finish(other);
      assert.deepEqual(amountsIn(begin([carrying('1.7', 2), carrying('0.1', 1)])), [
        ['1.7', '0', 1],
        ['0.1', '0.6', 0],
      ]);
    }));

  test('are a conflict when the hour has another used amount, even if the same quantity would be sent', () =>
    withRuns(begin => {
      sentAll(begin([carrying('1.2', 1)]), accepted);
      const run = begin([carrying('1.3', 1)]);
      assert.match(conflictsIn(run).join(), /^the ledger has 1\.2, billed/);
      assert.deepEqual(amountsIn(run), []);
    }));

  test('of tags belong to the record: the parts add up to what is sent', () =>
    withRuns(begin => {
      const rowOf = (used: string, value: string, line: number) => ({
        place: { file: 'usage.csv', line },
        record: carrying(used, 1),
        tags: [{ key: 'Dept', value }],
      });
      const merged = mergeRows([rowOf('1.5', 'IT', 3), rowOf('0.4', 'HR', 4)], 'none', 'carry');
      assert.ok(merged.ok);
      sentAll(begin([carrying('0.7', 2)]), accepted);
      const run = begin([merged.planned.record]);
      const [record] = [...run.pending('planned')].map(planned => planned.record);
      assert.deepEqual([record?.used, record?.carriedIn, record?.quantity], ['1.9', '0.7', 2]);
      assert.deepEqual(record?.usageAllocations, [
        { allocatedUsageQuantity: 0, used: '0.4', tags: [{ key: 'Dept', value: 'HR' }] },
        { allocatedUsageQuantity: 2, used: '1.5', tags: [{ key: 'Dept', value: 'IT' }] },
      ]);
      sentAll(run, accepted);
      finish(run);
      const again = begin([merged.planned.record]);
      assert.deepEqual([...again.results.tally()], [['already-recorded', 1]]);
    }));
});

describe('the same usage, rounded in another way than before', () => {
  const rounded = (used: string, round: RoundMode): UsageRecord => {
    const { carriedIn: _, ...record } = carrying(used, 1);
    const { quantity, used: exact } = amountOf(decimalOf(used), round);
    return {
      ...record,
      quantity,
      ...(exact !== undefined && { used: exact }),
      ...(round === 'carry' && { carriedIn: '0' }),
    };
  };
  /** Two parts: `used` together. */
  const tagged = (used: readonly [string, string], round: RoundMode): UsageRecord => {
    const rows = used.map((amount, index) => ({
      place: { file: 'usage.csv', line: index + 2 },
      record: rounded(amount, round),
      tags: [{ key: 'Dept', value: `D${index}` }],
    }));
    const [first, ...others] = rows;
    assert.ok(first !== undefined);
    const merged = mergeRows([first, ...others], 'none', round);
    assert.ok(merged.ok);
    return merged.planned.record;
  };
  const secondRunOf = (first: UsageRecord, second: UsageRecord): unknown => {
    let said: unknown;
    withRuns(begin => {
      const run = begin([first]);
      sentAll(run, accepted);
      finish(run);
      const again = begin([second]);
      said = [[...again.results.tally().keys()], conflictsIn(again)];
    });
    return said;
  };
  const BILLED = [['already-recorded'], []];

  for (const before of ROUND_MODES)
    for (const now of ROUND_MODES) {
      test(`is billed already: ${before}, then ${now}, also with tags`, () => {
        for (const used of ['0.4', '1.6', '3'])
          assert.deepEqual(secondRunOf(rounded(used, before), rounded(used, now)), BILLED);
        for (const used of [
          ['1.5', '1.5'],
          ['0.2', '0.3'],
          ['1.1', '0.1'],
        ] as const)
          assert.deepEqual(secondRunOf(tagged(used, before), tagged(used, now)), BILLED);
      });
    }

  test('is a conflict if its parts are others', () => {
    assert.match(
      String(secondRunOf(tagged(['1.1', '0.4'], 'up'), tagged(['0.1', '1.4'], 'carry'))),
      /the ledger has 1\.5 with other allocations/,
    );
  });

  test('other usage that is rounded to what was sent is no conflict, unless something is carried', () => {
    assert.deepEqual(secondRunOf(rounded('1.2', 'up'), rounded('1.9', 'up')), BILLED);
    for (const [before, now] of [
      ['up', 'carry'],
      ['carry', 'up'],
    ] as const)
      assert.match(
        String(secondRunOf(rounded('1.2', before), rounded('1.9', now))),
        /the ledger has 1\.2, .*reported 1\.9, difference 0\.7/,
      );
  });
});

describe('an hour that has grown', () => {
  const whole = (quantity: number, hour: number): UsageRecord => carrying(String(quantity), hour);

  test('is a conflict without --late carry', () =>
    withRuns(begin => {
      sentAll(begin([sampleRecord({ quantity: 10 })]), accepted);
      assert.match(conflictsIn(begin([sampleRecord({ quantity: 12 })])).join(), /^the ledger has 10, billed/);
    }));

  test('gives the difference to the next hour of the plan, once', () =>
    withRuns(begin => {
      sentAll(begin([sampleRecord({ quantity: 10, timestamp: TEN - 2 * HOUR_SECONDS })]), accepted);
      const input = [whole(12, 2), whole(5, 1)];
      const run = begin(input, { late: 'carry' });
      assert.deepEqual(conflictsIn(run), []);
      assert.deepEqual(amountsIn(run), [['5', '2', 7]]);
      sentAll(run, accepted);
      finish(run);
      const again = begin(input, { late: 'carry' });
      assert.deepEqual(amountsIn(again), []);
      assert.deepEqual([...again.results.tally()], [['already-recorded', 2]]);
    }));

  test('gives it to the newest hour that is over and free, when the plan has no other, once', () =>
    withRuns((begin, path) => {
      const [billed, grown] = [whole(10, 2), whole(12, 2)];
      sentAll(begin([billed, whole(1, 1)]), accepted);
      const run = begin([grown, whole(1, 1)], { late: 'carry' });
      const [planned] = [...run.pending('planned')];
      assert.deepEqual(amountsIn(run), [['0', '2', 2]]);
      assert.ok((planned?.record.timestamp ?? 0) + HOUR_SECONDS <= NOW.getTime() / 1000, 'the hour is over');
      assert.deepEqual(amountsIn(begin([grown], { late: 'carry' })), [['0', '2', 2]], 'the run was killed');
      const last = begin([grown], { late: 'carry' });
      sentAll(last, accepted);
      finish(last);
      assert.deepEqual(amountsIn(begin([grown], { late: 'carry' })), []);
      const db = new DatabaseSync(path, { readOnly: true });
      assert.equal(db.prepare('SELECT sum(quantity) AS sent FROM record').get()?.['sent'], 13);
      db.close();
    }));

  describe('gives it to no hour that has', () => {
    const licensed: Partial<UsageRecord> = { licenseArn: LICENSE, productCode: undefined };
    const elsewhere = { region: 'eu-west-1' };
    const emulator = { endpoint: 'http://127.0.0.1:4100/' };
    /** What the newest hour has, where it was sent, and whether it can be used. */
    for (const [name, different, facts, isFree] of [
      ['its own record', {}, {}, false],
      ['a record in another Region', {}, elsewhere, false],
      ['a license of the same product', { licenseArn: LICENSE }, {}, false],
      ['a license of an unknown product', licensed, {}, false],
      ['(but another product is free)', { productCode: 'another' }, {}, true],
      ['(but a license of another product is free)', { ...licensed, productCode: 'another' }, {}, true],
      ['(but another endpoint is free)', {}, emulator, true],
    ] as const)
      test(name, () =>
        withRuns(begin => {
          const newest = Math.floor(NOW.getTime() / 1000 / HOUR_SECONDS) * HOUR_SECONDS - HOUR_SECONDS;
          const first = begin([whole(10, 5)]);
          sentAll(first, accepted);
          finish(first);
          const other = begin(
            [whole(1, 0)].map(record => ({ ...record, timestamp: newest, ...different })),
            facts,
          );
          sentAll(other, accepted);
          finish(other);
          const run = begin([whole(12, 5)], { late: 'carry' });
          assert.deepEqual(
            [...run.pending('planned')].map(({ record }) => [record.quantity, record.timestamp === newest]),
            [[2, isFree]],
          );
        }),
      );
  });

  test('leaves the hour free again when the run was killed and its units go another way', () =>
    withRuns(begin => {
      sentAll(begin([whole(10, 3)]), accepted);
      assert.deepEqual(amountsIn(begin([whole(12, 3)], { late: 'carry' })), [['0', '2', 2]], 'killed');
      const run = begin([whole(12, 3), whole(5, 2)], { late: 'carry' });
      assert.deepEqual(amountsIn(run), [['5', '2', 7]]);
      assert.equal(run.results.carried(), 0);
      sentAll(run, accepted);
      finish(run);
      assert.deepEqual(
        new Map(run.results.tally()),
        new Map([
          ['accepted', 1],
          ['already-recorded', 1],
        ]),
      );
    }));

  test('goes to a newer hour when the one it was planned for is too late', () =>
    withRuns(begin => {
      sentAll(begin([whole(10, 3)]), accepted);
      begin([whole(12, 3)], { late: 'carry' });
      const now = new Date(NOW.getTime() + 40 * HOUR_SECONDS * 1000);
      const run = begin([whole(12, 3)], { late: 'carry', now });
      assert.deepEqual(amountsIn(run), [['0', '2', 2]]);
      assert.equal(run.results.carried(), 0);
      const [planned] = [...run.pending('planned')];
      assert.ok((planned?.record.timestamp ?? 0) > NOW.getTime() / 1000);
    }));

  test('that a killed run had given an hour of its own is sent by a run without --late carry', () =>
    withRuns(begin => {
      sentAll(begin([whole(10, 3)]), accepted);
      begin([whole(12, 3)], { late: 'carry' });
      const run = begin([]);
      assert.deepEqual(amountsIn(run), [['0', '2', 2]]);
      assert.equal(run.results.carried(), 1);
    }));

  test('keeps a row of 0 that was planned and never left: that hour was reported', () =>
    withRuns(begin => {
      begin([whole(0, 3)]);
      assert.deepEqual(amountsIn(begin([])), [['0', '0', 0]]);
    }));

  test('stays a conflict when it shrank', () =>
    withRuns(begin => {
      sentAll(begin([whole(10, 1)]), accepted);
      const run = begin([whole(9, 1), whole(1, 0)], { late: 'carry' });
      assert.equal(conflictsIn(run).length, 1);
      assert.deepEqual(amountsIn(run), [['1', '0', 1]]);
    }));
});

/** A run of the property: rows of hours, and what becomes of them. */
const someRun = fc.record({
  rows: fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(1)), { selector: String, maxLength: 8 }),
  late: fc.constantFrom('conflict' as const, 'carry' as const),
  skipOpen: fc.boolean(),
  killed: fc.boolean(),
  ends: fc.infiniteStream(
    fc.constantFrom<Status | undefined>(
      'accepted',
      'accepted',
      'refused',
      'not-subscribed',
      'duplicate',
      'unsent',
      undefined,
    ),
  ),
});

test('with all its records billed, a stream has sent what was used, but for less than a unit', () => {
  const used = fc.array(fc.bigInt({ min: 0n, max: 3n * ONE }), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(used, fc.array(someRun, { maxLength: 6 }), fc.boolean(), (amounts, runs, grows) => {
      withRuns((begin, path) => {
        /** `grown`: a later export says more. */
        const inputOf = (rows: readonly (readonly [number, number])[], grown: boolean): UsageRecord[] =>
          rows.map(([hour, customer]) => {
            const amount = (amounts[hour + customer * 10] ?? 0n) + (grown ? ONE + 7n : 0n);
            const account = customer === 0 ? '123456789012' : '210987654321';
            return carrying(decimalText(amount), hour, { customerAWSAccountId: account });
          });
        for (const [index, { rows, late, skipOpen, killed, ends }] of runs.entries()) {
          const run = begin(inputOf(rows, grows && index % 2 === 1), { late, skipOpen });
          sentAll(run, () => {
            const status = ends.next().value;
            return status === undefined ? undefined : outcome(status);
          });
          if (!killed) finish(run);
        }
        const everything = Array.from({ length: 20 }, (_, at) => [at % 10, Math.floor(at / 10)] as const);
        for (let again = 0; again < 2; again += 1) {
          const run = begin(inputOf(everything, grows), { late: 'carry' });
          sentAll(run, accepted);
          finish(run);
        }
        // One more hour evens out what was sent for records that were not billed at first.
        for (const hour of [10, 11]) {
          const more = ['123456789012', '210987654321'].map(customerAWSAccountId =>
            carrying('40', hour, { customerAWSAccountId }),
          );
          const run = begin(more, { late: 'carry' });
          sentAll(run, accepted);
          finish(run);
        }
        const db = new DatabaseSync(path, { readOnly: true });
        assert.deepEqual([...amountProblems(db).keys()], []);
        const all = db.prepare('SELECT customer, status, quantity, used, carried_in FROM record').all();
        db.close();
        const balances = new Map<string, bigint>();
        const unbilled = new Set<string>();
        for (const { customer, status, quantity, used: text, carried_in } of all) {
          // What AWS has another quantity of, and the input too, can never be billed.
          if (status === 'duplicate') unbilled.add(String(customer));
          else assert.ok(isBilled(status as Status), String(status));
          assert.notEqual(carried_in, null);
          const exact = text === null ? fromWhole(Number(quantity)) : decimalOf(String(text));
          const before = balances.get(String(customer)) ?? 0n;
          balances.set(String(customer), before + exact - fromWhole(Number(quantity)));
        }
        for (const [customer, balance] of balances)
          assert.ok(unbilled.has(customer) || (balance >= 0n && balance < ONE), decimalText(balance));
      });
    }),
    { numRuns: sampled(40) },
  );
});
