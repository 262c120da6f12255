import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ledger } from '../../src/ledger/ledger.ts';
import { pruneLedger } from '../../src/ledger/maintenance.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import type { Run } from '../../src/ledger/run.ts';
import type { RunFacts } from '../../src/ledger/run-ledger.ts';
import { settleUnknown } from '../../src/ledger/settle.ts';
import { DOUBTS, type Outcome, type SettledRecord, type Status } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { NOW } from '../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../usage/samples.ts';
import { drafted, finish, newPath, sentAll, uploaded, withLedger } from './setup.ts';

type Facts = Partial<RunFacts> & { readonly skipOpen?: boolean };

/** Starts a run with its plan made and committed, in a ledger opened again, as each process does. */
type Begin = (records?: readonly UsageRecord[], facts?: Facts) => Run;

const withRuns = (use: (begin: Begin, path: string) => void): void => {
  const path = newPath();
  let ledger: Ledger | undefined;
  try {
    use((records = [], { skipOpen = false, ...facts } = {}) => {
      ledger?.[Symbol.dispose]();
      ledger = Ledger.open(path);
      const run = drafted(ledger, records, facts);
      run.draft.adoptKnown();
      run.draft.findConflicts(skipOpen);
      run.commit();
      return run;
    }, path);
  } finally {
    ledger?.[Symbol.dispose]();
  }
};

/** Sends all of a run with these outcomes, and finishes it. */
const ended = (run: Run, outcomeOf: (record: UsageRecord) => Outcome | undefined): Run => {
  sentAll(run, outcomeOf);
  finish(run);
  return run;
};

const answer = (status: Status, doubt?: Outcome['doubt']): Outcome => ({
  status,
  reason: status === 'accepted' ? undefined : `because ${status}`,
  meteringRecordId: status === 'accepted' ? 'id' : undefined,
  ...(doubt !== undefined && { doubt }),
});

const placeOf = ({ rows }: Pick<SettledRecord, 'rows'>): string =>
  rows.map(({ file, line, run }) => `${run === undefined ? '' : `run ${run}, `}${file}:${line}`).join(' ');

/** What a run says of itself: the outcome, the quantity and the place of each record; conflicts first. */
const outcomesOf = (run: Run): string[] =>
  [...run.results.outcomes()].map(one => `${one.outcome.status} ${one.record.quantity} ${placeOf(one)}`);

/** What it is about to send. */
const pendingOf = (run: Run): string[] =>
  (['unknown', 'planned'] as const).flatMap(state =>
    [...run.pending(state)].map(one => `${state} ${one.record.quantity} ${placeOf(one)}`),
  );

const NEW = { files: ['new.csv'] };
const LEFT = { open: 0, stuck: 0, stuckSince: undefined };

type Leaving = readonly [how: string, leave: (run: Run) => unknown];

/** How an earlier run left its record, which the next one sends as `planned` or as `unknown`. */
const OPEN: readonly (readonly [...Leaving, as: 'planned' | 'unknown'])[] = [
  ['planned by a run that was killed', () => {}, 'planned'],
  ['left unsent', run => ended(run, () => answer('unsent')), 'planned'],
  ['sent by a run that was killed', run => sentAll(run, () => undefined), 'unknown'],
  ['sent without an answer', run => ended(run, () => undefined), 'unknown'],
  ['unknown', run => ended(run, () => answer('unknown')), 'unknown'],
];

const DOUBTFUL: readonly Leaving[] = DOUBTS.map(doubt => [
  `unknown, with the doubt ${doubt}`,
  run => ended(run, () => answer('unknown', doubt)),
]);

const SETTLED: readonly Leaving[] = (
  ['accepted', 'duplicate', 'not-subscribed', 'refused', 'expired'] as const
).map(status => [status, run => ended(run, () => answer(status))]);

