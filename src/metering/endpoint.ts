import { UsageError } from '../errors.ts';
import { awsRegionOf, partitionOf, type Variant } from '../usage/aws-hosts.ts';

/** Where requests go and what they are signed for. */
export type Destination = {
  readonly url: URL;
  readonly region: string;
  /** Where the Region was found, for `--debug`. */
  readonly regionSource: string;
  /** Where the endpoint was found; undefined for AWS's default one. */
  readonly endpointSource: string | undefined;
};

/**
 * CloudTrail's host in a Region. Source: endpoint-rule-set-1.json of CloudTrail (botocore 1.43.11): in the two GovCloud
 * Regions the ordinary host is the FIPS one.
 */
export const cloudTrailHostOf = (region: string, { dualStack, fips }: Variant): string => {
  const found = partitionOf(region);
  const isFips = fips && (dualStack || !/^us-gov-(east|west)-1$/.test(region));
  return `cloudtrail${isFips ? '-fips' : ''}.${region}.${dualStack ? found.dualStackSuffix : found.suffix}`;
};

/**
 * STS's host in a Region. Source: the endpoint rules of STS in AWS's JavaScript SDK: in GovCloud the ordinary host is the
 * FIPS one. `sts.amazonaws.com`, the one for all Regions, is not used: it is in us-east-1.
 */
export const stsHostOf = (region: string, { dualStack, fips }: Variant): string => {
  const found = partitionOf(region);
  const isFips = fips && (dualStack || !region.startsWith('us-gov-'));
  return `sts${isFips ? '-fips' : ''}.${region}.${dualStack ? found.dualStackSuffix : found.suffix}`;
};

/**
 * DynamoDB's host in a Region. Source: the endpoint rules of DynamoDB in AWS's JavaScript SDK: in GovCloud the ordinary host is
 * the FIPS one.
 */
export const dynamoDbHostOf = (region: string, { dualStack, fips }: Variant): string => {
  const found = partitionOf(region);
  const isFips = fips && (dualStack || !region.startsWith('us-gov-'));
  return `dynamodb${isFips ? '-fips' : ''}.${region}.${dualStack ? found.dualStackSuffix : found.suffix}`;
};

/** The Agreement API's host. Source: the endpoint rules of AWS's JavaScript SDK, as for the next one. */
export const agreementHostOf = (region: string, { dualStack, fips }: Variant): string => {
  const found = partitionOf(region);
  return `agreement-marketplace${fips ? '-fips' : ''}.${region}.${dualStack ? found.dualStackSuffix : found.suffix}`;
};

/** The Catalog API's host: only the one in us-east-1 has another name with IPv6. */
export const catalogHostOf = (region: string, { dualStack, fips }: Variant): string => {
  const found = partitionOf(region);
  const name = dualStack && !fips && region === 'us-east-1' ? 'catalog-marketplace' : 'catalog.marketplace';
  return `${name}${fips ? '-fips' : ''}.${region}.${dualStack ? found.dualStackSuffix : found.suffix}`;
};

/** Whether the host is this machine. Names are compared, not looked up: a lookup could be manipulated. */
export const isLoopback = (url: URL): boolean =>
  url.hostname === 'localhost' ||
  url.hostname === '[::1]' ||
  /^127\.[0-9]+\.[0-9]+\.[0-9]+$/.test(url.hostname);

/** The Region is malformed, or cannot be determined. */
export class RegionError extends UsageError {}

const FORM = 'use https://host or http://127.0.0.1:port';

/**
 * A configured endpoint. Plain http would expose the session token, so it is accepted for this machine only. Throws
 * UsageError with the source of the URL.
 */
export const parseEndpointUrl = (text: string, source: string): URL => {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(`${source} is not a URL: ${text}`, FORM);
  }
  if (url.username !== '' || url.password !== '')
    throw new UsageError(`${source} must not contain a user name or password`);
  if (url.search !== '' || url.hash !== '')
    throw new UsageError(`${source} must not contain a query or a fragment`);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  if (url.protocol !== 'http:') throw new UsageError(`${source} must begin with https://`, FORM);
  throw new UsageError(
    `${source} uses plain http to another machine: ${text}`,
    'use https; plain http is for this machine only',
  );
};

/** An endpoint, and the flag, variable or setting that it comes from. */
export type NamedEndpoint = { readonly url: URL; readonly source: string };

/** AWS rejects requests signed for a different Region from that of the host. Throws UsageError. */
export const checkRegionFlag = (flag: string | undefined, { url, source }: NamedEndpoint): void => {
  const hostRegion = awsRegionOf(url);
  if (!flag || hostRegion === undefined || flag === hostRegion) return;
  throw new UsageError(
    `--region is ${flag}, but ${source} is AWS's endpoint in ${hostRegion}`,
    'remove --region, or use the endpoint of that Region',
  );
};
