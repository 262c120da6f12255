import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ledger, type RunFacts } from '../../src/ledger/ledger.ts';
import { pruneLedger } from '../../src/ledger/maintenance.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import { settleUnknown } from '../../src/ledger/settle.ts';
import { DOUBTS, type Outcome, type SettledRecord, type Status } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { NOW } from '../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../usage/samples.ts';
import { drafted, newPath, uploaded, withLedger } from './setup.ts';

type Facts = Partial<RunFacts> & { readonly skipOpen?: boolean };

/** Begins a run with its plan made and committed, in a ledger opened anew, as each process does. */
type Begin = (records?: readonly UsageRecord[], facts?: Facts) => Ledger;

const withRuns = (use: (begin: Begin, path: string) => void): void => {
  const path = newPath();
  let ledger: Ledger | undefined;
  try {
    use((records = [], { skipOpen = false, ...facts } = {}) => {
      ledger?.[Symbol.dispose]();
      ledger = Ledger.open(path);
      const draft = drafted(ledger, records, facts);
      draft.adoptKnown();
      draft.findConflicts(skipOpen);
      ledger.commitPlan();
      return ledger;
    }, path);
  } finally {
    ledger?.[Symbol.dispose]();
  }
};

const finish = (ledger: Ledger): void => ledger.finishRun({ now: NOW, exitCode: 0, summary: {} });

/** Sends what the run has, with these outcomes; a record without one is not answered. */
const send = (ledger: Ledger, outcomeOf: (record: UsageRecord) => Outcome | undefined): void => {
  const pending = [...ledger.pending('unknown'), ...ledger.pending('planned')];
  ledger.write(() => ledger.begin(pending));
  ledger.write(() => {
    for (const { record } of pending) {
      const outcome = outcomeOf(record);
      if (outcome !== undefined) ledger.settle(record, outcome, NOW.getTime());
    }
  });
};

/** Sends all of a run with these outcomes, and finishes it. */
const ended = (ledger: Ledger, outcomeOf: (record: UsageRecord) => Outcome | undefined): Ledger => {
  send(ledger, outcomeOf);
  finish(ledger);
  return ledger;
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
const outcomesOf = (ledger: Ledger): string[] =>
  [...ledger.results.outcomes()].map(one => `${one.outcome.status} ${one.record.quantity} ${placeOf(one)}`);

/** What it is about to send. */
const pendingOf = (ledger: Ledger): string[] =>
  (['unknown', 'planned'] as const).flatMap(state =>
    [...ledger.pending(state)].map(one => `${state} ${one.record.quantity} ${placeOf(one)}`),
  );

const NEW = { files: ['new.csv'] };
const LEFT = { open: 0, stuck: 0, stuckSince: undefined };

type Leaving = readonly [how: string, leave: (ledger: Ledger) => unknown];

/** How an earlier run left its record, which the next one sends as `planned` or as `unknown`. */
const OPEN: readonly (readonly [...Leaving, as: 'planned' | 'unknown'])[] = [
  ['planned by a run that was killed', () => {}, 'planned'],
  ['left unsent', ledger => ended(ledger, () => answer('unsent')), 'planned'],
  ['sent by a run that was killed', ledger => send(ledger, () => undefined), 'unknown'],
  ['sent without an answer', ledger => ended(ledger, () => undefined), 'unknown'],
  ['unknown', ledger => ended(ledger, () => answer('unknown')), 'unknown'],
];

const DOUBTFUL: readonly Leaving[] = DOUBTS.map(doubt => [
  `unknown, with the doubt ${doubt}`,
  ledger => ended(ledger, () => answer('unknown', doubt)),
]);

const SETTLED: readonly Leaving[] = (
  ['accepted', 'duplicate', 'not-subscribed', 'refused', 'expired'] as const
).map(status => [status, ledger => ended(ledger, () => answer(status))]);

describe('a record of an earlier run that is', () => {
  for (const [how, leave, as] of OPEN) {
    test(`${how} is sent by the next run, as ${as}, and once`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        const ledger = begin([], NEW);
        assert.equal(ledger.results.carried(), 1);
        assert.deepEqual(ledger.results.leftBehind(), LEFT);
        assert.deepEqual(pendingOf(ledger), [`${as} 42 run 1, usage.csv:2`]);
        ended(ledger, () => answer('accepted'));
        assert.deepEqual(outcomesOf(ledger), ['accepted 42 run 1, usage.csv:2']);
        assert.deepEqual([...ledger.results.tally()], [['accepted', 1]]);
        const after = begin([], NEW);
        assert.deepEqual([after.results.carried(), pendingOf(after), outcomesOf(after)], [0, [], []]);
      });
    });

    test(`${how} stays so in runs that skip it, and is sent by the one after`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        for (let times = 0; times < 2; times += 1) {
          const ledger = begin([], { ...NEW, skipOpen: true });
          assert.deepEqual([ledger.results.carried(), pendingOf(ledger), outcomesOf(ledger)], [0, [], []]);
          assert.deepEqual(ledger.results.leftBehind(), { ...LEFT, open: 1 });
          finish(ledger);
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
          const ledger = begin([], { ...NEW, skipOpen });
          assert.deepEqual([ledger.results.carried(), pendingOf(ledger), outcomesOf(ledger)], [0, [], []]);
          assert.deepEqual(ledger.results.leftBehind(), { open: 0, stuck: 1, stuckSince: TEN });
          finish(ledger);
        }
      });
    });
  }

  for (const [how, leave] of SETTLED) {
    test(`${how} is left alone`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        const ledger = begin([], NEW);
        assert.deepEqual([ledger.results.carried(), pendingOf(ledger), outcomesOf(ledger)], [0, [], []]);
        assert.deepEqual(ledger.results.leftBehind(), LEFT);
      });
    });
  }
});