describe('a record of an earlier run that is', () => {
  for (const [how, leave, as] of OPEN) {
    test(`${how} is sent by the next run, as ${as}, and once`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        const run = begin([], NEW);
        assert.equal(run.results.carried(), 1);
        assert.deepEqual(run.results.leftBehind(), LEFT);
        assert.deepEqual(pendingOf(run), [`${as} 42 run 1, usage.csv:2`]);
        ended(run, () => answer('accepted'));
        assert.deepEqual(outcomesOf(run), ['accepted 42 run 1, usage.csv:2']);
        assert.deepEqual([...run.results.tally()], [['accepted', 1]]);
        const after = begin([], NEW);
        assert.deepEqual([after.results.carried(), pendingOf(after), outcomesOf(after)], [0, [], []]);
      });
    });

    test(`${how} stays so in runs that skip it, and is sent by the one after`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        for (let times = 0; times < 2; times += 1) {
          const run = begin([], { ...NEW, skipOpen: true });
          assert.deepEqual([run.results.carried(), pendingOf(run), outcomesOf(run)], [0, [], []]);
          assert.deepEqual(run.results.leftBehind(), { ...LEFT, open: 1 });
          finish(run);
        }
        assert.deepEqual(pendingOf(begin([], NEW)), [`${as} 42 run 1, usage.csv:2`]);
      });
    });
  }

  for (const [how, leave] of DOUBTFUL) {
    test(`${how} is told and not sent, skipped or not`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        for (const skipOpen of [false, true, false]) {
          const run = begin([], { ...NEW, skipOpen });
          assert.deepEqual([run.results.carried(), pendingOf(run), outcomesOf(run)], [0, [], []]);
          assert.deepEqual(run.results.leftBehind(), { open: 0, stuck: 1, stuckSince: TEN });
          finish(run);
        }
      });
    });
  }

  for (const [how, leave] of SETTLED) {
    test(`${how} is left alone`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        const run = begin([], NEW);
        assert.deepEqual([run.results.carried(), pendingOf(run), outcomesOf(run)], [0, [], []]);
        assert.deepEqual(run.results.leftBehind(), LEFT);
      });
    });
  }
});

describe('a row of the new input for the same key', () => {
  const again = sampleRecord({ quantity: 43 });

  test('comes before what was planned, also with another quantity', () => {
    withRuns(begin => {
      begin([sampleRecord()]);
      const run = begin([again], NEW);
      assert.deepEqual([run.results.carried(), pendingOf(run)], [0, ['planned 43 new.csv:2']]);
    });
  });

  test('is sent in the place of what may be billed when it is the same', () => {
    withRuns(begin => {
      ended(begin([sampleRecord()]), () => answer('unknown'));
      const run = begin([sampleRecord()], NEW);
      assert.deepEqual([run.results.carried(), pendingOf(run)], [0, ['unknown 42 new.csv:2']]);
    });
  });

  test('is a conflict beside what may be billed with another quantity, which is sent', () => {
    withRuns(begin => {
      ended(begin([sampleRecord()]), () => answer('unknown'));
      const run = begin([again], NEW);
      assert.equal(run.results.carried(), 1);
      assert.deepEqual(pendingOf(run), ['unknown 42 run 1, usage.csv:2']);
      sentAll(run, () => answer('accepted'));
      assert.deepEqual(outcomesOf(run), ['conflict 43 new.csv:2', 'accepted 42 run 1, usage.csv:2']);
      assert.deepEqual(Object.fromEntries(run.results.tally()), { accepted: 1, conflict: 1 });
      assert.equal(run.results.outcomeOf(again)?.outcome.status, 'conflict');
    });
  });

  test('that is invalid comes before what was planned as well: it is corrected first', () => {
    const path = newPath();
    withLedger(path, ledger => {
      const run = drafted(ledger, [sampleRecord(), sampleRecord({ dimension: 'other' })]);
      run.draft.findConflicts();
      run.commit();
    });
    withLedger(path, ledger => {
      const run = drafted(ledger, [again, again], NEW);
      run.draft.drop(again);
      run.draft.adoptKnown();
      run.draft.findConflicts();
      run.commit();
      assert.deepEqual(pendingOf(run), ['planned 42 run 1, usage.csv:3']);
      assert.deepEqual(run.results.leftBehind(), LEFT);
    });
  });

  test('that is invalid leaves what may be billed: it is sent', () => {
    const path = newPath();
    withLedger(path, ledger => uploaded(ledger, [sampleRecord()], () => undefined));
    withLedger(path, ledger => {
      const run = drafted(ledger, [again, again], NEW);
      run.draft.drop(again);
      run.draft.adoptKnown();
      run.draft.findConflicts();
      run.commit();
      assert.deepEqual(pendingOf(run), ['unknown 42 run 1, usage.csv:2']);
    });
  });

  for (const [how, leave] of DOUBTFUL) {
    test(`sends once more what is ${how}`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        const run = begin([sampleRecord()], NEW);
        assert.deepEqual(run.results.leftBehind(), LEFT);
        assert.deepEqual(pendingOf(run), ['unknown 42 new.csv:2']);
        assert.equal([...run.results.outcomes()][0]?.outcome.doubt, undefined);
        sentAll(run, () => answer('accepted'));
        assert.deepEqual(outcomesOf(run), ['accepted 42 new.csv:2']);
      });
    });

    test(`is a conflict with another quantity than what is ${how}, which is not sent`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        const run = begin([again], NEW);
        assert.deepEqual([pendingOf(run), outcomesOf(run)], [[], ['conflict 43 new.csv:2']]);
        assert.equal(run.results.leftBehind().stuck, 1);
      });
    });
  }
});

