import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Run } from '../../src/ledger/run.ts';
import { HOUR_SECONDS } from '../../src/usage/hours.ts';
import { type Identity, keyText, sameUsage } from '../../src/usage/key.ts';
import type { Status } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { sampled } from '../helpers/volume.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';
import { drafted, newPath, uploaded, withLedger } from './setup.ts';

// The SQL that looks for usage that AWS would bill twice, held against `sameUsage`.

const ACCOUNTS = ['111122223333', '444455556666'];
const PRODUCTS = ['p', 'q'];

/** A license belongs to one product, which the input may leave out. */
const LICENSES: readonly Pick<Identity, 'licenseArn' | 'productCode'>[] = [
  { licenseArn: 'arn:1', productCode: 'p' },
  { licenseArn: 'arn:2', productCode: 'p' },
  { licenseArn: 'arn:3', productCode: 'q' },
  { licenseArn: 'arn:4', productCode: undefined },
];

const IDENTITIES: readonly Identity[] = [
  ...ACCOUNTS.flatMap(customerAWSAccountId => [
    ...LICENSES.map(license => ({ customerAWSAccountId, ...license })),
    ...PRODUCTS.map(productCode => ({ customerAWSAccountId, productCode })),
  ]),
  ...PRODUCTS.map(productCode => ({ customerIdentifier: 'legacy', productCode })),
].map(identity => ({
  customerAWSAccountId: undefined,
  customerIdentifier: undefined,
  licenseArn: undefined,
  ...identity,
}));

const RECORD: fc.Arbitrary<UsageRecord> = fc
  .record({
    timestamp: fc.constantFrom(TEN, TEN - HOUR_SECONDS),
    dimension: fc.constantFrom('users', 'requests'),
    identity: fc.constantFrom(...IDENTITIES),
  })
  .map(({ timestamp, dimension, identity }) => sampleRecord({ timestamp, dimension, ...identity }));

const INPUT = fc.uniqueArray(RECORD, { selector: keyText, maxLength: 16 });

/** Two records that AWS would bill although they are one usage. One key twice is not that: AWS recognizes it. */
const isBilledTwice = (a: UsageRecord, b: UsageRecord): boolean =>
  keyText(a) !== keyText(b) && sameUsage(a, b);

const withTwin = (records: readonly UsageRecord[], others: readonly UsageRecord[]): UsageRecord[] =>
  records.filter(record => others.some(other => isBilledTwice(record, other)));

const keysOf = (records: readonly UsageRecord[]): string[] => records.map(keyText).sort();

const withStatus = (run: Run, status: Status): UsageRecord[] =>
  [...run.results.outcomes()].filter(({ outcome }) => outcome.status === status).map(({ record }) => record);

test('one input: each record with a twin is found, together with all of its twins', () => {
  fc.assert(
    fc.property(INPUT, input =>
      withLedger(undefined, ledger => {
        const groups = drafted(ledger, input)
          .draft.doubleBilled()
          .map(records => keysOf(records.map(({ record }) => record)));
        assert.deepEqual(groups.flat().sort(), keysOf(withTwin(input, input)));
        for (const record of withTwin(input, input)) {
          const group = groups.find(keys => keys.includes(keyText(record))) ?? [];
          for (const twin of withTwin(input, [record])) assert.ok(group.includes(keyText(twin)));
        }
      }),
    ),
    { numRuns: sampled(300) },
  );
});

test('a later input: a record with a twin that is billed is a conflict, and nothing else is', () => {
  fc.assert(
    fc.property(INPUT, INPUT, (first, second) => {
      const path = newPath();
      const billed = withLedger(path, ledger => {
        return withStatus(uploaded(ledger, first), 'accepted');
      });
      assert.deepEqual(withTwin(billed, billed), []);
      const billedKeys = new Set(keysOf(billed));
      const fresh = second.filter(record => !billedKeys.has(keyText(record)));
      const valid = fresh.filter(record => withTwin([record], fresh).length === 0);
      const conflicts = withTwin(valid, billed);

      withLedger(path, ledger => {
        const run = drafted(ledger, second);
        const { draft } = run;
        draft.adoptKnown();
        for (const { record } of draft.doubleBilled().flat()) draft.drop(record);
        draft.findConflicts();
        run.commit();
        const found = (status: Status): string[] => keysOf(withStatus(run, status));
        assert.deepEqual(found('already-recorded'), keysOf(second.filter(record => !fresh.includes(record))));
        assert.deepEqual(found('conflict'), keysOf(conflicts));
        assert.deepEqual(found('unsent'), keysOf(valid.filter(record => !conflicts.includes(record))));
      });
    }),
    { numRuns: sampled(60) },
  );
});