describe('a row of the new input for the same key', () => {
  const again = sampleRecord({ quantity: 43 });

  test('comes before what was planned, also with another quantity', () => {
    withRuns(begin => {
      begin([sampleRecord()]);
      const ledger = begin([again], NEW);
      assert.deepEqual([ledger.results.carried(), pendingOf(ledger)], [0, ['planned 43 new.csv:2']]);
    });
  });

  test('is sent in the place of what may be billed when it is the same', () => {
    withRuns(begin => {
      ended(begin([sampleRecord()]), () => answer('unknown'));
      const ledger = begin([sampleRecord()], NEW);
      assert.deepEqual([ledger.results.carried(), pendingOf(ledger)], [0, ['unknown 42 new.csv:2']]);
    });
  });

  test('is a conflict beside what may be billed with another quantity, which is sent', () => {
    withRuns(begin => {
      ended(begin([sampleRecord()]), () => answer('unknown'));
      const ledger = begin([again], NEW);
      assert.equal(ledger.results.carried(), 1);
      assert.deepEqual(pendingOf(ledger), ['unknown 42 run 1, usage.csv:2']);
      send(ledger, () => answer('accepted'));
      assert.deepEqual(outcomesOf(ledger), ['conflict 43 new.csv:2', 'accepted 42 run 1, usage.csv:2']);
      assert.deepEqual(Object.fromEntries(ledger.results.tally()), { accepted: 1, conflict: 1 });
      assert.equal(ledger.results.outcomeOf(again)?.status, 'conflict');
    });
  });

  test('that is invalid comes before what was planned as well: it is corrected first', () => {
    const path = newPath();
    withLedger(path, ledger => {
      drafted(ledger, [sampleRecord(), sampleRecord({ dimension: 'other' })]).findConflicts();
      ledger.commitPlan();
    });
    withLedger(path, ledger => {
      const draft = drafted(ledger, [again, again], NEW);
      draft.drop(again);
      draft.adoptKnown();
      draft.findConflicts();
      ledger.commitPlan();
      assert.deepEqual(pendingOf(ledger), ['planned 42 run 1, usage.csv:3']);
      assert.deepEqual(ledger.results.leftBehind(), LEFT);
    });
  });

  test('that is invalid leaves what may be billed: it is sent', () => {
    const path = newPath();
    withLedger(path, ledger => uploaded(ledger, [sampleRecord()], () => undefined));
    withLedger(path, ledger => {
      const draft = drafted(ledger, [again, again], NEW);
      draft.drop(again);
      draft.adoptKnown();
      draft.findConflicts();
      ledger.commitPlan();
      assert.deepEqual(pendingOf(ledger), ['unknown 42 run 1, usage.csv:2']);
    });
  });

  for (const [how, leave] of DOUBTFUL) {
    test(`sends once more what is ${how}`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        const ledger = begin([sampleRecord()], NEW);
        assert.deepEqual(ledger.results.leftBehind(), LEFT);
        assert.deepEqual(pendingOf(ledger), ['unknown 42 new.csv:2']);
        assert.equal([...ledger.results.outcomes()][0]?.outcome.doubt, undefined);
        send(ledger, () => answer('accepted'));
        assert.deepEqual(outcomesOf(ledger), ['accepted 42 new.csv:2']);
      });
    });

    test(`is a conflict with another quantity than what is ${how}, which is not sent`, () => {
      withRuns(begin => {
        leave(begin([sampleRecord()]));
        const ledger = begin([again], NEW);
        assert.deepEqual([pendingOf(ledger), outcomesOf(ledger)], [[], ['conflict 43 new.csv:2']]);
        assert.equal(ledger.results.leftBehind().stuck, 1);
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
    const ledger = begin([at(4, 'own'), at(3, 'own')], NEW);
    assert.deepEqual(pendingOf(ledger), [
      'unknown 1 run 1, usage.csv:2',
      'planned 5 run 2, usage.csv:2',
      'planned 4 new.csv:2',
      'planned 3 new.csv:3',
      'planned 2 run 2, usage.csv:3',
    ]);
    assert.deepEqual(
      ledger.results.planHours().map(({ timestamp }) => (TEN - timestamp) / 3600),
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
      const ledger = begin([], { ...place, ...NEW });
      assert.deepEqual(pendingOf(ledger), [`planned ${index} run ${index + 1}, usage.csv:2`]);
      assert.deepEqual(ledger.results.leftBehind(), LEFT);
      ended(ledger, () => answer('accepted'));
    }
    for (const place of places) assert.equal(begin([], place).results.carried(), 0);
  });
});

