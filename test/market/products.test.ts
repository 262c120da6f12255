import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '../../src/errors.ts';
import { CATALOG } from '../../src/market/catalog-api.ts';
import { createProducts, meteredDimensions } from '../../src/market/products.ts';
import { awsReply } from '../metering/setup.ts';
import { callerWith, taken } from './setup.ts';

const listed = (ids: readonly string[], NextToken?: string) =>
  awsReply({
    EntitySummaryList: ids.map(EntityId => ({ EntityId, Name: `Name of ${EntityId}` })),
    NextToken,
  });

const DOCUMENT = {
  Description: { ProductCode: 'code-1', ProductTitle: 'Title', New: [] },
  Dimensions: [
    { Key: 'requests', Name: 'Requests', Unit: 'Requests', Types: ['ExternallyMetered'] },
    { Key: 'seats', Name: 'Seats', Unit: 'Users', Types: ['Entitled'] },
    { Key: 'both', Types: ['Entitled', 'ExternallyMetered'] },
    { Key: 'old' },
  ],
};

const described = (id: string, members: object) => awsReply({ EntityIdentifier: `${id}@7`, ...members });

describe('the products of a seller', () => {
  test('are not asked for when the program is asked to stop', async () => {
    const parts = callerWith(CATALOG, [described('prod-1', {})]);
    parts.world.stopping.abort();
    await assert.rejects(createProducts(parts).describe('prod-1'), { code: 'Stopped' });
    assert.equal(parts.sent.length, 0);
  });

  test('are listed in pages', async () => {
    const parts = callerWith(CATALOG, [listed(['prod-1'], 'a'), listed(['prod-2'])], '/below/');
    const { found } = await taken(createProducts(parts).list());
    assert.deepEqual(found, [
      { id: 'prod-1', name: 'Name of prod-1' },
      { id: 'prod-2', name: 'Name of prod-2' },
    ]);
    const requests = parts.sent.map(({ request }) => request);
    assert.deepEqual(
      requests.map(({ method, path, body }) => [method, path, JSON.parse(body as string).NextToken]),
      [
        ['POST', '/below/ListEntities', undefined],
        ['POST', '/below/ListEntities', 'a'],
      ],
    );
    assert.equal(requests[0]?.headers['content-type'], 'application/json');
    assert.equal(requests[0]?.headers['x-amz-target'], undefined);
  });

  for (const [what, members] of [
    ['a document', { DetailsDocument: DOCUMENT }],
    ['a text', { Details: JSON.stringify(DOCUMENT) }],
  ] as const) {
    test(`are described by ${what}, once`, async () => {
      const parts = callerWith(CATALOG, [described('prod-1', members)]);
      const products = createProducts(parts);
      const product = await products.describe('prod-1');
      assert.deepEqual([product.id, product.code, product.title], ['prod-1', 'code-1', 'Title']);
      assert.deepEqual(meteredDimensions(product), ['requests', 'both', 'old']);
      assert.equal(await products.describe('prod-1'), product);
      const [{ request } = assert.fail(), ...more] = parts.sent;
      assert.equal(more.length, 0);
      assert.deepEqual(
        [request.method, request.path, request.query, request.body],
        ['GET', '/DescribeEntity', { catalog: 'AWSMarketplace', entityId: 'prod-1' }, undefined],
      );
      assert.equal(request.headers['content-length'], undefined);
    });
  }

  test('are found by their code', async () => {
    const replies = [listed(['prod-0', 'prod-1']), described('prod-0', { Details: '{}' })];
    const parts = callerWith(CATALOG, [...replies, described('prod-1', { DetailsDocument: DOCUMENT })]);
    assert.equal((await createProducts(parts).withCode('code-1'))?.id, 'prod-1');
    assert.equal(await createProducts(callerWith(CATALOG, replies)).withCode('nothing'), undefined);
  });

  for (const members of [
    {},
    { Details: 'no JSON' },
    { Details: '[]' },
    { DetailsDocument: { Dimensions: 7 } },
  ]) {
    test(`does not take this for a description: ${JSON.stringify(members)}`, async () => {
      const parts = callerWith(CATALOG, [described('prod-1', members)]);
      const asked = createProducts({ ...parts, giveUpAfterMs: 2_000 }).describe('prod-1');
      await assert.rejects(asked, ServiceError);
    });
  }
});
