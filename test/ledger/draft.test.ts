import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Status } from '../../src/usage/outcome.ts';
import { scopeOf } from '../../src/usage/scope.ts';
import { LICENSE, sampleRecord, TEN } from '../usage/samples.ts';
import { drafted, newPath, plannedRun, told, uploaded, withLedger } from './setup.ts';

/** What the second run is told of its records, after a first one that ended like this. */
const secondRun = (
  first: (ledger: Ledger) => void,
  second: Parameters<typeof drafted>[1],
  facts: Parameters<typeof drafted>[2] = {},
): { told: string[]; planned: number; unknown: number; reasons: (string | undefined)[] } =>
  withLedger(newPath(), ledger => {
    first(ledger);
    plannedRun(ledger, second, facts);
    return {
      told: told(ledger),
      planned: [...ledger.pending('planned')].length,
      unknown: [...ledger.pending('unknown')].length,
      reasons: [...ledger.results.outcomes()].map(({ outcome }) => outcome.reason),
    };
  });

const ACCOUNT = sampleRecord();
const LICENSED = sampleRecord({ licenseArn: LICENSE });
const OTHER = sampleRecord({ dimension: 'users' });

/** The same record again after each status, and then with another quantity. */
const AGAIN: readonly (readonly [Status | undefined, same: string, other: string])[] = [
  ['accepted', 'already-recorded', 'conflict'],
  ['already-recorded', 'already-recorded', 'conflict'],
  ['duplicate', 'unsent', 'conflict'],
  ['unknown', 'unknown', 'conflict'],
  [undefined, 'unknown', 'conflict'],
  ['unsent', 'unsent', 'unsent'],
  ['refused', 'unsent', 'unsent'],
  ['not-subscribed', 'unsent', 'unsent'],
  ['expired', 'unsent', 'unsent'],
];

for (const [status, same, other] of AGAIN) {
  test(`what ended as ${status ?? 'sent, without an answer'} comes again as ${same}, with another quantity as ${other}`, () => {
    const first = (ledger: Ledger): void => uploaded(ledger, [ACCOUNT], () => status);
    const file = { files: ['b.csv'] };
    assert.deepEqual(secondRun(first, [ACCOUNT], file).told, [`${same} 42 b.csv:2`]);
    const [edited, ...left] = secondRun(first, [sampleRecord({ quantity: 43 })], file).told;
    assert.equal(edited, `${other} 43 b.csv:2`);
    // What may have been sent is sent again as it was, whatever the file says now.
    assert.deepEqual(left, same === 'unknown' ? ['unknown 42 usage.csv:2'] : []);
  });
}

test('other allocations of the same quantity are a conflict; the same are not', () => {
  const tagged = (value: string) =>
    sampleRecord({
      usageAllocations: [{ allocatedUsageQuantity: 42, tags: [{ key: 'Dept', value }] }],
    });
  const first = (ledger: Ledger): void => uploaded(ledger, [tagged('IT')]);
  assert.deepEqual(secondRun(first, [tagged('IT')]).told, ['already-recorded 42 usage.csv:2']);
  const { told: said, reasons } = secondRun(first, [tagged('HR')]);
  assert.deepEqual(said, ['conflict 42 usage.csv:2']);
  assert.match(
    reasons[0] ?? '',
    /^the ledger has 42 with other allocations, billed on 2026-11-22T10:30:00Z;/,
  );
});

test('a conflict says both quantities and when the first was billed', () => {
  const { reasons } = secondRun(ledger => uploaded(ledger, [ACCOUNT]), [sampleRecord({ quantity: 7 })]);
  assert.deepEqual(reasons, [
    'the ledger has 42, billed on 2026-11-22T10:30:00Z; the first quantity stays billed',
  ]);
});