test('from run to run it keeps the place of the run that read it', () => {
  withRuns(begin => {
    begin([sampleRecord()]);
    for (let run = 2; run < 5; run += 1) {
      const ledger = ended(begin([], NEW), () => answer('unsent'));
      assert.deepEqual([ledger.run, outcomesOf(ledger)], [run, ['unsent 42 run 1, usage.csv:2']]);
    }
  });
});

test('a plan that is abandoned has taken nothing up', () => {
  const path = newPath();
  withLedger(path, ledger => uploaded(ledger, [sampleRecord()], () => undefined));
  for (let times = 0; times < 2; times += 1) {
    withLedger(path, ledger => {
      drafted(ledger, [], NEW).findConflicts();
      assert.deepEqual([ledger.run, ledger.results.carried()], [2, 1]);
      assert.deepEqual(pendingOf(ledger), ['unknown 42 run 1, usage.csv:2']);
      ledger.abandonPlan();
    });
  }
});

test('what no run can settle is told by each of them until CloudTrail has, and no longer', () => {
  const other = sampleRecord({ timestamp: TEN - 3600, dimension: 'other' });
  withRuns((begin, path) => {
    ended(begin([sampleRecord(), other]), () => answer('unknown', 'duplicate'));
    for (let times = 0; times < 3; times += 1) {
      const ledger = ended(begin([sampleRecord({ dimension: `d${times}` })], NEW), () => answer('accepted'));
      assert.deepEqual(ledger.results.leftBehind(), { open: 0, stuck: 2, stuckSince: TEN - 3600 });
      assert.deepEqual([...ledger.results.tally()], [['accepted', 1]]);
    }
    const settlements = [{ region: 'us-east-1', record: other, outcome: answer('accepted') }];
    assert.equal(settleUnknown(path, 'aws', settlements, 1), 1);
    const ledger = ended(begin([other], NEW), () => undefined);
    assert.deepEqual(ledger.results.leftBehind(), { open: 0, stuck: 1, stuckSince: TEN });
    assert.deepEqual(
      [...ledger.results.outcomes()].map(({ outcome }) => outcome),
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
        const ledger = begin([], NEW);
        assert.deepEqual(pendingOf(ledger), [`planned ${second.quantity} run 2, 2.csv:2`]);
        assert.equal(outcomesOf(ledger)[0], `conflict ${first.quantity} run 1, 1.csv:2`);
        ended(ledger, () => answer('accepted'));
        const after = begin([], NEW);
        assert.deepEqual([pendingOf(after), outcomesOf(after)], [[], []]);
      });
    });

    test(`a row of the new input counts: ${name}`, () => {
      withRuns(begin => {
        begin([first]);
        const ledger = begin([second], NEW);
        assert.deepEqual(pendingOf(ledger), [`planned ${second.quantity} new.csv:2`]);
        assert.equal(outcomesOf(ledger)[0], `conflict ${first.quantity} run 1, usage.csv:2`);
      });
    });

    test(`what may be billed counts, whoever came later: not ${name}`, () => {
      withRuns(begin => {
        ended(begin([first]), () => answer('unknown'));
        const ledger = begin([second], NEW);
        assert.deepEqual(pendingOf(ledger), [`unknown ${first.quantity} run 1, usage.csv:2`]);
        assert.equal(outcomesOf(ledger)[0], `conflict ${second.quantity} new.csv:2`);
      });
    });
  }
});

