import { type Refusal, refuse } from '../rules/refusals.ts';
import { integer, optional, required, type Shape, structure, text } from '../rules/shape.ts';
import { type EntityFilters, FILTER_MEMBERS, filterTrouble, isSelected } from './entity-filters.ts';
import { type ListedProduct, type Listing, LONG_AGO_MS } from './listing.ts';
import type { Pager } from './page-tokens.ts';

export type ListInput = EntityFilters & {
  readonly Catalog: string;
  readonly EntityType: string;
  readonly OwnershipType?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
};

export type DescribeInput = { readonly catalog: string; readonly entityId: string };

const catalogName = text({ minLength: 1, maxLength: 64, pattern: /^[a-zA-Z]+$/ });

/** Source: service model 2018-09-17. Sorting is not simulated: it is ignored. */
export const LIST_SHAPE: Shape<ListInput> = structure<ListInput>({
  Catalog: required(catalogName),
  EntityType: required(text({ minLength: 1, maxLength: 255, pattern: /^[a-zA-Z]+$/ })),
  OwnershipType: optional(text({})),
  MaxResults: optional(integer({ min: 1, max: 50 })),
  NextToken: optional(text({ minLength: 1, maxLength: 2048 })),
  ...FILTER_MEMBERS,
});

export const DESCRIBE_SHAPE: Shape<DescribeInput> = structure<DescribeInput>({
  catalog: required(catalogName),
  entityId: required(text({ minLength: 1, maxLength: 255, pattern: /^[\w-]+$/ })),
});

/** Source: the text of ListEntitiesRequest in the service model. */
const DEFAULT_RESULTS = 20;
const TYPE = 'SaaSProduct';
const VISIBILITY = 'Public';

const LAST_MODIFIED = new Date(LONG_AGO_MS).toISOString().replace('.000Z', 'Z');

export const listEntities = (
  {
    Catalog,
    EntityType,
    OwnershipType = 'SELF',
    MaxResults = DEFAULT_RESULTS,
    NextToken,
    ...filters
  }: ListInput,
  { products }: Listing,
  accountId: string,
  pager: Pager,
): object | Refusal => {
  if (Catalog !== 'AWSMarketplace') return invalid('The catalog must be AWSMarketplace.');
  const trouble = filterTrouble(filters);
  if (trouble !== undefined) return invalid(trouble);
  const own =
    EntityType === TYPE && OwnershipType === 'SELF'
      ? products.filter(
          ({ owner, ...product }) =>
            owner === accountId &&
            isSelected(filters, { ...product, visibility: VISIBILITY, modifiedMs: LONG_AGO_MS }),
        )
      : [];
  const query = JSON.stringify([accountId, EntityType, OwnershipType, filters]);
  const page = pager(own, query, MaxResults, NextToken);
  if (page === undefined) return invalid('The NextToken is not valid.');
  return {
    EntitySummaryList: page.items.map(product => ({
      Name: product.title,
      EntityType: TYPE,
      EntityId: product.entityId,
      EntityArn: arnOf(product),
      LastModifiedDate: LAST_MODIFIED,
      Visibility: VISIBILITY,
      SaaSProductSummary: { ProductTitle: product.title, Visibility: VISIBILITY },
    })),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
};

export const describeEntity = (
  { catalog, entityId }: DescribeInput,
  { products }: Listing,
  accountId: string,
): object | Refusal => {
  if (catalog !== 'AWSMarketplace') return invalid('The catalog must be AWSMarketplace.');
  const product = products.find(one => one.entityId === entityId && one.owner === accountId);
  if (product === undefined)
    return refuse('ResourceNotFoundException', `The entity ${entityId} does not exist.`);
  const document = {
    Description: { ProductTitle: product.title, ProductCode: product.code, Visibility: VISIBILITY },
    Dimensions: product.dimensions.map(key => ({
      Key: key,
      Name: key,
      Description: key,
      Unit: 'Units',
      Types: ['ExternallyMetered'],
    })),
  };
  return {
    EntityType: `${TYPE}@1.0`,
    EntityIdentifier: `${entityId}@1`,
    EntityArn: arnOf(product),
    LastModifiedDate: LAST_MODIFIED,
    Details: JSON.stringify(document),
    DetailsDocument: document,
  };
};

const arnOf = ({ owner, entityId }: ListedProduct): string =>
  `arn:aws:aws-marketplace:us-east-1:${owner}:AWSMarketplace/${TYPE}/${entityId}`;

const invalid = (message: string): Refusal => refuse('ValidationException', message);