describe('the same usage with a license and with a product code', () => {
  const productless = { ...LICENSED, productCode: undefined };
  const otherProduct = { ...LICENSED, productCode: 'another' };

  test('in one input is told as one group, each record with all its rows', () => {
    withLedger(undefined, ledger => {
      const draft = drafted(ledger, [ACCOUNT, LICENSED, OTHER, LICENSED]);
      assert.deepEqual(
        draft.doubleBilled().map(records => records.map(({ rows }) => rows.map(({ line }) => line))),
        [[[3, 5], [2]]],
      );
    });
  });

  test('a license without a product clashes with every product code, told once', () => {
    withLedger(undefined, ledger => {
      const draft = drafted(ledger, [productless, ACCOUNT, sampleRecord({ productCode: 'another' })]);
      const groups = draft.doubleBilled();
      assert.equal(groups.length, 1);
      assert.deepEqual(
        groups
          .flat()
          .map(({ rows }) => rows[0]?.line)
          .sort(),
        [2, 3, 4],
      );
    });
  });

  test('of two products does not clash', () => {
    withLedger(undefined, ledger =>
      assert.deepEqual(drafted(ledger, [ACCOUNT, otherProduct]).doubleBilled(), []),
    );
  });

  for (const [name, before, after] of [
    ['a license after a product code', ACCOUNT, LICENSED],
    ['a product code after a license', LICENSED, ACCOUNT],
    ['a license without a product after a product code', ACCOUNT, productless],
  ] as const) {
    test(`${name} that was billed is a conflict`, () => {
      const { told: said, planned } = secondRun(ledger => uploaded(ledger, [before]), [after, OTHER]);
      assert.deepEqual([said[0], planned], ['conflict 42 usage.csv:2', 1]);
    });

    test(`${name} that was refused is not`, () => {
      const { planned } = secondRun(ledger => uploaded(ledger, [before], () => 'refused'), [after]);
      assert.equal(planned, 1);
    });

    test(`${name} that was planned and never sent clashes like two new ones`, () => {
      withLedger(newPath(), ledger => {
        uploaded(ledger, [before], () => 'unsent');
        const draft = drafted(ledger, [before, after, OTHER]);
        draft.adoptKnown();
        const [clash = [], ...others] = draft.doubleBilled();
        assert.deepEqual([clash.length, others.length], [2, 0]);
        for (const { record } of clash) draft.drop(record);
        draft.findConflicts();
        ledger.commitPlan();
        assert.deepEqual(told(ledger), ['unsent 42 usage.csv:4']);
      });
    });
  }
});

test('the same key through another Region is a conflict, through another endpoint it is not', () => {
  const first = (ledger: Ledger): void => uploaded(ledger, [ACCOUNT]);
  const { told: said, reasons } = secondRun(first, [ACCOUNT], { region: 'eu-west-1' });
  assert.deepEqual(said, ['conflict 42 usage.csv:2']);
  assert.match(reasons[0] ?? '', /^it went to us-east-1 before/);
  assert.equal(secondRun(first, [ACCOUNT], { endpoint: 'http://127.0.0.1:4100/' }).planned, 1);
});

describe('AWS under another of its names is the same place', () => {
  const NAMES = [
    'https://metering.marketplace.us-east-1.amazonaws.com/',
    'https://metering.marketplace.us-east-1.amazonaws.com.:443/',
    'https://metering-marketplace.us-east-1.api.aws/',
    'https://metering.marketplace-fips.us-east-1.amazonaws.com/',
    'https://metering.marketplace-fips.us-east-1.api.aws/',
    'https://vpce-0123-abc.metering-marketplace.us-east-1.vpce.amazonaws.com/',
    'https://vpce-0123-abc-us-east-1a.metering-marketplace.us-east-1.vpce.amazonaws.com/',
  ];
  const at = (url: string) => scopeOf({ url: new URL(url), region: 'us-east-1' });
  const billedAt =
    (url: string) =>
    (ledger: Ledger): void =>
      uploaded(ledger, [ACCOUNT], undefined, at(url));

  for (const name of NAMES)
    test(name, () => {
      for (const [first, second] of NAMES.flatMap(one => [
        [one, name],
        [name, one],
      ]) as [string, string][]) {
        const run = (record: typeof ACCOUNT) => secondRun(billedAt(first), [record], at(second));
        assert.deepEqual(run(ACCOUNT).told, ['already-recorded 42 usage.csv:2']);
        assert.deepEqual(run(sampleRecord({ quantity: 43 })).told, ['conflict 43 usage.csv:2']);
        assert.deepEqual(run(LICENSED).told, ['conflict 42 usage.csv:2']);
      }
      const elsewhere = at('https://vpce-9-z.metering-marketplace.eu-west-1.vpce.amazonaws.com/');
      const { told: said, reasons } = secondRun(billedAt(name), [ACCOUNT], elsewhere);
      assert.deepEqual(said, ['conflict 42 usage.csv:2']);
      assert.match(reasons[0] ?? '', /^it went to us-east-1 before/);
    });

  test('what only looks like it is another', () => {
    const other = at('https://metering.marketplace.us-east-1.amazonaws.com.evil.example/');
    const { told: said } = secondRun(billedAt(NAMES[0] ?? ''), [sampleRecord({ quantity: 43 })], other);
    assert.deepEqual(said, ['unsent 43 usage.csv:2']);
  });

  test('another endpoint is one place with a slash at the end of its path and without', () => {
    const first = billedAt('https://host.example/base');
    const { told: said } = secondRun(
      first,
      [sampleRecord({ quantity: 43 })],
      at('https://host.example/base/'),
    );
    assert.deepEqual(said, ['conflict 43 usage.csv:2']);
  });
});

