import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CredentialsError, ServiceError } from '../../src/errors.ts';
import { NetworkError } from '../../src/metering/network-error.ts';
import { createRetryBudget } from '../../src/metering/retry.ts';
import { createRetryDecision, type RetryDecision } from '../../src/metering/retry-decision.ts';
import type { HttpReply } from '../../src/metering/transport.ts';
import { awsError, METERED } from './setup.ts';

const decisionWith = (
  options: Partial<Parameters<typeof createRetryDecision>[0]> = {},
): { decision: RetryDecision; calls: string[] } => {
  const calls: string[] = [];
  const decision = createRetryDecision({
    operation: 'MeterUsage',
    onlyReads: false,
    url: new URL('https://metering.example/'),
    budget: createRetryBudget(),
    pace: { throttled: () => void calls.push('throttled') },
    world: { monotonic: () => 0, random: () => 0.5 },
    giveUpAt: 60_000,
    minAttemptMs: 1_000,
    correctClock: () => calls.push('clock') > 0,
    refreshCredentials: () => void calls.push('refresh'),
    ...options,
  });
  return { decision, calls };
};

const SILENCE = new NetworkError('no reply', { code: 'Timeout', sent: true });
const SKEWED = awsError('RequestExpired');
const EXPIRED = awsError('ExpiredTokenException');

describe('what to do after an attempt', () => {
  const RETRY = { kind: 'retry' };
  const CASES: readonly (readonly [
    name: string,
    replies: readonly (HttpReply | NetworkError)[],
    last: object,
    calls: readonly string[],
  ])[] = [
    ['throttling', [awsError('ThrottlingException')], { ...RETRY, delayMs: 500 }, ['throttled']],
    ['a second failure waits longer', [SILENCE, SILENCE], { ...RETRY, delayMs: 200 }, []],
    ['a wrong clock is corrected once', [SKEWED], { ...RETRY, delayMs: undefined }, ['clock']],
    ['a clock that stays wrong', [SKEWED, SKEWED], { kind: 'give-up' }, ['clock']],
    ['credentials are refreshed once', [EXPIRED], { ...RETRY, delayMs: undefined }, ['refresh']],
    ['credentials that stay expired', [EXPIRED, EXPIRED], { kind: 'give-up' }, ['refresh']],
    ['an error that no retry cures', [awsError('AccessDeniedException')], { kind: 'give-up' }, []],
  ];
  for (const [name, replies, last, expected] of CASES) {
    test(name, () => {
      const { decision, calls } = decisionWith();
      const steps = replies.map(reply => decision.next(reply, false));
      const { because: _, ...step } = { because: undefined, ...steps.at(-1) };
      assert.deepEqual(step, last);
      assert.deepEqual(calls, expected);
    });
  }

  test('a result is returned', () => {
    assert.deepEqual(decisionWith().decision.next(METERED, true), { kind: 'return' });
  });

  test('without time for another attempt the call ends', () => {
    const { decision } = decisionWith({ giveUpAt: 1_050 });
    assert.deepEqual(decision.next(SILENCE, false), { kind: 'give-up' });
  });

  test('without a budget the call ends', () => {
    const { decision } = decisionWith({ budget: { spend: () => 0, refund: () => {} } });
    assert.deepEqual(decision.next(SILENCE, false), { kind: 'give-up' });
  });
});

test('an attempt that may have been delivered is not forgotten', () => {
  const { decision } = decisionWith();
  const lost = new CredentialsError('no credentials');
  assert.equal(decision.preservingDelivery(lost), lost);
  decision.next(SILENCE, false);
  decision.next(awsError('ThrottlingException'), false);
  assert.equal(decision.maybeDelivered(), true);
  assert.equal(decision.error().maybeDelivered, true);
  const kept = decision.preservingDelivery(lost);
  assert.ok(kept instanceof ServiceError);
  assert.deepEqual([kept.kind, kept.maybeDelivered, kept.cause], ['credentials', true, lost]);
  const other = new Error('other');
  assert.equal(decision.preservingDelivery(other), other);
});

test('a call that only reads has not acted, whatever came of it', () => {
  for (const onlyReads of [false, true]) {
    const { decision } = decisionWith({ onlyReads });
    decision.next(SILENCE, false);
    assert.deepEqual([decision.maybeDelivered(), decision.error().maybeDelivered], [!onlyReads, !onlyReads]);
  }
});
