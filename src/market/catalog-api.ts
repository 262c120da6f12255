import type { ServiceCaller } from '../metering/client.ts';
import type { Message, Protocol } from '../metering/protocol.ts';
import { isObject, type JsonObject, parseJson } from '../usage/json.ts';
import { decoded, listOf, objectOf, requiredText, textOf } from './members.ts';
import type { Page } from './pages.ts';

/** The used part of the Catalog API. Source: its service model 2018-09-17. */
type CatalogInputs = {
  ListEntities: { Catalog: 'AWSMarketplace'; EntityType: string; MaxResults: number; NextToken?: string };
  DescribeEntity: { Catalog: 'AWSMarketplace'; EntityId: string };
};

export type ProductEntity = { readonly id: string; readonly name: string | undefined };

type ProductDimension = {
  readonly key: string;
  readonly name: string | undefined;
  readonly unit: string | undefined;
  /** `ExternallyMetered`: billed by usage; `Entitled`: bought in advance; and others. */
  readonly types: readonly string[];
};

/** A product, as far as its usage is concerned. */
export type ProductDetails = {
  readonly id: string;
  /** Undefined: a draft does not have one yet. */
  readonly code: string | undefined;
  readonly title: string | undefined;
  readonly dimensions: readonly ProductDimension[];
};

type CatalogOutputs = {
  ListEntities: Page<ProductEntity>;
  DescribeEntity: ProductDetails;
};

export type CatalogCaller = ServiceCaller<CatalogInputs, CatalogOutputs>;

/** The description of a product has its texts, prices and every version. */
export const CATALOG_LIMIT_BYTES = 20_000_000;

/** Source: the protocol traits of the service model: REST-JSON. */
export const CATALOG: Protocol<CatalogInputs, CatalogOutputs> = {
  messageOf: (operation, input): Message =>
    'EntityId' in input
      ? {
          method: 'GET',
          path: operation,
          query: { catalog: input.Catalog, entityId: input.EntityId },
          headers: {},
          body: undefined,
        }
      : {
          method: 'POST',
          path: operation,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(input),
        },
  decode: (operation, body) => decoded(body, value => DECODERS[operation](value)),
  onlyReads: true,
};

const DECODERS: { [O in keyof CatalogOutputs]: (value: JsonObject) => CatalogOutputs[O] } = {
  ListEntities: ({ EntitySummaryList, NextToken }) => ({
    items: listOf(EntitySummaryList).map(summary => {
      const { EntityId, Name } = objectOf(summary);
      return { id: requiredText(EntityId), name: textOf(Name) };
    }),
    nextToken: textOf(NextToken),
  }),
  DescribeEntity: ({ EntityIdentifier, Details, DetailsDocument }) => {
    const details = isObject(DetailsDocument) ? DetailsDocument : objectOf(parseJson(requiredText(Details)));
    const description = objectOf(details.Description ?? {});
    return {
      // EntityId@RevisionId.
      id: requiredText(EntityIdentifier).replace(/@.*$/s, ''),
      code: textOf(description.ProductCode),
      title: textOf(description.ProductTitle),
      dimensions: listOf(details.Dimensions).map(dimensionIn),
    };
  },
};

const dimensionIn = (value: unknown): ProductDimension => {
  const { Key, Name, Unit, Types } = objectOf(value);
  return {
    key: requiredText(Key),
    name: textOf(Name),
    unit: textOf(Unit),
    types: listOf(Types).flatMap(type => textOf(type) ?? []),
  };
};
