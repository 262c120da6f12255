import { awsRegionOf, withoutRootDot } from './aws-hosts.ts';

/** What the ledger calls AWS, whichever of its names a request goes to. */
export const AWS = 'aws';

/** Where records went, as far as it decides which of them are the same: an endpoint, and a Region there. */
export type DestinationScope = { readonly endpoint: string; readonly region: string };

/** The name of an endpoint in the ledger: AWS has many hosts and is one, and of a URL there is one spelling. */
export const endpointName = (url: URL): string => {
  if (awsRegionOf(url) !== undefined) return AWS;
  const one = new URL(url);
  one.hostname = withoutRootDot(url.hostname);
  // Requests go below the path, with a slash at its end or without one.
  one.pathname = url.pathname.replace(/\/*$/, '/');
  return one.href;
};

/** Requests to a host of AWS's are for its Region, whatever was named beside it. */
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

/** The same for what an earlier version has written down: its endpoints are `aws` and URLs as they were typed. */
export const scopeOfRecorded = (endpoint: string, region: string): DestinationScope =>
  URL.canParse(endpoint) ? scopeOf({ url: new URL(endpoint), region }) : { endpoint, region };

/** The Region in an endpoint that an earlier version has written down as a URL; undefined when it is not AWS's. */
export const awsScopeIn = (endpoint: string): { readonly region: string } | undefined => {
  const region = URL.canParse(endpoint) ? awsRegionOf(new URL(endpoint)) : undefined;
  return region === undefined ? undefined : { region };
};
