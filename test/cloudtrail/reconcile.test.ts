import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { FoundRecord } from '../../src/cloudtrail/finding.ts';
import { sampled } from '../helpers/volume.ts';
import { histories } from './histories.ts';
import { nameOf, reconciled, record } from './setup.ts';

const nameIn = (found: FoundRecord): string =>
  nameOf(
    record({
      timestamp: Date.parse(found.Timestamp) / 1000,
      dimension: found.Dimension,
      customerAWSAccountId: found.CustomerAWSAccountId,
      customerIdentifier: found.CustomerIdentifier,
      licenseArn: found.LicenseArn,
      productCode: found.ProductCode,
    }),
  );

describe('reconciling a random history', () => {
  test('finds exactly what was injected', () => {
    fc.assert(
      fc.property(histories, ({ ledger, events, expected, agreed }) => {
        const found = reconciled(ledger, events);
        const names = found.differences.map(one => [nameIn(one), one.kind] as const);
        assert.deepEqual(names.toSorted(), [...expected].toSorted());
        assert.equal(found.open.length, 0);
        assert.equal(found.agreed.length, agreed);
        assert.equal(found.ledgerRecords, ledger.length);
      }),
      { numRuns: sampled(500) },
    );
  });

  test('finds the same in whatever order the events come', () => {
    fc.assert(
      fc.property(histories, ({ ledger, events }) => {
        const tell = (values: readonly unknown[]) => {
          const { differences, agreed } = reconciled(ledger, values);
          return [...differences, ...agreed].map(one => [nameIn(one), one.kind]);
        };
        assert.deepEqual(tell(events), tell(events.toReversed()));
      }),
      { numRuns: sampled(100) },
    );
  });
});
