import type { SignedRequest } from '../signing/signing.ts';

/** The served operations of the Agreement API (JSON 1.0) and of the Catalog API (REST-JSON), and their quotas. */
export const MARKETPLACE = {
  signingName: 'aws-marketplace',
  agreements: {
    targetPrefix: 'AWSMPCommerceService_v20200301',
    contentType: 'application/x-amz-json-1.0',
    errorNamespace: 'com.amazonaws.agreementmarketplace#',
  },
  catalog: { contentType: 'application/json' },
} as const;

type Served = {
  readonly api: 'agreements' | 'catalog';
  /** Source: AWS Marketplace API reference, quotas of both APIs: for each account. */
  readonly perSecond: number;
};

const SERVED = {
  SearchAgreements: { api: 'agreements', perSecond: 5 },
  GetAgreementTerms: { api: 'agreements', perSecond: 10 },
  ListEntities: { api: 'catalog', perSecond: 10 },
  DescribeEntity: { api: 'catalog', perSecond: 20 },
} as const satisfies Record<string, Served>;

export type MarketplaceOperation = keyof typeof SERVED;

export const MARKETPLACE_OPERATIONS = Object.keys(SERVED) as readonly MarketplaceOperation[];

export const servedAs = (operation: MarketplaceOperation): Served => SERVED[operation];

export const isMarketplaceOperation = (name: string | undefined): name is MarketplaceOperation =>
  name !== undefined && Object.hasOwn(SERVED, name);

/** The operation of a REST request; undefined when the Catalog API has none there. */
export const catalogOperation = (method: string, path: string): MarketplaceOperation | undefined => {
  if (method === 'POST' && path === '/ListEntities') return 'ListEntities';
  return method === 'GET' && path === '/DescribeEntity' ? 'DescribeEntity' : undefined;
};

/** The operation of a request to the root with the content type of the Agreement API. */
export const agreementOperation = ({ headers }: SignedRequest): MarketplaceOperation | undefined => {
  const [prefix, name] = headers.get('x-amz-target')?.join(',').split('.') ?? [];
  return prefix === MARKETPLACE.agreements.targetPrefix &&
    isMarketplaceOperation(name) &&
    servedAs(name).api === 'agreements'
    ? name
    : undefined;
};