test('what is carried leaves among the rest, soonest to expire first, and what may be billed before all', () => {
  withRuns(begin => {
    const at = (hour: number, dimension: string): UsageRecord =>
      sampleRecord({ timestamp: TEN - hour * 3600, dimension, quantity: hour });
    ended(begin([at(1, 'lost')]), () => answer('unknown'));
    begin([at(5, 'left'), at(2, 'left')], { skipOpen: true });
    const run = begin([at(4, 'own'), at(3, 'own')], NEW);
    assert.deepEqual(pendingOf(run), [
      'unknown 1 run 1, usage.csv:2',
      'planned 5 run 2, usage.csv:2',
      'planned 4 new.csv:2',
      'planned 3 new.csv:3',
      'planned 2 run 2, usage.csv:3',
    ]);
    assert.deepEqual(
      run.results.planHours().map(({ timestamp }) => (TEN - timestamp) / 3600),
      [5, 4, 3, 2, 1],
    );
  });
});

test('each destination has its own', () => {
  const places: readonly Facts[] = [
    { endpoint: 'aws', region: 'us-east-1' },
    { endpoint: 'aws', region: 'eu-central-1' },
    { endpoint: 'http://127.0.0.1:1/', region: 'us-east-1' },
  ];
  withRuns(begin => {
    for (const [index, place] of places.entries())
      begin([sampleRecord({ dimension: `d${index}`, quantity: index })], place);
    for (const [index, place] of places.entries()) {
      const run = begin([], { ...place, ...NEW });
      assert.deepEqual(pendingOf(run), [`planned ${index} run ${index + 1}, usage.csv:2`]);
      assert.deepEqual(run.results.leftBehind(), LEFT);
      ended(run, () => answer('accepted'));
    }
    for (const place of places) assert.equal(begin([], place).results.carried(), 0);
  });
});

test('from run to run it keeps the place of the run that read it', () => {
  withRuns(begin => {
    begin([sampleRecord()]);
    for (let number = 2; number < 5; number += 1) {
      const run = ended(begin([], NEW), () => answer('unsent'));
      assert.deepEqual([run.number, outcomesOf(run)], [number, ['unsent 42 run 1, usage.csv:2']]);
    }
  });
});

test('a plan that is abandoned has taken nothing up', () => {
  const path = newPath();
  withLedger(path, ledger => uploaded(ledger, [sampleRecord()], () => undefined));
  for (let times = 0; times < 2; times += 1) {
    withLedger(path, ledger => {
      const run = drafted(ledger, [], NEW);
      run.draft.findConflicts();
      assert.deepEqual([run.number, run.results.carried()], [2, 1]);
      assert.deepEqual(pendingOf(run), ['unknown 42 run 1, usage.csv:2']);
      run.abandon();
    });
  }
});

test('what no run can settle is told by each of them until CloudTrail has, and no longer', () => {
  const other = sampleRecord({ timestamp: TEN - 3600, dimension: 'other' });
  withRuns((begin, path) => {
    ended(begin([sampleRecord(), other]), () => answer('unknown', 'duplicate'));
    for (let times = 0; times < 3; times += 1) {
      const run = ended(begin([sampleRecord({ dimension: `d${times}` })], NEW), () => answer('accepted'));
      assert.deepEqual(run.results.leftBehind(), { open: 0, stuck: 2, stuckSince: TEN - 3600 });
      assert.deepEqual([...run.results.tally()], [['accepted', 1]]);
    }
    const settlements = [{ region: 'us-east-1', record: other, outcome: answer('accepted') }];
    assert.equal(settleUnknown(path, 'aws', settlements, 1), 1);
    const run = ended(begin([other], NEW), () => undefined);
    assert.deepEqual(run.results.leftBehind(), { open: 0, stuck: 1, stuckSince: TEN });
    assert.deepEqual(
      [...run.results.outcomes()].map(({ outcome }) => outcome),
      [{ status: 'already-recorded', reason: undefined, meteringRecordId: 'id' }],
    );
  });
});

