import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  GetAgreementTermsCommand,
  MarketplaceAgreementClient,
  paginateSearchAgreements,
  SearchAgreementsCommand,
  type SearchAgreementsCommandInput,
} from '@aws-sdk/client-marketplace-agreement';
import {
  DescribeEntityCommand,
  ListEntitiesCommand,
  MarketplaceCatalogClient,
  paginateListEntities,
} from '@aws-sdk/client-marketplace-catalog';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { MARKET, marketPermitting, SELLER } from '../emulator/marketplace/market.ts';
import { NOW, startTestEmulator } from '../emulator/setup.ts';

const clientsOf = (t: TestContext, { url: endpoint }: Emulator, maxAttempts = 1) => {
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { ...KEY_PAIR },
    maxAttempts,
    systemClockOffset: NOW.getTime() - Date.now(),
  };
  const agreements = new MarketplaceAgreementClient(settings);
  const catalog = new MarketplaceCatalogClient(settings);
  t.after(() => {
    agreements.destroy();
    catalog.destroy();
  });
  return { agreements, catalog };
};

const filters = (others: Readonly<Record<string, string>>) =>
  Object.entries({ PartyType: 'Proposer', AgreementType: 'PurchaseAgreement', ...others }).map(
    ([name, value]) => ({ name, values: [value] }),
  );

