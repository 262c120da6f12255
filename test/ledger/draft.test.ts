import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { keyText, sameUsage } from '../../src/usage/key.ts';
import type { Status } from '../../src/usage/outcome.ts';
import { scopeOf } from '../../src/usage/scope.ts';
import { sampled } from '../helpers/volume.ts';
import { LICENSE, sampleRecord, TEN } from '../usage/samples.ts';
import {
  drafted,
  finish,
  newPath,
  outcome,
  outcomesOf,
  plannedRun,
  sentAll,
  uploaded,
  withLedger,
} from './setup.ts';

/** What the second run is told of its records, after a first one that ended like this. */
const secondRun = (
  first: (ledger: Ledger) => unknown,
  second: Parameters<typeof drafted>[1],
  facts: Parameters<typeof drafted>[2] = {},
): { outcomes: string[]; planned: number; unknown: number; reasons: (string | undefined)[] } =>
  withLedger(newPath(), ledger => {
    first(ledger);
    const run = plannedRun(ledger, second, facts);
    return {
      outcomes: outcomesOf(run),
      planned: [...run.pending('planned')].length,
      unknown: [...run.pending('unknown')].length,
      reasons: [...run.results.outcomes()].map(({ outcome }) => outcome.reason),
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
    const first = (ledger: Ledger): unknown => uploaded(ledger, [ACCOUNT], () => status);
    const file = { files: ['b.csv'] };
    assert.deepEqual(secondRun(first, [ACCOUNT], file).outcomes, [`${same} 42 b.csv:2`]);
    const [edited, ...left] = secondRun(first, [sampleRecord({ quantity: 43 })], file).outcomes;
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
  const first = (ledger: Ledger): unknown => uploaded(ledger, [tagged('IT')]);
  assert.deepEqual(secondRun(first, [tagged('IT')]).outcomes, ['already-recorded 42 usage.csv:2']);
  const { outcomes: said, reasons } = secondRun(first, [tagged('HR')]);
  assert.deepEqual(said, ['conflict 42 usage.csv:2']);
  assert.match(
    reasons[0] ?? '',
    /^the ledger has 42 with other allocations, billed on 2026-11-22T10:30:00Z;/,
  );
});

test('a conflict says both quantities and when the first was billed', () => {
  const { reasons } = secondRun(ledger => uploaded(ledger, [ACCOUNT]), [sampleRecord({ quantity: 7 })]);
  assert.deepEqual(reasons, [
    'the ledger has 42, billed on 2026-11-22T10:30:00Z; the first quantity stays billed; reported 7, difference -35',
  ]);
});

describe('the same usage with a license and with a product code', () => {
  const productless = { ...LICENSED, productCode: undefined };
  const otherProduct = { ...LICENSED, productCode: 'another' };

  test('in one input is told as one group, each record with all its rows', () => {
    withLedger(undefined, ledger => {
      const run = drafted(ledger, [ACCOUNT, LICENSED, OTHER, LICENSED]);
      assert.deepEqual(
        run.draft.doubleBilled().map(records => records.map(({ rows }) => rows.map(({ line }) => line))),
        [[[3, 5], [2]]],
      );
    });
  });

  test('a license without a product clashes with every product code, told once', () => {
    withLedger(undefined, ledger => {
      const run = drafted(ledger, [productless, ACCOUNT, sampleRecord({ productCode: 'another' })]);
      const groups = run.draft.doubleBilled();
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
      assert.deepEqual(drafted(ledger, [ACCOUNT, otherProduct]).draft.doubleBilled(), []),
    );
  });

  for (const [name, before, after] of [
    ['a license after a product code', ACCOUNT, LICENSED],
    ['a product code after a license', LICENSED, ACCOUNT],
    ['a license without a product after a product code', ACCOUNT, productless],
  ] as const) {
    test(`${name} that was billed is a conflict`, () => {
      const { outcomes: said, planned } = secondRun(ledger => uploaded(ledger, [before]), [after, OTHER]);
      assert.deepEqual([said[0], planned], ['conflict 42 usage.csv:2', 1]);
    });

    test(`${name} that was refused is not`, () => {
      const { planned } = secondRun(ledger => uploaded(ledger, [before], () => 'refused'), [after]);
      assert.equal(planned, 1);
    });

    test(`${name} that was planned and never sent clashes like two new ones`, () => {
      withLedger(newPath(), ledger => {
        uploaded(ledger, [before], () => 'unsent');
        const run = drafted(ledger, [before, after, OTHER]);
        run.draft.adoptKnown();
        const [clash = [], ...others] = run.draft.doubleBilled();
        assert.deepEqual([clash.length, others.length], [2, 0]);
        for (const { record } of clash) run.draft.drop(record);
        run.draft.findConflicts();
        run.commit();
        assert.deepEqual(outcomesOf(run), ['unsent 42 usage.csv:4']);
      });
    });
  }
});

test('two records are billed twice exactly if they have different keys and are the same usage', () => {
  const OTHER_LICENSE = `${LICENSE}-other`;
  const records = fc
    .record({
      licenseArn: fc.constantFrom(undefined, LICENSE, OTHER_LICENSE),
      productCode: fc.constantFrom('p', 'q', undefined),
      dimension: fc.constantFrom('gb', 'users'),
      timestamp: fc.constantFrom(TEN, TEN - 3600),
      customerAWSAccountId: fc.constantFrom('111122223333', '444455556666'),
    })
    .map(({ productCode, ...members }) =>
      sampleRecord({
        ...members,
        productCode: members.licenseArn === undefined ? (productCode ?? 'p') : productCode,
      }),
    );
  fc.assert(
    fc.property(records, records, (a, b) => {
      const expected = keyText(a) !== keyText(b) && sameUsage(a, b);
      withLedger(undefined, ledger => {
        const { draft } = drafted(ledger, [a, b]);
        assert.equal(draft.doubleBilled().length > 0, expected);
      });
    }),
    { numRuns: sampled(150) },
  );
});

test('the same key through another Region is a conflict, through another endpoint it is not', () => {
  const first = (ledger: Ledger): unknown => uploaded(ledger, [ACCOUNT]);
  const { outcomes: said, reasons } = secondRun(first, [ACCOUNT], { region: 'eu-west-1' });
  assert.deepEqual(said, ['conflict 42 usage.csv:2']);
  assert.match(reasons[0] ?? '', /^already sent to us-east-1:/);
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
    (ledger: Ledger): unknown =>
      uploaded(ledger, [ACCOUNT], undefined, at(url));

  for (const name of NAMES)
    test(name, () => {
      for (const [first, second] of NAMES.flatMap(one => [
        [one, name],
        [name, one],
      ]) as [string, string][]) {
        const run = (record: typeof ACCOUNT) => secondRun(billedAt(first), [record], at(second));
        assert.deepEqual(run(ACCOUNT).outcomes, ['already-recorded 42 usage.csv:2']);
        assert.deepEqual(run(sampleRecord({ quantity: 43 })).outcomes, ['conflict 43 usage.csv:2']);
        assert.deepEqual(run(LICENSED).outcomes, ['conflict 42 usage.csv:2']);
      }
      const elsewhere = at('https://vpce-9-z.metering-marketplace.eu-west-1.vpce.amazonaws.com/');
      const { outcomes: said, reasons } = secondRun(billedAt(name), [ACCOUNT], elsewhere);
      assert.deepEqual(said, ['conflict 42 usage.csv:2']);
      assert.match(reasons[0] ?? '', /^already sent to us-east-1:/);
    });

  test('what only looks like it is another', () => {
    const other = at('https://metering.marketplace.us-east-1.amazonaws.com.evil.example/');
    const { outcomes: said } = secondRun(billedAt(NAMES[0] ?? ''), [sampleRecord({ quantity: 43 })], other);
    assert.deepEqual(said, ['unsent 43 usage.csv:2']);
  });

  test('another endpoint is one place with a slash at the end of its path and without', () => {
    const first = billedAt('https://host.example/base');
    const { outcomes: said } = secondRun(
      first,
      [sampleRecord({ quantity: 43 })],
      at('https://host.example/base/'),
    );
    assert.deepEqual(said, ['conflict 43 usage.csv:2']);
  });
});

test('what an earlier run left open is compared with the other mode, whatever the input has', () => {
  for (const input of [[], [CUSTOMER], [ACCOUNT_ELSEWHERE], [LICENSED_ELSEWHERE]]) {
    const { outcomes } = secondRun(ledger => {
      uploaded(ledger, [ACCOUNT], () => 'unsent', { files: ['open.csv'] });
      const run = drafted(ledger, [LICENSED]);
      run.draft.adoptKnown();
      run.draft.findConflicts(true);
      run.commit();
      sentAll(run, () => outcome('accepted'));
      finish(run);
    }, input);
    assert.equal(outcomes[0], 'conflict 42 open.csv:2', `${input.length}`);
  }
});

const CUSTOMER = sampleRecord({ customerAWSAccountId: undefined, customerIdentifier: 'ifAPi5AcF3' });
const ACCOUNT_ELSEWHERE = sampleRecord({ dimension: 'elsewhere' });
const LICENSED_ELSEWHERE = sampleRecord({ dimension: 'elsewhere', licenseArn: LICENSE });

test('what was refused in another Region may be sent here', () => {
  const first = (ledger: Ledger): unknown => uploaded(ledger, [ACCOUNT], () => 'refused');
  assert.equal(secondRun(first, [ACCOUNT], { region: 'eu-west-1' }).planned, 1);
});

test('rows of one key are kept apart until they are merged, in the order of the input', () => {
  withLedger(undefined, ledger => {
    const rows = [ACCOUNT, OTHER, sampleRecord({ quantity: 1 }), sampleRecord({ quantity: 2 })];
    const run = drafted(ledger, rows);
    const groups = [...run.draft.duplicates()];
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
    run.draft.merge(sampleRecord({ quantity: 45 }));
    run.draft.adoptKnown();
    run.draft.findConflicts();
    run.commit();
    assert.deepEqual(outcomesOf(run), [
      'unsent 45 usage.csv:2 usage.csv:4 usage.csv:5',
      'unsent 42 usage.csv:3',
    ]);
  });
});

test('what is merged again is compared as a whole', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, [sampleRecord({ quantity: 3 })]);
    const run = drafted(ledger, [sampleRecord({ quantity: 1 }), sampleRecord({ quantity: 2 })]);
    assert.equal([...run.draft.duplicates()].length, 1);
    run.draft.merge(sampleRecord({ quantity: 3 }));
    run.draft.adoptKnown();
    run.draft.findConflicts();
    run.commit();
    assert.deepEqual(outcomesOf(run), ['already-recorded 3 usage.csv:2 usage.csv:3']);
  });
});