describe('of two records, with a license and with a product code, that AWS would bill both', () => {
  const licensed = sampleRecord({ licenseArn: LICENSE, quantity: 1 });
  const coded = sampleRecord({ quantity: 2 });

  for (const [name, first, second] of [
    ['the license', coded, licensed],
    ['the product code', licensed, coded],
  ] as const) {
    test(`the one that was read later counts, and the other is told once: ${name}`, () => {
      withRuns(begin => {
        begin([first], { files: ['1.csv'] });
        finish(begin([second], { files: ['2.csv'], skipOpen: true }));
        const run = begin([], NEW);
        assert.deepEqual(pendingOf(run), [`planned ${second.quantity} run 2, 2.csv:2`]);
        assert.equal(outcomesOf(run)[0], `conflict ${first.quantity} run 1, 1.csv:2`);
        ended(run, () => answer('accepted'));
        const after = begin([], NEW);
        assert.deepEqual([pendingOf(after), outcomesOf(after)], [[], []]);
      });
    });

    test(`a row of the new input counts: ${name}`, () => {
      withRuns(begin => {
        begin([first]);
        const run = begin([second], NEW);
        assert.deepEqual(pendingOf(run), [`planned ${second.quantity} new.csv:2`]);
        assert.equal(outcomesOf(run)[0], `conflict ${first.quantity} run 1, usage.csv:2`);
      });
    });

    test(`what may be billed counts, whoever came later: not ${name}`, () => {
      withRuns(begin => {
        ended(begin([first]), () => answer('unknown'));
        const run = begin([second], NEW);
        assert.deepEqual(pendingOf(run), [`unknown ${first.quantity} run 1, usage.csv:2`]);
        assert.equal(outcomesOf(run)[0], `conflict ${second.quantity} new.csv:2`);
      });
    });
  }
});

test('what another Region has billed meanwhile is a conflict, told once', () => {
  withRuns(begin => {
    begin([sampleRecord()]);
    ended(begin([sampleRecord()], { region: 'eu-central-1' }), () => answer('accepted'));
    const run = begin([], NEW);
    assert.deepEqual([pendingOf(run), outcomesOf(run)], [[], ['conflict 42 run 1, usage.csv:2']]);
    finish(run);
    assert.deepEqual(outcomesOf(begin([], NEW)), []);
  });
});

describe('an attempt without an answer', () => {
  for (const doubt of [undefined, ...DOUBTS]) {
    for (const [before, after] of [
      ['duplicate', 'duplicate'],
      ['not-subscribed', 'unknown'],
      ['refused', 'unknown'],
    ] as const)
      test(`leaves what was ${before} ${after}${doubt === undefined ? '' : `, with the doubt ${doubt}`}`, () => {
        withRuns(begin => {
          ended(begin([sampleRecord()]), () => answer(before));
          const run = ended(begin([sampleRecord()], NEW), () => answer('unknown', doubt));
          const expected = after === 'duplicate' ? answer('duplicate') : answer('unknown', doubt);
          assert.deepEqual(
            [...run.results.outcomes()].map(({ outcome }) => outcome),
            [expected],
          );
          assert.deepEqual(
            pendingOf(begin([], NEW)).length,
            after === 'unknown' && doubt === undefined ? 1 : 0,
          );
        });
      });
  }
});

