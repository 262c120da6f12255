import { UsageError } from '../errors.ts';
import { type AwsService, isRegionName, METERING, regionInHost } from '../usage/aws-hosts.ts';
import type { Operation } from '../usage/wire.ts';
import type { Env } from '../world.ts';
import {
  agreementHostOf,
  catalogHostOf,
  checkRegionFlag,
  cloudTrailHostOf,
  type Destination,
  dynamoDbHostOf,
  type NamedEndpoint,
  parseEndpointUrl,
  RegionError,
  stsHostOf,
} from './endpoint.ts';
import { type Profile, profileOf, type SharedConfig } from './shared-config.ts';

export type ConnectionFlags = {
  readonly profile: string | undefined;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly dualStack: boolean;
  readonly fips: boolean;
};

/**
 * An operation of the metering service, CloudTrail's lookup of its calls, STS's GetCallerIdentity, the first one of the
 * Agreement API and of the Catalog API, or all of DynamoDB.
 */
export type ClientOperation =
  | Operation
  | 'LookupEvents'
  | 'GetCallerIdentity'
  | 'SearchAgreements'
  | 'ListEntities'
  | 'DynamoDB';

export type DestinationSources = {
  readonly flags: ConnectionFlags;
  readonly env: Env;
  readonly shared: SharedConfig;
  /** The Region of the machine this runs on, from its metadata service; undefined when it has none. */
  readonly instanceRegion: () => Promise<string | undefined>;
};

type EndpointSettings = AwsService & {
  /** The variable and the AWS config setting of its endpoint. */
  readonly variable: string;
  readonly setting: string;
};

const METERING_SERVICE: EndpointSettings = {
  ...METERING,
  variable: 'AWS_ENDPOINT_URL_MARKETPLACE_METERING',
  setting: 'marketplace_metering.endpoint_url',
};

const CLOUDTRAIL: EndpointSettings = {
  hostOf: cloudTrailHostOf,
  privateLink: 'cloudtrail',
  variable: 'AWS_ENDPOINT_URL_CLOUDTRAIL',
  setting: 'cloudtrail.endpoint_url',
};

const STS: EndpointSettings = {
  hostOf: stsHostOf,
  privateLink: 'sts',
  variable: 'AWS_ENDPOINT_URL_STS',
  setting: 'sts.endpoint_url',
};

const DYNAMODB: EndpointSettings = {
  hostOf: dynamoDbHostOf,
  privateLink: 'dynamodb',
  variable: 'AWS_ENDPOINT_URL_DYNAMODB',
  setting: 'dynamodb.endpoint_url',
};

const AGREEMENTS: EndpointSettings = {
  hostOf: agreementHostOf,
  variable: 'AWS_ENDPOINT_URL_MARKETPLACE_AGREEMENT',
  setting: 'marketplace_agreement.endpoint_url',
};

const CATALOG: EndpointSettings = {
  hostOf: catalogHostOf,
  variable: 'AWS_ENDPOINT_URL_MARKETPLACE_CATALOG',
  setting: 'marketplace_catalog.endpoint_url',
};

/** The Region a seller's product is enabled in from the start (Seller Guide, metering-for-usage). */
const SELLER_REGION = 'us-east-1';

/** AWS accepts these only in the Region the software runs in (API reference, InvalidEndpointRegionException). */
const BOUND_TO_INSTANCE: readonly ClientOperation[] = ['MeterUsage', 'RegisterUsage'];

/**
 * Where a call goes, in the order an AWS user expects: flag, environment, profile. An AWS host is in one Region and
 * rejects requests signed for another, so its Region has precedence over all others. Throws UsageError when a source is
 * malformed, --region is not the Region of the host, or the Region cannot be determined.
 */
export const resolveDestination = async (
  operation: ClientOperation,
  sources: DestinationSources,
): Promise<Destination> => {
  const { flags, env, shared } = sources;
  const profile = profileOf(flags, env, shared);
  const service = serviceOf(operation);
  const endpoint = namedEndpoint(service, sources, profile);
  if (endpoint !== undefined && service === METERING_SERVICE) checkRegionFlag(flags.region, endpoint);
  const region =
    hostRegionOf(endpoint, service) ??
    (isWithoutRegions(service) ? HOME : undefined) ??
    (flags.region || service === DYNAMODB ? undefined : meteringRegion(sources, profile)) ??
    (await findRegion(operation, sources, profile));
  if (!isRegionName(region.value)) {
    throw new RegionError(
      `${region.source} is not a Region: ${region.value}`,
      'a Region looks like us-east-1',
    );
  }
  const facts = { region: region.value, regionSource: region.source };

  const variant = {
    dualStack: flags.dualStack || isOn(env.AWS_USE_DUALSTACK_ENDPOINT ?? profile.use_dualstack_endpoint),
    fips: flags.fips || isOn(env.AWS_USE_FIPS_ENDPOINT ?? profile.use_fips_endpoint),
  };
  if (endpoint !== undefined) {
    // As in AWS's own clients: a FIPS endpoint that is required must not be dropped silently.
    if (variant.dualStack || variant.fips)
      throw new UsageError(
        `a ${variant.fips ? 'FIPS' : 'dual-stack'} endpoint cannot be combined with ${endpoint.source}`,
        'use only one of the two',
      );
    return { ...facts, url: endpoint.url, endpointSource: endpoint.source };
  }
  return {
    ...facts,
    url: new URL(`https://${service.hostOf(region.value, variant)}/`),
    endpointSource: undefined,
  };
};

