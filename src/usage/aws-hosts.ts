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

export const partitionOf = (region: string): Partition =>
  PARTITIONS.find(({ regions }) => regions.test(region)) as Partition;

export type Variant = { readonly dualStack: boolean; readonly fips: boolean };

/** The public host of the metering service in a Region, in every partition. */
export const hostOf = (region: string, { dualStack, fips }: Variant): string => {
  const found = partitionOf(region);
  const suffix = dualStack ? found.dualStackSuffix : found.suffix;
  if (fips) return `metering.marketplace-fips.${region}.${suffix}`;
  const hyphen = dualStack ? found.hyphen.dualStack : found.hyphen.plain;
  return `metering${hyphen ? '-' : '.'}marketplace.${region}.${suffix}`;
};

/** Whether this is a host label, so that a Region from a variable cannot redirect the request to another host. */
export const isRegionName = (region: string): boolean =>
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(region);

export type AwsService = {
  readonly hostOf: (region: string, variant: Variant) => string;
  /** Its name in VPC endpoints; undefined: not known. Source: AWS PrivateLink guide, "Services that integrate". */
  readonly privateLink?: string;
};

export const METERING: AwsService = { hostOf, privateLink: 'metering-marketplace' };

/**
 * The Region in a URL of the service; undefined if its host is not one of AWS. A label is the Region if the service has this
 * host in that Region, so there is no second list of names.
 */
export const regionInHost = (url: URL, service: AwsService): string | undefined => {
  if (url.protocol !== 'https:') return undefined;
  const host = withoutRootDot(url.hostname);
  return host
    .split('.')
    .find(
      label => isRegionName(label) && (isPublicHost(host, label, service) || isVpcHost(host, label, service)),
    );
};

/** The Region in a URL of the metering service; undefined if its host is not one of AWS. */
export const awsRegionOf = (url: URL): string | undefined => regionInHost(url, METERING);

/** A host name may end with the dot of the DNS root. */
export const withoutRootDot = (hostname: string): string => hostname.replace(/\.$/, '');

const VARIANTS: readonly Variant[] = [
  { dualStack: false, fips: false },
  { dualStack: true, fips: false },
  { dualStack: false, fips: true },
  { dualStack: true, fips: true },
];

const isPublicHost = (host: string, region: string, { hostOf }: AwsService): boolean =>
  VARIANTS.some(variant => hostOf(region, variant) === host);

/**
 * The names that AWS gives a VPC endpoint, for all zones and for one:
 * `vpce-ID-HASH.SERVICE.REGION.vpce.amazonaws.com` and `vpce-ID-HASH-ZONE.SERVICE.REGION.vpce.amazonaws.com`.
 */
const isVpcHost = (host: string, region: string, { privateLink }: AwsService): boolean => {
  const { suffix, dualStackSuffix } = partitionOf(region);
  const [id = '', ...rest] = host.split('.');
  const name = rest.join('.');
  return (
    privateLink !== undefined &&
    /^vpce-[0-9a-z-]+$/.test(id) &&
    [privateLink, `${privateLink}-fips`].some(service =>
      [suffix, dualStackSuffix].some(end => name === `${service}.${region}.vpce.${end}`),
    )
  );
};