describe('what AWS has answered stands again when the record, submitted again, is too late:', () => {
  type End = (run: Run, record: UsageRecord, begin: Begin) => Run;
  const expire: End = (run, record) => {
    run.save({ settled: [{ planned: { record, rows: [] }, outcome: answer('expired') }], at: 1 });
    return run;
  };
  /** How the second attempt ends without an answer; gives the run of the run that learns it. */
  const ENDS: readonly (readonly [name: string, end: End])[] = [
    [
      'in the plan',
      (run, { timestamp }) => {
        run.expireHour(timestamp, 'too old');
        return run;
      },
    ],
    ['before it leaves', expire],
    [
      'after it was begun and held up',
      run => {
        sentAll(run, () => answer('expired'));
        return run;
      },
    ],
    [
      'in a later run',
      (run, record, begin) => {
        ended(run, () => answer('unsent'));
        return expire(begin([], { files: ['later.csv'] }), record, begin);
      },
    ],
    [
      'after two files had it',
      (_, record, begin) => expire(begin([record], { files: ['again.csv'] }), record, begin),
    ],
  ];
  for (const status of ['not-subscribed', 'refused', 'duplicate'] as const) {
    for (const [name, end] of ENDS) {
      // Beside a duplicate another quantity is a conflict at once.
      for (const quantity of status === 'duplicate' ? [42] : [42, 50]) {
        test(`${status}, ${name}, with the quantity ${quantity}`, () => {
          withRuns(begin => {
            ended(begin([sampleRecord()]), () => answer(status));
            const next = sampleRecord({ quantity });
            const planned = begin([next], NEW);
            assert.deepEqual(pendingOf(planned), [`planned ${quantity} new.csv:2`]);
            const run = end(planned, next, begin);
            const settled = [...run.results.outcomes()];
            assert.deepEqual(
              settled.map(({ record, outcome }) => [record.quantity, outcome]),
              [[42, answer(status)]],
            );
            finish(run);
            const after = begin([], NEW);
            assert.deepEqual(
              [pendingOf(after), outcomesOf(after), after.results.leftBehind()],
              [[], [], LEFT],
            );
          });
        });
      }
    }

    for (const isCompared of [false, true]) {
      test(`${status}, when its row is invalid${isCompared ? ' beside what the ledger has' : ''}`, () => {
        const path = newPath();
        withLedger(path, ledger => uploaded(ledger, [sampleRecord()], () => status));
        withLedger(path, ledger => {
          const run = drafted(ledger, [sampleRecord({ quantity: 42 })], NEW);
          if (isCompared) run.draft.adoptKnown();
          run.draft.drop(sampleRecord());
          if (!isCompared) run.draft.adoptKnown();
          run.draft.findConflicts();
          run.commit();
          assert.deepEqual(outcomesOf(run), []);
          finish(run);
        });
        using reader = LedgerReader.open(path, NOW);
        assert.deepEqual(
          [...reader.records({})].map(({ outcome, run, place }) => [outcome.status, run, place.file]),
          [[status, 1, 'usage.csv']],
        );
      });
    }
  }

  test('an answer to the new attempt takes its place', () => {
    withRuns(begin => {
      ended(begin([sampleRecord()]), () => answer('not-subscribed'));
      const run = ended(begin([sampleRecord()], NEW), () => answer('accepted'));
      assert.deepEqual(outcomesOf(run), ['accepted 42 new.csv:2']);
      assert.deepEqual(outcomesOf(begin([sampleRecord()], NEW)), ['already-recorded 42 new.csv:2']);
    });
  });

  test('what was never answered is expired', () => {
    withRuns(begin => {
      ended(begin([sampleRecord()]), () => answer('expired'));
      const run = begin([sampleRecord()], NEW);
      run.expireHour(TEN, 'too old');
      assert.deepEqual(outcomesOf(run), ['expired 42 new.csv:2']);
    });
  });
});

test('pruning leaves what is open, and the runs that read it', () => {
  withRuns((begin, path) => {
    const outcomes = [
      answer('accepted'),
      answer('unknown'),
      answer('unknown', 'duplicate'),
      answer('unsent'),
    ];
    const many = outcomes.map((_, index) => sampleRecord({ dimension: `d${index}`, quantity: index }));
    ended(begin(many), ({ quantity }) => outcomes[quantity]);
    ended(begin([], NEW), ({ quantity }) => outcomes[quantity]);
    assert.deepEqual(pruneLedger(path, TEN + 400 * 86_400, false), {
      records: 1,
      runs: 0,
      carried: 0,
      open: 3,
    });
    const run = begin([], NEW);
    assert.deepEqual(pendingOf(run), ['unknown 1 run 1, usage.csv:3', 'planned 3 run 1, usage.csv:5']);
    assert.equal(run.results.leftBehind().stuck, 1);
  });
});
