import type { ServiceCaller } from '../metering/client.ts';
import { jsonMessages, type Protocol } from '../metering/protocol.ts';
import type { EpochMs } from '../usage/hours.ts';
import type { JsonObject } from '../usage/json.ts';
import { decoded, instantOf, listOf, objectOf, requiredText, textOf } from './members.ts';
import type { Page } from './pages.ts';

export type AgreementFilter = { name: string; values: [string] };

/** The used part of the Agreement API. Source: its service model 2020-03-01. */
type AgreementInputs = {
  SearchAgreements: {
    catalog: 'AWSMarketplace';
    filters: AgreementFilter[];
    maxResults: number;
    nextToken?: string;
  };
  GetAgreementTerms: { agreementId: string; maxResults: number; nextToken?: string };
};

/** What a buyer has agreed to. */
export type Agreement = {
  readonly id: string;
  /** The account of the buyer. */
  readonly acceptor: string | undefined;
  readonly licenses: readonly string[];
  /** Entities of the catalog, and their types. */
  readonly products: readonly { readonly id: string; readonly type: string | undefined }[];
  readonly offerId: string | undefined;
  readonly status: string;
  readonly startMs: EpochMs | undefined;
  /** Undefined for pay-as-you-go. */
  readonly endMs: EpochMs | undefined;
  readonly updatedMs: EpochMs | undefined;
};

/** The prices of dimensions that are billed by usage, as decimal texts. */
export type RateCard = {
  readonly currency: string | undefined;
  readonly prices: readonly RatedDimension[];
};

/** A dimension may have several, for example in tiers. */
type RatedDimension = { readonly dimension: string; readonly price: string | undefined };

type AgreementOutputs = {
  SearchAgreements: Page<Agreement>;
  /** One for each term with prices by usage; other terms are left out. */
  GetAgreementTerms: Page<RateCard>;
};

export type AgreementCaller = ServiceCaller<AgreementInputs, AgreementOutputs>;

export const AGREEMENTS: Protocol<AgreementInputs, AgreementOutputs> = {
  messageOf: jsonMessages(name => `AWSMPCommerceService_v20200301.${name}`, 'application/x-amz-json-1.0'),
  decode: (operation, body) => decoded(body, value => DECODERS[operation](value)),
  onlyReads: true,
};

const DECODERS: { [O in keyof AgreementOutputs]: (value: JsonObject) => AgreementOutputs[O] } = {
  SearchAgreements: ({ agreementViewSummaries, nextToken }) => ({
    items: listOf(agreementViewSummaries).map(agreementIn),
    nextToken: textOf(nextToken),
  }),
  GetAgreementTerms: ({ acceptedTerms, nextToken }) => ({
    items: listOf(acceptedTerms).flatMap(term => {
      const { usageBasedPricingTerm: priced } = objectOf(term);
      return priced == null ? [] : [rateCardIn(objectOf(priced))];
    }),
    nextToken: textOf(nextToken),
  }),
};

const agreementIn = (value: unknown): Agreement => {
  const { agreementId, acceptor, entitlements, proposalSummary, status, ...times } = objectOf(value);
  const { resources, offerId } = objectOf(proposalSummary ?? {});
  return {
    id: requiredText(agreementId),
    acceptor: textOf(objectOf(acceptor ?? {}).accountId),
    licenses: listOf(entitlements).flatMap(one => textOf(objectOf(one).licenseArn) ?? []),
    products: listOf(resources).flatMap(one => {
      const { id, type } = objectOf(one);
      const named = textOf(id);
      return named === undefined ? [] : [{ id: named, type: textOf(type) }];
    }),
    offerId: textOf(offerId),
    status: requiredText(status),
    startMs: instantOf(times.startTime),
    endMs: instantOf(times.endTime),
    updatedMs: instantOf(times.lastUpdateTime),
  };
};

const rateCardIn = ({ currencyCode, rateCards }: JsonObject): RateCard => ({
  currency: textOf(currencyCode),
  prices: listOf(rateCards).flatMap(card =>
    listOf(objectOf(card).rateCard).map(item => {
      const { dimensionKey, price } = objectOf(item);
      return { dimension: requiredText(dimensionKey), price: textOf(price) };
    }),
  ),
});