test('the rows of one run are forgotten in the next', () => {
  withLedger(newPath(), ledger => {
    for (const round of [1, 2]) {
      const run = drafted(ledger, [sampleRecord(), sampleRecord()]);
      assert.deepEqual(
        [...run.draft.duplicates()].map(group => group.length),
        [2],
        `run ${round}`,
      );
      run.abandon();
    }
  });
});

test('what is dropped leaves no row behind, beside an unknown record of the same key', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, [ACCOUNT], () => undefined, { files: ['a.csv'] });
    const run = drafted(ledger, [ACCOUNT, ACCOUNT], { files: ['b.csv'] });
    for (const [first] of run.draft.duplicates()) run.draft.drop(first.record);
    run.draft.adoptKnown();
    run.draft.findConflicts();
    run.commit();
    assert.deepEqual(outcomesOf(run), ['unknown 42 a.csv:2']);
  });
});

test('the rows of a conflict are not those of the unknown record it contradicts', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, [ACCOUNT], () => undefined, { files: ['a.csv'] });
    const run = drafted(ledger, [ACCOUNT, ACCOUNT], { files: ['b.csv'] });
    for (const [first] of run.draft.duplicates()) run.draft.merge({ ...first.record, quantity: 84 });
    run.draft.adoptKnown();
    run.draft.findConflicts();
    run.commit();
    assert.deepEqual(outcomesOf(run), ['conflict 84 b.csv:2 b.csv:3', 'unknown 42 a.csv:2']);
  });
});

test('records near the size of a request are found, also when they come again', () => {
  const many = Array.from({ length: 2500 }, (_, index) => ({
    allocatedUsageQuantity: 0,
    tags: [{ key: 'Dept', value: `${index} ${'x'.repeat(200)}` }],
  }));
  const large = sampleRecord({ quantity: 0, usageAllocations: many, timestamp: TEN - 3600 });
  withLedger(newPath(), ledger => {
    const first = drafted(ledger, [ACCOUNT, large]);
    assert.deepEqual(
      [...first.draft.large()].map(({ rows }) => rows[0]?.line),
      [3],
    );
    first.abandon();
    uploaded(ledger, [large], () => 'unsent');
    const run = drafted(ledger, [large]);
    run.draft.adoptKnown();
    assert.equal([...run.draft.large()].length, 1);
    run.abandon();
  });
});