type EndpointSources = Pick<DestinationSources, 'env' | 'shared'> & {
  readonly flags: Pick<ConnectionFlags, 'profile' | 'endpointUrl'>;
};

/** What the settings name in place of AWS's own host for usage. Throws UsageError, or CredentialsError for the profile. */
export const meteringEndpoint = (sources: EndpointSources): NamedEndpoint | undefined =>
  namedEndpoint(METERING_SERVICE, sources, profileOf(sources.flags, sources.env, sources.shared));

const serviceOf = (operation: ClientOperation): EndpointSettings => {
  switch (operation) {
    case 'LookupEvents':
      return CLOUDTRAIL;
    case 'GetCallerIdentity':
      return STS;
    case 'SearchAgreements':
      return AGREEMENTS;
    case 'ListEntities':
      return CATALOG;
    case 'DynamoDB':
      return DYNAMODB;
    default:
      return METERING_SERVICE;
  }
};

/** Agreements and products of all Regions are in one. Source: AWS Marketplace API reference, supported Regions. */
const isWithoutRegions = (service: EndpointSettings): boolean =>
  service === AGREEMENTS || service === CATALOG;

const HOME: FoundSetting = { value: SELLER_REGION, source: 'the only one of this API' };

/** A host of the metering service that is configured for all services is ignored for the others. */
const namedEndpoint = (
  service: EndpointSettings,
  sources: EndpointSources,
  profile: Profile,
): NamedEndpoint | undefined => {
  for (const { value, source } of endpointsFor(service, sources, profile)) {
    const url = parseEndpointUrl(value, source);
    if (service === METERING_SERVICE || regionInHost(url, METERING_SERVICE) === undefined)
      return { url, source };
  }
  return undefined;
};

const hostRegionOf = (
  endpoint: NamedEndpoint | undefined,
  service: EndpointSettings,
): FoundSetting | undefined => {
  const value = endpoint && regionInHost(endpoint.url, service);
  return value === undefined ? undefined : { value, source: `the host of ${endpoint?.source}` };
};

/**
 * The Region of a metering endpoint is used for the other services too: CloudTrail shows a call where it was made. A table is
 * where it was made.
 */
const meteringRegion = (sources: DestinationSources, profile: Profile): FoundSetting | undefined =>
  hostRegionOf(namedEndpoint(METERING_SERVICE, sources, profile), METERING_SERVICE);

type FoundSetting = { readonly value: string; readonly source: string };

/** The candidates that are set. */
const allOf = (
  candidates: readonly (readonly [value: string | undefined, source: string])[],
): FoundSetting[] =>
  candidates.flatMap(([value, source]) => (value === undefined || value === '' ? [] : [{ value, source }]));

const findRegion = async (
  operation: ClientOperation,
  sources: DestinationSources,
  profile: Profile,
): Promise<FoundSetting> => {
  const { flags, env } = sources;
  const [named] = allOf([
    [flags.region, '--region'],
    [env.AWS_REGION, 'AWS_REGION'],
    [env.AWS_DEFAULT_REGION, 'AWS_DEFAULT_REGION'],
    [profile.region, 'the profile'],
  ]);
  if (named !== undefined) return named;
  if (!BOUND_TO_INSTANCE.includes(operation)) return { value: SELLER_REGION, source: 'the default' };
  const own = await sources.instanceRegion();
  if (own !== undefined) return { value: own, source: 'the instance' };
  throw new RegionError(
    `${operation} needs the Region this software runs in, which could not be determined`,
    'use --region, or set AWS_REGION; AWS rejects any other Region',
  );
};

/** In order of precedence. Source: AWS SDKs and Tools reference guide, "Service-specific endpoints". */
function* endpointsFor(
  { variable, setting }: EndpointSettings,
  { flags, env, shared }: EndpointSources,
  profile: Profile,
): Generator<FoundSetting> {
  if (flags.endpointUrl !== undefined) yield { value: flags.endpointUrl, source: '--endpoint-url' };
  if (isOn(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? profile.ignore_configured_endpoint_urls)) return;
  const services = profile.services;
  const section = services === undefined ? undefined : shared.config[`services.${services}`];
  if (services !== undefined && section === undefined) {
    throw new UsageError(
      `the profile refers to the services section "${services}", which does not exist in the AWS config`,
    );
  }
  yield* allOf([
    [env[variable], variable],
    [env.AWS_ENDPOINT_URL, 'AWS_ENDPOINT_URL'],
    [section?.[setting], `the services section "${services}"`],
    [profile.endpoint_url, "the profile's endpoint_url"],
  ]);
}

const isOn = (setting: string | undefined): boolean => setting?.toLowerCase() === 'true';

/** For each request, as in the AWS SDKs: outside EC2 there is no reply. */
const METADATA_TIMEOUT_MS = 1_000;

/** The Region of the EC2 instance this runs on, from its metadata service; undefined anywhere else. */
export const instanceRegion = async (env: Env): Promise<string | undefined> => {
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined;
  const { MetadataService } = await import('@aws-sdk/ec2-metadata-service');
  const metadata = new MetadataService({
    httpOptions: { timeout: METADATA_TIMEOUT_MS },
    retries: 0,
    ec2MetadataV1Disabled: true,
  });
  try {
    // No slash in front: the package adds one, and a strict server treats two as another path.
    const region = await metadata.request('latest/meta-data/placement/region', {});
    return region.trim() || undefined;
  } catch {
    return undefined;
  }
};