test('what another Region has billed meanwhile is a conflict, told once', () => {
  withRuns(begin => {
    begin([sampleRecord()]);
    ended(begin([sampleRecord()], { region: 'eu-central-1' }), () => answer('accepted'));
    const ledger = begin([], NEW);
    assert.deepEqual([pendingOf(ledger), outcomesOf(ledger)], [[], ['conflict 42 run 1, usage.csv:2']]);
    finish(ledger);
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
          const ledger = ended(begin([sampleRecord()], NEW), () => answer('unknown', doubt));
          const expected = after === 'duplicate' ? answer('duplicate') : answer('unknown', doubt);
          assert.deepEqual(
            [...ledger.results.outcomes()].map(({ outcome }) => outcome),
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
  type End = (ledger: Ledger, record: UsageRecord, begin: Begin) => Ledger;
  const expire: End = (ledger, record) => {
    ledger.write(() => ledger.settle(record, answer('expired'), 1));
    return ledger;
  };
  /** How the second attempt ends without an answer; gives the ledger of the run that learns it. */
  const ENDS: readonly (readonly [name: string, end: End])[] = [
    [
      'in the plan',
      (ledger, { timestamp }) => {
        ledger.expireHour(timestamp, 'too old');
        return ledger;
      },
    ],
    ['before it leaves', expire],
    [
      'after it was begun and held up',
      ledger => {
        send(ledger, () => answer('expired'));
        return ledger;
      },
    ],
    [
      'in a later run',
      (ledger, record, begin) => {
        ended(ledger, () => answer('unsent'));
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
            const ledger = end(planned, next, begin);
            const settled = [...ledger.results.outcomes()];
            assert.deepEqual(
              settled.map(({ record, outcome }) => [record.quantity, outcome]),
              [[42, answer(status)]],
            );
            finish(ledger);
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
          const draft = drafted(ledger, [sampleRecord({ quantity: 42 })], NEW);
          if (isCompared) draft.adoptKnown();
          draft.drop(sampleRecord());
          if (!isCompared) draft.adoptKnown();
          draft.findConflicts();
          ledger.commitPlan();
          assert.deepEqual(outcomesOf(ledger), []);
          finish(ledger);
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
      const ledger = ended(begin([sampleRecord()], NEW), () => answer('accepted'));
      assert.deepEqual(outcomesOf(ledger), ['accepted 42 new.csv:2']);
      assert.deepEqual(outcomesOf(begin([sampleRecord()], NEW)), ['already-recorded 42 new.csv:2']);
    });
  });

  test('what was never answered is expired', () => {
    withRuns(begin => {
      ended(begin([sampleRecord()]), () => answer('expired'));
      const ledger = begin([sampleRecord()], NEW);
      ledger.expireHour(TEN, 'too old');
      assert.deepEqual(outcomesOf(ledger), ['expired 42 new.csv:2']);
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
    assert.deepEqual(pruneLedger(path, TEN + 400 * 86_400, false), { records: 1, runs: 0, open: 3 });
    const ledger = begin([], NEW);
    assert.deepEqual(pendingOf(ledger), ['unknown 1 run 1, usage.csv:3', 'planned 3 run 1, usage.csv:5']);
    assert.equal(ledger.results.leftBehind().stuck, 1);
  });
});
