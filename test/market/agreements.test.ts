import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '../../src/errors.ts';
import { AGREEMENTS } from '../../src/market/agreement-api.ts';
import { createRateCards, searchAgreements } from '../../src/market/agreements.ts';
import { awsError, awsReply } from '../metering/setup.ts';
import { callerWith, taken } from './setup.ts';

const SINCE = Date.parse('2026-11-22T09:30:00.500Z');

const summary = (agreementId: string, more: object = {}): object => ({
  agreementId,
  status: 'ACTIVE',
  acceptor: { accountId: '111122223333' },
  startTime: 1_700_000_000.25,
  proposalSummary: { resources: [{ id: 'prod-1', type: 'SaaSProduct' }], offerId: 'offer-1' },
  entitlements: [{ licenseArn: 'arn:aws:license-manager::123456789012:license:l-1' }],
  somethingNew: { of: ['tomorrow'] },
  ...more,
});

const page = (ids: readonly string[], nextToken?: string | null) =>
  awsReply({ agreementViewSummaries: ids.map(id => summary(id)), nextToken });

const search = (replies: Parameters<typeof callerWith>[1], productId?: string) => {
  const parts = callerWith(AGREEMENTS, replies);
  return { ...parts, items: searchAgreements({ since: SINCE, productId }, parts) };
};

