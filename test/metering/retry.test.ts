import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ServiceErrorKind } from '../../src/errors.ts';
import { backoffMs, createRetryBudget, isRetryable, type RetryKind } from '../../src/metering/retry.ts';

const CEILINGS: readonly (readonly [kind: RetryKind, failures: number, ms: number])[] = [
  ['unavailable', 1, 200],
  ['unavailable', 2, 400],
  ['unavailable', 7, 12_800],
  ['unavailable', 8, 20_000],
  ['unavailable', 5000, 20_000],
  ['throttled', 1, 1000],
  ['throttled', 2, 2000],
  ['throttled', 5, 16_000],
  ['throttled', 6, 20_000],
  ['throttled', 5000, 20_000],
];

for (const [kind, failures, ms] of CEILINGS) {
  test(`after ${failures} failures (${kind}) the pause is anything up to ${ms} ms`, () => {
    assert.deepEqual(
      [0, 0.5, 1].map(random => backoffMs(kind, failures, random)),
      [0, ms / 2, ms],
    );
  });
}

const HINTS: readonly (readonly [header: string | undefined, ms: number])[] = [
  [undefined, 0],
  ['', 0],
  ['0', 0],
  ['2', 2000],
  ['007', 7000],
  ['59', 59_000],
  ['60', 60_000],
  ['61', 60_000],
  ['3600', 60_000],
  ['99999999999999999999', 60_000],
  ['9'.repeat(400), 60_000],
  ['-1', 0],
  ['1.5', 0],
  ['1e3', 0],
  ['0x10', 0],
  [' 2', 0],
  ['2 seconds', 0],
  ['2, 3', 0],
  ['Sun, 22 Nov 2026 10:31:00 GMT', 0],
  ['NaN', 0],
  ['Infinity', 0],
];

for (const [header, ms] of HINTS) {
  const shown = header !== undefined && header.length > 40 ? `${header.slice(0, 40)}…` : header;
  test(`Retry-After ${JSON.stringify(shown)} asks for ${ms} ms`, () => {
    assert.equal(backoffMs('unavailable', 1, 0, header), ms);
    assert.equal(backoffMs('throttled', 1, 0, header), ms);
  });
}

test('a hint shorter than the back-off does not shorten it', () => {
  assert.equal(backoffMs('throttled', 5, 1, '2'), 16_000);
});

test('no pause is longer than a minute or shorter than nothing, whatever the server says', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<RetryKind>('throttled', 'unavailable'),
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.option(fc.oneof(fc.string(), fc.nat().map(String), fc.float().map(String)), { nil: undefined }),
      (kind, failures, random, header) => {
        const ms = backoffMs(kind, failures, random, header);
        assert.ok(ms >= 0 && ms <= 60_000, `${ms}`);
      },
    ),
  );
});

const KINDS: Readonly<Record<ServiceErrorKind, boolean>> = {
  throttled: true,
  unavailable: true,
  clock: false,
  'stale-credentials': false,
  credentials: false,
  record: false,
  call: false,
};

for (const [kind, retried] of Object.entries(KINDS)) {
  test(`a failure of kind ${kind} is ${retried ? '' : 'not '}simply tried again`, () => {
    assert.equal(isRetryable(kind as ServiceErrorKind), retried);
  });
}

const spentOf = (budget: ReturnType<typeof createRetryBudget>, kind: RetryKind): number => {
  let retries = 0;
  while (budget.spend(kind) > 0) retries += 1;
  return retries;
};

test('in a total outage all calls together have 32 retries, and 89 when throttled', () => {
  assert.equal(spentOf(createRetryBudget(), 'unavailable'), 32);
  assert.equal(spentOf(createRetryBudget(), 'throttled'), 89);
});

test('what is too dear is refused, what is cheaper may still be had', () => {
  const budget = createRetryBudget();
  budget.spend('throttled');
  assert.equal(spentOf(budget, 'unavailable'), 31);
  assert.equal(spentOf(budget, 'throttled'), 1);
});

test('a retry that led to success is given back, so that trouble that passes never ends a run', () => {
  const budget = createRetryBudget();
  for (let call = 0; call < 10_000; call += 1) {
    const spent = budget.spend(call % 2 === 0 ? 'unavailable' : 'throttled');
    assert.ok(spent > 0);
    budget.refund(spent);
  }
  assert.equal(spentOf(budget, 'unavailable'), 32);
});

test('success without a retry gives a little back, and never more than there was', () => {
  const budget = createRetryBudget();
  spentOf(budget, 'unavailable');
  for (let call = 0; call < 14; call += 1) budget.refund(0);
  assert.equal(budget.spend('unavailable'), 14);
  for (let call = 0; call < 10_000; call += 1) budget.refund(0);
  assert.equal(spentOf(budget, 'unavailable'), 32);
});
