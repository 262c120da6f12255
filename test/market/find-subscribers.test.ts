import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ServiceError } from '../../src/errors.ts';
import { AGREEMENTS, type AgreementCaller } from '../../src/market/agreement-api.ts';
import type { MarketParts } from '../../src/market/agreements.ts';
import { findSubscribers } from '../../src/market/find-subscribers.ts';
import { testWorld } from '../helpers/world.ts';
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
    [...subscribers()].map(({ status, untilMs, dimensions }) => [status, untilMs, dimensions]),
    [['CANCELLED', NOW - 60_000, ['d']]],
  );
});

test('agreements for other types of products are counted, and their terms are not asked for', async () => {
  const other = summary('b', { proposalSummary: { resources: [{ id: 'prod-2', type: 'AmiProduct' }] } });
  const parts = callerWith(AGREEMENTS, [found(other), found(), found()]);
  const { subscribers, otherTypes } = await findSubscribers(QUESTION, products, parts);
  assert.deepEqual([[...subscribers()], otherTypes], [[], 1]);
  assert.equal(parts.sent.length, 3);
});

test('a product of another seller has no known code; another error ends the search', async () => {
  const replies = [found(summary('a')), found(), found(), TERMS];
  const resold = failing('ResourceNotFoundException');
  const { subscribers } = await findSubscribers(QUESTION, resold, callerWith(AGREEMENTS, replies));
  assert.deepEqual(
    [...subscribers()].map(({ productCode }) => productCode),
    [undefined],
  );
  const denied = failing('AccessDeniedException');
  await assert.rejects(findSubscribers(QUESTION, denied, callerWith(AGREEMENTS, replies)), {
    code: 'AccessDeniedException',
  });
});

test('agreements are listed by account, and those of one offer need one question about terms', async () => {
  const accounts = ['333333333333', '111111111111', '222222222222'];
  const agreements = accounts.map((accountId, place) =>
    summary(`${place}`, {
      acceptor: { accountId },
      proposalSummary: { resources: [{ id: 'prod-1' }], offerId: `offer-${place % 2}` },
    }),
  );
  const parts = callerWith(AGREEMENTS, [found(...agreements), found(), found(), TERMS]);
  const { subscribers } = await findSubscribers(QUESTION, products, parts);
  assert.deepEqual(
    [...subscribers()].map(({ account }) => account),
    accounts.toSorted(),
  );
  assert.equal(parts.sent.length, 5);
});

const PAGES = 200;

/** Ten thousand agreements that are made when they are asked for. Each has three thousand characters of its own. */
const MANY: MarketParts<Pick<AgreementCaller, 'call'>> = {
  caller: {
    call: async (operation: string, input: { readonly nextToken?: string }) => {
      const page = Number(input.nextToken ?? 0);
      const agreements = Array.from({ length: 50 }, (_, place) => {
        const more = { id: `${page}-${place}-`.padEnd(3000, 'x'), type: 'AmiProduct' };
        const resources = [{ id: 'prod-1', type: 'SaaSProduct' }, more];
        return summary(`${page}-${place}`, { proposalSummary: { resources, offerId: 'offer-1' } });
      });
      const body =
        operation === 'GetAgreementTerms'
          ? {
              acceptedTerms: [
                { usageBasedPricingTerm: { rateCards: [{ rateCard: [{ dimensionKey: 'd' }] }] } },
              ],
            }
          : {
              agreementViewSummaries: agreements,
              ...(page + 1 < PAGES && { nextToken: `${page + 1}` }),
            };
      return { output: AGREEMENTS.decode(operation as 'SearchAgreements', JSON.stringify(body)) };
    },
  } as unknown as AgreementCaller,
  world: testWorld(),
  giveUpAfterMs: 60_000,
};

test('ten thousand agreements are listed in flat memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  const { subscribers, close } = await findSubscribers(QUESTION, products, MANY);
  collect();
  const held = process.memoryUsage().heapUsed - before;
  assert.equal(
    subscribers().reduce(count => count + 1, 0),
    10_000,
  );
  close();
  // Their texts alone are 30 MB.
  assert.ok(held < 15_000_000, `${held}`);
});
