import type { MarketplaceOutput } from '../answer.ts';
import type { Reply } from '../reply.ts';
import { isRefusal, type Refusal } from '../rules/refusals.ts';
import { MARKETPLACE, type MarketplaceOperation, servedAs } from './model.ts';

export const isListing = (result: object): result is MarketplaceOutput =>
  'kind' in result && result.kind === 'marketplace';

/** In the protocol of the operation's API: errors are named in the body (JSON 1.0) or in a header (REST-JSON). */
export const marketplaceReply = (
  operation: MarketplaceOperation,
  result: MarketplaceOutput | Refusal,
): Reply => {
  const { api } = servedAs(operation);
  const { contentType } = MARKETPLACE[api];
  if (!isRefusal(result)) return { status: 200, contentType, body: JSON.stringify(result.members) };
  const { status, error, message, headers } = result;
  if (api === 'catalog') {
    const body = JSON.stringify({ Message: message });
    return { status, contentType, body, headers: { 'x-amzn-ErrorType': error, ...headers } };
  }
  const type = `${MARKETPLACE.agreements.errorNamespace}${error}`;
  return { status, contentType, body: JSON.stringify({ __type: type, message }), headers: headers ?? {} };
};