test('what was refused in another Region may be sent here', () => {
  const first = (ledger: Ledger): void => uploaded(ledger, [ACCOUNT], () => 'refused');
  assert.equal(secondRun(first, [ACCOUNT], { region: 'eu-west-1' }).planned, 1);
});

test('rows of one key are kept apart until they are merged, in the order of the input', () => {
  withLedger(undefined, ledger => {
    const rows = [ACCOUNT, OTHER, sampleRecord({ quantity: 1 }), sampleRecord({ quantity: 2 })];
    const draft = drafted(ledger, rows);
    const groups = [...draft.repeated()];
    assert.deepEqual(
      groups.map(group => group.map(({ record, place }) => [record.quantity, place.line])),
      [
        [
          [42, 2],
          [1, 4],
          [2, 5],
        ],
      ],
    );
    draft.merge(sampleRecord({ quantity: 45 }));
    draft.adoptKnown();
    draft.findConflicts();
    ledger.commitPlan();
    assert.deepEqual(told(ledger), [
      'unsent 45 usage.csv:2 usage.csv:4 usage.csv:5',
      'unsent 42 usage.csv:3',
    ]);
  });
});

test('what is merged again is compared as a whole', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, [sampleRecord({ quantity: 3 })]);
    const draft = drafted(ledger, [sampleRecord({ quantity: 1 }), sampleRecord({ quantity: 2 })]);
    assert.equal([...draft.repeated()].length, 1);
    draft.merge(sampleRecord({ quantity: 3 }));
    draft.adoptKnown();
    draft.findConflicts();
    ledger.commitPlan();
    assert.deepEqual(told(ledger), ['already-recorded 3 usage.csv:2 usage.csv:3']);
  });
});

test('the rows of one run are forgotten in the next', () => {
  withLedger(newPath(), ledger => {
    for (const run of [1, 2]) {
      const draft = drafted(ledger, [sampleRecord(), sampleRecord()]);
      assert.deepEqual(
        [...draft.repeated()].map(group => group.length),
        [2],
        `run ${run}`,
      );
      ledger.abandonPlan();
    }
  });
});

test('what is dropped leaves no row behind, beside an unknown record of the same key', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, [ACCOUNT], () => undefined, { files: ['a.csv'] });
    const draft = drafted(ledger, [ACCOUNT, ACCOUNT], { files: ['b.csv'] });
    for (const [first] of draft.repeated()) draft.drop(first.record);
    draft.adoptKnown();
    draft.findConflicts();
    ledger.commitPlan();
    assert.deepEqual(told(ledger), ['unknown 42 a.csv:2']);
  });
});

test('the rows of a conflict are not those of the unknown record it contradicts', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, [ACCOUNT], () => undefined, { files: ['a.csv'] });
    const draft = drafted(ledger, [ACCOUNT, ACCOUNT], { files: ['b.csv'] });
    for (const [first] of draft.repeated()) draft.merge({ ...first.record, quantity: 84 });
    draft.adoptKnown();
    draft.findConflicts();
    ledger.commitPlan();
    assert.deepEqual(told(ledger), ['conflict 84 b.csv:2 b.csv:3', 'unknown 42 a.csv:2']);
  });
});

test('records near the size of a request are found, also when they come again', () => {
  const many = Array.from({ length: 2500 }, (_, index) => ({
    allocatedUsageQuantity: 0,
    tags: [{ key: 'Dept', value: `${index} ${'x'.repeat(200)}` }],
  }));
  const large = sampleRecord({ quantity: 0, usageAllocations: many, timestamp: TEN - 3600 });
  withLedger(newPath(), ledger => {
    assert.deepEqual(
      [...drafted(ledger, [ACCOUNT, large]).large()].map(({ rows }) => rows[0]?.line),
      [3],
    );
    ledger.abandonPlan();
    uploaded(ledger, [large], () => 'unsent');
    const draft = drafted(ledger, [large]);
    draft.adoptKnown();
    assert.equal([...draft.large()].length, 1);
    ledger.abandonPlan();
  });
});