describe('searching agreements', () => {
  test('asks for what is active, what ends later, and what was changed since', async () => {
    const { items, sent } = search([page([])], 'prod-1');
    await taken(items);
    const bodies = sent.map(({ request }) => JSON.parse(request.body as string));
    assert.deepEqual(
      bodies.map(({ filters }) => filters[2]),
      [
        { name: 'Status', values: ['ACTIVE'] },
        { name: 'AfterEndTime', values: ['2026-11-22T09:30:00Z'] },
        { name: 'AfterLastUpdateTime', values: ['2026-11-22T09:30:00Z'] },
      ],
    );
    for (const { catalog, filters, maxResults } of bodies) {
      assert.deepEqual([catalog, maxResults], ['AWSMarketplace', 50]);
      assert.deepEqual(
        [filters[0], filters[1], filters[3]],
        [
          { name: 'PartyType', values: ['Proposer'] },
          { name: 'AgreementType', values: ['PurchaseAgreement'] },
          { name: 'ResourceIdentifier', values: ['prod-1'] },
        ],
      );
    }
    const [{ request } = assert.fail()] = sent;
    assert.deepEqual(
      [request.method, request.path, request.headers['content-type'], request.headers['x-amz-target']],
      ['POST', '/', 'application/x-amz-json-1.0', 'AWSMPCommerceService_v20200301.SearchAgreements'],
    );
    assert.match(request.headers['authorization'] ?? '', /\/us-east-1\/aws-marketplace\/aws4_request/);
  });

  test('turns the pages, five a second at most, and gives what it knows of each', async () => {
    const { items, sent } = search([page(['a', 'b'], 'x'), page([], 'y'), page(['c']), page([]), page([])]);
    const { found, error } = await taken(items);
    assert.equal(error, undefined);
    assert.deepEqual(
      found.map(({ id }) => id),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(found[0], {
      id: 'a',
      acceptor: '111122223333',
      licenses: ['arn:aws:license-manager::123456789012:license:l-1'],
      products: [{ id: 'prod-1', type: 'SaaSProduct' }],
      offerId: 'offer-1',
      status: 'ACTIVE',
      startMs: 1_700_000_000_250,
      endMs: undefined,
      updatedMs: undefined,
    });
    for (const [place, { atMs }] of sent.entries())
      assert.ok(place === 0 || atMs - (sent[place - 1]?.atMs ?? 0) >= 200);
  });

  for (const [what, tokens] of [
    ['leads to itself', ['a', 'a']],
    ['leads back to one long ago', ['a', 'b', 'c', 'b']],
  ] as const) {
    test(`ends when a page ${what}: the rest is not known`, async () => {
      const { items, sent } = search(tokens.map((token, place) => page([`${place}`], token)));
      const { error } = await taken(items);
      assert.ok(error instanceof ServiceError, String(error));
      assert.deepEqual([error.exitCode, error.operation], [5, 'SearchAgreements']);
      assert.equal(sent.length, tokens.length);
    });
  }

  test('ends when empty pages go on and on', async () => {
    const replies = Array.from({ length: 500 }, (_, place) => page([], `${place}`));
    const { items, sent } = search(replies);
    const { error } = await taken(items);
    assert.ok(error instanceof ServiceError, String(error));
    assert.match(error.because ?? '', /200 pages in a row were empty/);
    assert.equal(sent.length, 200);
  });

  for (const body of [
    '<html>',
    '[]',
    '{"agreementViewSummaries":{}}',
    '{"agreementViewSummaries":[{"status":"ACTIVE"}]}',
    '{"agreementViewSummaries":[{"agreementId":"a"}]}',
    '{"agreementViewSummaries":[{"agreementId":"a","status":"ACTIVE","acceptor":{"accountId":7}}]}',
    '{"agreementViewSummaries":[{"agreementId":"a","status":"ACTIVE","endTime":"soon"}]}',
    '{"agreementViewSummaries":[],"agreementViewSummaries":[]}',
    '{"nextToken":7}',
  ]) {
    test(`does not take this for an answer, which could hide a buyer: ${body}`, async () => {
      const parts = callerWith(AGREEMENTS, [awsReply(body)]);
      const { error } = await taken(
        searchAgreements({ since: SINCE, productId: undefined }, { ...parts, giveUpAfterMs: 2_000 }),
      );
      assert.ok(error instanceof ServiceError, String(error));
    });
  }

  for (const [code, kind, exitCode] of [
    ['AccessDeniedException', 'credentials', 6],
    ['ValidationException', 'record', 7],
  ] as const) {
    test(`ends with ${code}`, async () => {
      const { error } = await taken(search([awsError(code, 'No.')]).items);
      assert.ok(error instanceof ServiceError);
      assert.deepEqual([error.code, error.kind, error.exitCode], [code, kind, exitCode]);
    });
  }
});

test('a search that is asked to stop ends before its next page', async () => {
  const { items, sent, world } = search([page(['1'], 'a')]);
  let error: unknown;
  try {
    for await (const _ of items) world.stopping.abort();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof ServiceError);
  assert.deepEqual([error.code, sent.length], ['Stopped', 1]);
});

describe('the prices of an agreement', () => {
  const terms = (...acceptedTerms: object[]) => awsReply({ acceptedTerms });
  const priced = {
    usageBasedPricingTerm: {
      currencyCode: 'USD',
      rateCards: [{ rateCard: [{ dimensionKey: 'requests', price: '0.01' }, { dimensionKey: 'users' }] }],
    },
  };

  test('are those of its terms by usage', async () => {
    const parts = callerWith(AGREEMENTS, [terms({ legalTerm: {} }, priced, { $unknown: {} })]);
    const cards = await createRateCards(parts)({ id: 'agmt-1', offerId: undefined });
    assert.deepEqual(cards, [
      {
        currency: 'USD',
        prices: [
          { dimension: 'requests', price: '0.01' },
          { dimension: 'users', price: undefined },
        ],
      },
    ]);
    assert.deepEqual(JSON.parse(parts.sent[0]?.request.body as string), {
      agreementId: 'agmt-1',
      maxResults: 50,
    });
  });

  test('keep all that a dimension has, for example in tiers', async () => {
    const tier = (price: string) => ({ rateCard: [{ dimensionKey: 'requests', price }] });
    const tiers = { currencyCode: 'USD', rateCards: [tier('0.02'), tier('0.01')] };
    const parts = callerWith(AGREEMENTS, [terms({ usageBasedPricingTerm: tiers })]);
    const [card] = await createRateCards(parts)({ id: 'agmt-1', offerId: undefined });
    assert.deepEqual(
      card?.prices.map(({ price }) => price),
      ['0.02', '0.01'],
    );
  });

  test('are asked for once for each offer', async () => {
    const parts = callerWith(AGREEMENTS, [terms(priced)]);
    const cardsOf = createRateCards(parts);
    await cardsOf({ id: 'agmt-1', offerId: 'offer-1' });
    await cardsOf({ id: 'agmt-2', offerId: 'offer-1' });
    await cardsOf({ id: 'agmt-3', offerId: 'offer-2' });
    assert.deepEqual(
      parts.sent.map(({ request }) => JSON.parse(request.body as string).agreementId),
      ['agmt-1', 'agmt-3'],
    );
  });
});
