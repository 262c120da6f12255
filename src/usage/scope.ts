import { awsRegionOf, withoutRootDot } from './aws-hosts.ts';

/** The ledger's name for AWS, whichever of its hosts a request goes to. */
export const AWS = 'aws';

/** Where records were sent: an endpoint and a Region. Only within one of these can two records be the same. */
export type DestinationScope = { readonly endpoint: string; readonly region: string };

/** The name of an endpoint in the ledger: one for all hosts of AWS, and one spelling for each URL. */
export const endpointName = (url: URL): string => {
  if (awsRegionOf(url) !== undefined) return AWS;
  const one = new URL(url);
  one.hostname = withoutRootDot(url.hostname);
  // A slash at the end of the path makes no difference.
  one.pathname = url.pathname.replace(/\/*$/, '/');
  return one.href;
};

/** A request to a host of AWS is for the Region of that host, even if another one is configured. */
export const scopeOf = ({
  url,
  region,
}: {
  readonly url: URL;
  readonly region: string;
}): DestinationScope => ({
  endpoint: endpointName(url),
  region: awsRegionOf(url) ?? region,
});

/** The same for records of an earlier version, whose endpoints are `aws` and URLs as typed. */
export const scopeOfRecorded = (endpoint: string, region: string): DestinationScope =>
  URL.canParse(endpoint) ? scopeOf({ url: new URL(endpoint), region }) : { endpoint, region };