describe("AWS's client of the Agreement API", () => {
  test('reads each member of an agreement', async t => {
    const { agreements } = clientsOf(t, await startTestEmulator(t, { catalog: MARKET }));
    const { agreementViewSummaries = [] } = await agreements.send(
      new SearchAgreementsCommand({
        catalog: 'AWSMarketplace',
        filters: filters({ AcceptorAccountId: '222222222222' }),
      }),
    );
    const [one = assert.fail(), ...more] = agreementViewSummaries;
    assert.equal(more.length, 0);
    assert.deepEqual(
      [one.acceptor, one.proposer, one.status, one.agreementType, one.entitlements],
      [
        { accountId: '222222222222' },
        { accountId: SELLER },
        'CANCELLED',
        'PurchaseAgreement',
        [{ licenseArn: 'arn:aws:license-manager::123456789012:license:l-ended' }],
      ],
    );
    assert.deepEqual(one.startTime, new Date('2026-10-01T00:00:00Z'));
    assert.deepEqual([one.endTime, one.lastUpdateTime], [new Date('2026-11-22T10:00Z'), one.endTime]);
    assert.equal(one.proposalSummary?.resources?.[0]?.type, 'SaaSProduct');
  });

  test('pages through all agreements', async t => {
    const { agreements } = clientsOf(t, await startTestEmulator(t, { catalog: MARKET }));
    const found: (string | undefined)[] = [];
    const pages = paginateSearchAgreements(
      { client: agreements, pageSize: 2 },
      { catalog: 'AWSMarketplace', filters: filters({}) },
    );
    for await (const { agreementViewSummaries = [] } of pages)
      found.push(...agreementViewSummaries.map(({ agreementId }) => agreementId));
    assert.equal(found.length, MARKET.agreements.length - 1);
    assert.equal(new Set(found).size, found.length);
  });

  for (const [name, value, accounts] of [
    ['Status', 'ACTIVE', ['111111111111', '333333333333']],
    ['Status', 'CANCELLED', ['222222222222']],
    ['AfterEndTime', '2026-11-22T11:00:00Z', ['333333333333']],
    ['BeforeEndTime', '2026-11-22T11:00:00Z', ['222222222222']],
    ['AfterStartTime', '2026-10-15T00:00:00Z', ['333333333333']],
    ['BeforeStartTime', '2026-10-15T00:00:00Z', ['111111111111', '222222222222']],
    ['AfterLastUpdateTime', '2026-11-22T09:00:00Z', ['222222222222']],
    ['BeforeLastUpdateTime', '2026-11-22T09:00:00Z', ['111111111111', '333333333333']],
    ['ResourceType', 'SaaSProduct', ['111111111111', '222222222222', '333333333333']],
    ['ResourceType', 'AmiProduct', []],
    ['AcceptorAccountId', '333333333333', ['333333333333']],
    ['OfferSetId', 'offerset-1', []],
    ['EndTimeBehaviorType', 'EXPIRE', ['222222222222', '333333333333']],
    ['EndTimeBehaviorReasonCode', 'NO_RENEWAL_TERM', ['222222222222', '333333333333']],
    ['LicenseArn', 'arn:aws:license-manager::123456789012:license:l-ended', ['222222222222']],
  ] as const) {
    test(`filters by ${name} ${value}`, async t => {
      const { agreements } = clientsOf(t, await startTestEmulator(t, { catalog: MARKET }));
      const { agreementViewSummaries = [] } = await agreements.send(
        new SearchAgreementsCommand({ catalog: 'AWSMarketplace', filters: filters({ [name]: value }) }),
      );
      assert.deepEqual(agreementViewSummaries.map(({ acceptor }) => acceptor?.accountId).sort(), accounts);
    });
  }

  test('filters by what it found: product, offer and first agreement; and sorts', async t => {
    const { agreements } = clientsOf(t, await startTestEmulator(t, { catalog: MARKET }));
    const search = async (
      others: Record<string, string>,
      sort?: { sortBy: string; sortOrder: 'DESCENDING' },
    ) =>
      (
        await agreements.send(
          new SearchAgreementsCommand({ catalog: 'AWSMarketplace', filters: filters(others), sort }),
        )
      ).agreementViewSummaries ?? [];
    const all = await search({}, { sortBy: 'StartTime', sortOrder: 'DESCENDING' });
    const starts = all.map(({ startTime }) => startTime?.getTime() ?? 0);
    assert.deepEqual(
      starts,
      starts.toSorted((a, b) => b - a),
    );
    const [one = assert.fail()] = all;
    const { offerId = '', resources = [] } = one.proposalSummary ?? {};
    const found: Record<string, string>[] = [
      { OfferId: offerId },
      { ResourceIdentifier: resources[0]?.id ?? '' },
      { InitialAgreementId: one.agreementId ?? '' },
    ];
    for (const others of found)
      assert.ok((await search(others)).some(({ agreementId }) => agreementId === one.agreementId));
    assert.deepEqual(await search({ ResourceIdentifier: 'prod-other' }), []);
  });

  test('reads the terms: a private offer has its own dimensions', async t => {
    const { agreements } = clientsOf(t, await startTestEmulator(t, { catalog: MARKET }));
    const cardOf = async (account: string) => {
      const { agreementViewSummaries: [one] = [] } = await agreements.send(
        new SearchAgreementsCommand({
          catalog: 'AWSMarketplace',
          filters: filters({ AcceptorAccountId: account }),
        }),
      );
      const { acceptedTerms = [] } = await agreements.send(
        new GetAgreementTermsCommand({ agreementId: one?.agreementId }),
      );
      return acceptedTerms.flatMap(({ usageBasedPricingTerm }) => usageBasedPricingTerm ?? []);
    };
    const [shared = assert.fail()] = await cardOf('111111111111');
    assert.equal(shared.currencyCode, 'USD');
    assert.deepEqual(shared.rateCards, [
      {
        rateCard: [
          { dimensionKey: 'requests', price: '0.01' },
          { dimensionKey: 'users', price: '1' },
        ],
      },
    ]);
    const [own = assert.fail()] = await cardOf('333333333333');
    assert.deepEqual(
      [own.currencyCode, own.rateCards],
      ['EUR', [{ rateCard: [{ dimensionKey: 'requests', price: '0.005' }] }]],
    );
  });

  test('raises its own types', async t => {
    const emulator = await startTestEmulator(t, { catalog: MARKET });
    const { agreements } = clientsOf(t, emulator);
    const search = (input: SearchAgreementsCommandInput) =>
      agreements.send(new SearchAgreementsCommand(input));
    for (const input of [
      { catalog: 'Other', filters: filters({}) },
      { catalog: 'AWSMarketplace', filters: filters({ Nothing: 'x' }) },
      { catalog: 'AWSMarketplace', filters: filters({ AfterEndTime: 'soon' }) },
      { catalog: 'AWSMarketplace', filters: [{ name: 'PartyType', values: ['Proposer'] }] },
      { catalog: 'AWSMarketplace', filters: [{ name: 'AgreementType', values: ['a', 'b'] }] },
      { catalog: 'AWSMarketplace', filters: filters({}), nextToken: '2_x' },
      { catalog: 'AWSMarketplace', filters: filters({}), maxResults: 51 },
    ]) {
      emulator.reset();
      await assert.rejects(search(input), { name: 'ValidationException' }, JSON.stringify(input));
    }
    await assert.rejects(agreements.send(new GetAgreementTermsCommand({ agreementId: 'agmt-x' })), {
      name: 'ResourceNotFoundException',
    });
  });

  test('is throttled at five searches a second, and denied without the permission', async t => {
    const emulator = await startTestEmulator(t, { catalog: MARKET });
    const { agreements } = clientsOf(t, emulator);
    const search = () =>
      agreements.send(new SearchAgreementsCommand({ catalog: 'AWSMarketplace', filters: filters({}) }));
    for (let call = 0; call < 5; call++) await search();
    await assert.rejects(search(), { name: 'ThrottlingException' });
    emulator.setCatalog(marketPermitting('aws-marketplace:BatchMeterUsage'));
    emulator.reset();
    await assert.rejects(search(), { name: 'AccessDeniedException' });
  });
});

