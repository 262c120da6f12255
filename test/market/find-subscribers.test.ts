import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../src/errors.ts';
import { AGREEMENTS } from '../../src/market/agreement-api.ts';
import { findSubscribers } from '../../src/market/find-subscribers.ts';
import { awsReply } from '../metering/setup.ts';
import { callerWith } from './setup.ts';

const NOW = Date.parse('2026-11-22T10:30:00Z');
const QUESTION = { since: NOW - 3_600_000, until: NOW, now: NOW, productId: undefined };

const summary = (agreementId: string, more: object = {}): object => ({
  agreementId,
  status: 'ACTIVE',
  acceptor: { accountId: '111122223333' },
  startTime: 1_700_000_000,
  proposalSummary: { resources: [{ id: 'prod-1', type: 'SaaSProduct' }], offerId: 'offer-1' },
  ...more,
});

const found = (...summaries: object[]) => awsReply({ agreementViewSummaries: summaries });
const TERMS = awsReply({
  acceptedTerms: [{ usageBasedPricingTerm: { rateCards: [{ rateCard: [{ dimensionKey: 'd' }] }] } }],
});

const products = { describe: async (id: string) => ({ id, code: 'code', title: undefined, dimensions: [] }) };

const failing = (code: string) => ({
  describe: async (): Promise<never> => {
    const facts = { kind: 'call', operation: 'DescribeEntity', maybeDelivered: false } as const;
    throw new ServiceError('No.', { ...facts, code });
  },
});

test('an agreement that ends while it is searched for counts as ended', async () => {
  const ended = summary('a', { status: 'CANCELLED', lastUpdateTime: NOW / 1000 - 60 });
  const parts = callerWith(AGREEMENTS, [found(summary('a')), found(), found(ended), TERMS]);
  const { subscribers } = await findSubscribers(QUESTION, products, parts);
  assert.deepEqual(
    subscribers.map(({ status, untilMs, dimensions }) => [status, untilMs, dimensions]),
    [['CANCELLED', NOW - 60_000, ['d']]],
  );
});

test('agreements for other types of products are counted, and their terms are not asked for', async () => {
  const other = summary('b', { proposalSummary: { resources: [{ id: 'prod-2', type: 'AmiProduct' }] } });
  const parts = callerWith(AGREEMENTS, [found(other), found(), found()]);
  assert.deepEqual(await findSubscribers(QUESTION, products, parts), { subscribers: [], otherTypes: 1 });
  assert.equal(parts.sent.length, 3);
});

test('a product of another seller has no known code; another error ends the search', async () => {
  const replies = [found(summary('a')), found(), found(), TERMS];
  const resold = failing('ResourceNotFoundException');
  const { subscribers } = await findSubscribers(QUESTION, resold, callerWith(AGREEMENTS, replies));
  assert.deepEqual(
    subscribers.map(({ productCode }) => productCode),
    [undefined],
  );
  const denied = failing('AccessDeniedException');
  await assert.rejects(findSubscribers(QUESTION, denied, callerWith(AGREEMENTS, replies)), {
    code: 'AccessDeniedException',
  });
});

test('twenty thousand agreements of one offer need one question about terms', async () => {
  const pages = Array.from({ length: 400 }, (_, page) =>
    awsReply({
      agreementViewSummaries: Array.from({ length: 50 }, (_, place) => summary(`${page}-${place}`)),
      ...(page < 399 && { nextToken: `${page}` }),
    }),
  );
  const parts = callerWith(AGREEMENTS, [...pages, found(), found(), TERMS]);
  const { subscribers } = await findSubscribers(QUESTION, products, parts);
  assert.equal(subscribers.length, 20_000);
  assert.equal(parts.sent.length, 403);
});
