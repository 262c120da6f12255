import { UsageError } from '../errors.ts';

/** Where requests go and what they are signed for. */
export type Destination = {
  readonly url: URL;
  readonly region: string;
  /** Where the Region was found, for `--debug`. */
  readonly regionSource: string;
  /** Where the endpoint was found; undefined for AWS's own. */
  readonly endpointSource: string | undefined;
};

type Partition = {
  readonly regions: RegExp;
  readonly suffix: string;
  readonly dualStackSuffix: string;
  /** Hosts that start with `metering-marketplace` rather than `metering.marketplace`. */
  readonly hyphen: { readonly plain: boolean; readonly dualStack: boolean };
};

/** Source: endpoint-rule-set-1.json of the service and partitions.json (botocore 1.43.107). The first match counts. */
const PARTITIONS: readonly Partition[] = [
  partition(/^cn-/, 'amazonaws.com.cn', 'api.amazonwebservices.com.cn', { dualStack: true }),
  partition(/^us-gov-/, 'amazonaws.com', 'api.aws', { dualStack: true }),
  partition(/^eusc-/, 'amazonaws.eu', 'api.amazonwebservices.eu', { plain: true }),
  partition(/^us-iso-/, 'c2s.ic.gov', 'api.aws.ic.gov'),
  partition(/^us-isob-/, 'sc2s.sgov.gov', 'api.aws.scloud'),
  partition(/^eu-isoe-/, 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'),
  partition(/^us-isof-/, 'csp.hci.ic.gov', 'api.aws.hci.ic.gov'),
  partition(/^/, 'amazonaws.com', 'api.aws', { dualStack: true }),
];

function partition(regions: RegExp, suffix: string, dualStackSuffix: string, hyphen = {}): Partition {
  return { regions, suffix, dualStackSuffix, hyphen: { plain: false, dualStack: false, ...hyphen } };
}

export type Variant = { readonly dualStack: boolean; readonly fips: boolean };

/** The service's own host in a Region, in every partition. */
export const hostOf = (region: string, { dualStack, fips }: Variant): string => {
  const found = PARTITIONS.find(({ regions }) => regions.test(region)) as Partition;
  const suffix = dualStack ? found.dualStackSuffix : found.suffix;
  if (fips) return `metering.marketplace-fips.${region}.${suffix}`;
  const hyphen = dualStack ? found.hyphen.dualStack : found.hyphen.plain;
  return `metering${hyphen ? '-' : '.'}marketplace.${region}.${suffix}`;
};

/**
 * CloudTrail's host in a Region. Source: endpoint-rule-set-1.json of CloudTrail (botocore 1.43.11): in the two GovCloud
 * Regions the ordinary host is the FIPS one.
 */
export const cloudTrailHostOf = (region: string, { dualStack, fips }: Variant): string => {
  const found = PARTITIONS.find(({ regions }) => regions.test(region)) as Partition;
  const isFips = fips && (dualStack || !/^us-gov-(east|west)-1$/.test(region));
  return `cloudtrail${isFips ? '-fips' : ''}.${region}.${dualStack ? found.dualStackSuffix : found.suffix}`;
};

/**
 * STS's host in a Region. Source: the endpoint rules of STS in AWS's JavaScript SDK: in GovCloud the ordinary host is the
 * FIPS one. `sts.amazonaws.com`, the one for all Regions, is left alone: it is in us-east-1.
 */
export const stsHostOf = (region: string, { dualStack, fips }: Variant): string => {
  const found = PARTITIONS.find(({ regions }) => regions.test(region)) as Partition;
  const isFips = fips && (dualStack || !region.startsWith('us-gov-'));
  return `sts${isFips ? '-fips' : ''}.${region}.${dualStack ? found.dualStackSuffix : found.suffix}`;
};

/** A host label, so that a Region from a variable cannot point the request at another host. */
export const isRegionName = (region: string): boolean =>
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(region);

/** Whether the host is this machine. Names are compared, not looked up: a look-up could be made to lie. */
export const isLoopback = (url: URL): boolean =>
  url.hostname === 'localhost' ||
  url.hostname === '[::1]' ||
  /^127\.[0-9]+\.[0-9]+\.[0-9]+$/.test(url.hostname);

const FORM = 'write it as https://host or http://127.0.0.1:port';

/**
 * An endpoint somebody named. Plain http would send a session token in clear, so it may go to this machine only.
 * Throws UsageError, naming where the URL came from.
 */
export const parseEndpointUrl = (text: string, source: string): URL => {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(`${source} is not a URL: ${text}`, FORM);
  }
  if (url.username !== '' || url.password !== '')
    throw new UsageError(`${source} must not carry a user name or password`);
  if (url.search !== '' || url.hash !== '')
    throw new UsageError(`${source} must not have a query or a fragment`);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  if (url.protocol !== 'http:') throw new UsageError(`${source} must begin with https://`, FORM);
  throw new UsageError(
    `${source} is plain http to another machine: ${text}`,
    'use https; plain http goes to this machine only',
  );
};
