import { type Refusal, refuse } from '../rules/refusals.ts';
import { integer, optional, required, type Shape, structure, text } from '../rules/shape.ts';
import { idOf, type Listing } from './listing.ts';
import type { Pager } from './page-tokens.ts';

export type TermsInput = {
  readonly agreementId: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
};

/** Source: service model 2020-03-01. */
export const TERMS_SHAPE: Shape<TermsInput> = structure<TermsInput>({
  agreementId: required(text({ minLength: 1, maxLength: 64, pattern: /^[A-Za-z0-9_/-]+$/ })),
  maxResults: optional(integer({ min: 1, max: 50 })),
  nextToken: optional(text({ maxLength: 8192 })),
});

const DEFAULT_RESULTS = 50;

/** The terms of an agreement of which the caller is a party: legal text, and prices by usage if it has any. */
export const agreementTerms = (
  { agreementId, maxResults = DEFAULT_RESULTS, nextToken }: TermsInput,
  { agreements }: Listing,
  accountId: string,
  pager: Pager,
): object | Refusal => {
  const agreement = agreements.find(({ id }) => id === agreementId);
  if (agreement === undefined || ![agreement.product.owner, agreement.acceptor].includes(accountId))
    return refuse('ResourceNotFoundException', `The agreement ${agreementId} does not exist.`);
  const { offerId, currency, prices } = agreement;
  const terms = [
    {
      legalTerm: {
        type: 'LegalTerm',
        id: idOf('offer', offerId, 'legal').replace('offer', 'term'),
        documents: [{ type: 'StandardEula', version: '2022-07-14' }],
      },
    },
    ...(prices.length === 0
      ? []
      : [
          {
            usageBasedPricingTerm: {
              type: 'UsageBasedPricingTerm',
              id: idOf('offer', offerId, 'usage').replace('offer', 'term'),
              currencyCode: currency,
              rateCards: [
                { rateCard: prices.map(({ dimension, price }) => ({ dimensionKey: dimension, price })) },
              ],
            },
          },
        ]),
  ];
  const page = pager(terms, JSON.stringify([accountId, agreementId]), maxResults, nextToken);
  return page === undefined
    ? refuse('ValidationException', 'The nextToken is not valid.')
    : {
        acceptedTerms: page.items,
        ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
      };
};
