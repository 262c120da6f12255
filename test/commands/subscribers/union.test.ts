import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofFile, ofLedger, unionOf } from '../../../src/commands/subscribers/union.ts';

const one = (dimension: string, from: number) => ({
  customerAWSAccountId: '111122223333',
  licenseArn: undefined,
  customerIdentifier: undefined,
  productCode: 'code',
  dimension,
  from,
  until: 36_000,
});

test('dimensions that end together are one subscriber, from the first of them on', () => {
  const ended = { subscriptions: [one('c', 0)], fromMs: undefined, untilMs: 9_000_000, problems: [] };
  const known = [ofLedger(one('a', 7200)), ofLedger(one('b', 3600)), ...ofFile(ended)];
  assert.deepEqual(
    [...unionOf([], known)].map(({ dimensions, fromMs, untilMs, sources }) => [
      dimensions,
      fromMs,
      untilMs,
      sources,
    ]),
    [
      [['a', 'b'], 3_600_000, undefined, ['ledger']],
      [['c'], undefined, 9_000_000, ['file']],
    ],
  );
});