describe("AWS's client of the Catalog API", () => {
  test('lists the products of the seller, page by page', async t => {
    const { catalog } = clientsOf(t, await startTestEmulator(t, { catalog: MARKET }));
    const names: (string | undefined)[] = [];
    const pages = paginateListEntities(
      { client: catalog, pageSize: 1 },
      { Catalog: 'AWSMarketplace', EntityType: 'SaaSProduct' },
    );
    for await (const { EntitySummaryList = [] } of pages)
      names.push(...EntitySummaryList.map(({ Name }) => Name));
    assert.deepEqual(names, ['First product', 'second']);
    const others = await catalog.send(
      new ListEntitiesCommand({ Catalog: 'AWSMarketplace', EntityType: 'AmiProduct' }),
    );
    assert.deepEqual(others.EntitySummaryList, []);
  });

  test('selects products by each filter', async t => {
    const emulator = await startTestEmulator(t, { catalog: MARKET });
    const { catalog } = clientsOf(t, emulator);
    const list = async (input: object) => {
      emulator.reset();
      const { EntitySummaryList = [] } = await catalog.send(
        new ListEntitiesCommand({ Catalog: 'AWSMarketplace', EntityType: 'SaaSProduct', ...input }),
      );
      return EntitySummaryList;
    };
    const [first, second] = await list({});
    const named = async (input: object) => (await list(input)).map(({ EntityId }) => EntityId);
    const by = (SaaSProductFilters: object) => ({ EntityTypeFilters: { SaaSProductFilters } });
    const id = first?.EntityId ?? '';
    assert.deepEqual(await named({ FilterList: [{ Name: 'EntityId', ValueList: [id] }] }), [id]);
    for (const [filter, found] of [
      [{ EntityId: { ValueList: [id, 'prod-x'] } }, [id]],
      [{ ProductTitle: { ValueList: ['First product'] } }, [id]],
      [{ ProductTitle: { WildCardValue: 'SECOND' } }, [second?.EntityId]],
      [{ ProductTitle: { ValueList: ['first product'] } }, []],
      [{ Visibility: { ValueList: ['Public', 'Draft'] } }, [id, second?.EntityId]],
      [{ Visibility: { ValueList: ['Limited'] } }, []],
      [{ LastModifiedDate: { DateRange: { AfterValue: '2024-01-01T00:00:00Z' } } }, []],
      [{ LastModifiedDate: { DateRange: { BeforeValue: '2024-01-02T00:00:00Z' } } }, [id, second?.EntityId]],
    ] as const)
      assert.deepEqual(await named(by(filter)), found, JSON.stringify(filter));
    await assert.rejects(list({ FilterList: [{ Name: 'Title', ValueList: ['x'] }] }), {
      name: 'ValidationException',
    });
  });

  test('reads the description of a product', async t => {
    const { catalog } = clientsOf(t, await startTestEmulator(t, { catalog: MARKET }));
    const { EntitySummaryList: [first] = [] } = await catalog.send(
      new ListEntitiesCommand({ Catalog: 'AWSMarketplace', EntityType: 'SaaSProduct' }),
    );
    const found = await catalog.send(
      new DescribeEntityCommand({ Catalog: 'AWSMarketplace', EntityId: first?.EntityId }),
    );
    assert.deepEqual(JSON.parse(found.Details ?? ''), found.DetailsDocument);
    const document = found.DetailsDocument as {
      Description: { ProductCode: string };
      Dimensions: { Key: string; Types: string[] }[];
    };
    assert.equal(document.Description.ProductCode, 'first');
    assert.deepEqual(
      document.Dimensions.map(({ Key, Types }) => [Key, Types]),
      [
        ['requests', ['ExternallyMetered']],
        ['users', ['ExternallyMetered']],
      ],
    );
  });

  test('raises its own types', async t => {
    const emulator = await startTestEmulator(t, { catalog: MARKET });
    const { catalog } = clientsOf(t, emulator);
    const describe = (EntityId: string) =>
      catalog.send(new DescribeEntityCommand({ Catalog: 'AWSMarketplace', EntityId }));
    await assert.rejects(describe('prod-x'), { name: 'ResourceNotFoundException' });
    await assert.rejects(describe('no entity'), { name: 'ValidationException' });
    const list = (input: object) =>
      catalog.send(
        new ListEntitiesCommand({ Catalog: 'AWSMarketplace', EntityType: 'SaaSProduct', ...input }),
      );
    await assert.rejects(list({ MaxResults: 51 }), { name: 'ValidationException' });
    await assert.rejects(list({ NextToken: '1_x' }), { name: 'ValidationException' });
    for (let call = 0; call < 8; call++) await list({});
    await assert.rejects(list({}), { name: 'ThrottlingException' });
    emulator.setCatalog(marketPermitting('aws-marketplace:ListEntities'));
    emulator.reset();
    await list({});
    await assert.rejects(describe('prod-x'), { name: 'AccessDeniedException' });
  });
});

test('without a catalog there is a small market', async t => {
  const { agreements, catalog } = clientsOf(t, await startTestEmulator(t));
  const { agreementViewSummaries = [] } = await agreements.send(
    new SearchAgreementsCommand({ catalog: 'AWSMarketplace', filters: filters({}) }),
  );
  assert.equal(agreementViewSummaries.length, 2);
  const [id] = new Set(
    agreementViewSummaries.map(({ proposalSummary }) => proposalSummary?.resources?.[0]?.id),
  );
  const { DetailsDocument } = await catalog.send(
    new DescribeEntityCommand({ Catalog: 'AWSMarketplace', EntityId: id }),
  );
  assert.match(JSON.stringify(DetailsDocument), /"ProductCode":"exampleproductcode0000001"/);
});
