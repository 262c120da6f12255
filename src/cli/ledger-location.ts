import { CredentialsError, UsageError } from '../errors.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import type { ConnectionFlags } from '../metering/destination.ts';
import { checkRegionFlag, type NamedEndpoint, parseEndpointUrl } from '../metering/endpoint.ts';
import { awsRegionOf, isRegionName } from '../usage/aws-hosts.ts';
import { startOfHour } from '../usage/hours.ts';
import { AWS, endpointName } from '../usage/scope.ts';
import type { World } from '../world.ts';
import type { SelectionFlags } from './options/selection.ts';
import { checkOrder, parseInstant } from './options/time.ts';

export type LedgerLocation = { readonly kind: 'file'; readonly path: string } | TableLocation;

/** A table of DynamoDB. */
export type TableLocation = {
  readonly kind: 'table';
  /** As typed. */
  readonly name: string;
  readonly table: string;
  /** Undefined: where the environment says. */
  readonly region: string | undefined;
};

/**
 * Where the ledger is: the flag, AMPMETER_LEDGER, or the platform's place for the state of programs (XDG Base Directory;
 * the specification says that a relative XDG_STATE_HOME counts as unset). Throws UsageError.
 */
export const ledgerLocation = (
  flag: string | undefined,
  world: Pick<World, 'env' | 'platform'>,
): LedgerLocation => {
  const [named, source] =
    flag === undefined ? [world.env['AMPMETER_LEDGER'], 'AMPMETER_LEDGER'] : [flag, '--ledger'];
  if (named === undefined || named === '') return { kind: 'file', path: filePath(flag, world) };
  return locationOf(named, source);
};

/** `source`: what names it. Throws UsageError. */
export const locationOf = (named: string, source: string): LedgerLocation => {
  if (isTableName(named)) return tableLocation(named, source);
  if (/^[\s"']*[a-z][a-z0-9+.-]+:\/\//i.test(named))
    throw new UsageError(
      `${source} is neither a file nor a table: ${named}`,
      'use a path, or dynamodb://TABLE',
    );
  return { kind: 'file', path: named };
};

/**
 * Whether a table is meant, even if its name is wrong: with quotes that `docker --env-file` keeps, or as an ARN. A file of
 * such a name would be lost with the machine.
 */
export const isTableName = (named: string): boolean => /^[\s"']*(dynamodb:|dynamodb\/\/|arn:)/i.test(named);

/** As the user names it. */
export const locationName = (location: LedgerLocation): string =>
  location.kind === 'file' ? location.path : location.name;

/** Undefined: the ledger is no file. */
export const fileOfLedger = (location: LedgerLocation): string | undefined =>
  location.kind === 'file' ? location.path : undefined;

/**
 * `dynamodb://TABLE`, or `dynamodb://REGION/TABLE`. Source of the characters: DynamoDB Developer Guide, "Naming rules".
 */
const tableLocation = (name: string, source: string): TableLocation => {
  const [, region, table] = /^dynamodb:\/\/(?:([^/]*)\/)?([A-Za-z0-9_.-]{3,255})$/i.exec(name) ?? [];
  if (table !== undefined && region && !isRegionName(region))
    throw new UsageError(
      `${source} is not the name of a table: ${region} is not a Region`,
      'use dynamodb://TABLE or dynamodb://REGION/TABLE; a Region looks like us-east-1',
    );
  if (table === undefined || region === '')
    throw new UsageError(
      `${source} is not the name of a table: ${name}`,
      'use dynamodb://TABLE or dynamodb://REGION/TABLE; a name has 3 to 255 letters, digits, _, . and -',
    );
  return { kind: 'table', name, table, region };
};

/** Where a file is the ledger. */
const filePath = (flag: string | undefined, { env, platform }: Pick<World, 'env' | 'platform'>): string => {
  if (flag !== undefined) return flag;
  const state = stateFolder(env, platform);
  if (state === undefined) {
    throw new UsageError(
      'no home directory found for the ledger',
      'use --ledger with a file, or set AMPMETER_LEDGER',
    );
  }
  return `${state}/ampmeter/ledger.db`;
};

const stateFolder = (env: World['env'], platform: NodeJS.Platform): string | undefined => {
  const xdg = env['XDG_STATE_HOME'];
  if (xdg?.startsWith('/')) return xdg;
  if (platform === 'win32') return env['LOCALAPPDATA'];
  const home = env['HOME'];
  if (!home) return undefined;
  return platform === 'darwin' ? `${home}/Library/Application Support` : `${home}/.local/state`;
};

export type LedgerScope = { readonly endpoint: string; readonly region: string | undefined };

type ScopeFlags = Pick<ConnectionFlags, 'endpointUrl' | 'region' | 'profile'>;

/**
 * Which records of the ledger are meant: those sent to AWS, or to the endpoint that a flag, a variable or the profile names,
 * as an upload with the same settings would record them. All Regions, unless --region or an AWS host after --endpoint-url
 * names one. A host in a setting, like AWS_REGION, only says where requests go and selects nothing. Rejects with UsageError,
 * or with CredentialsError for --profile.
 */
export const ledgerScope = async (
  { endpointUrl, region, profile }: ScopeFlags,
  world: Pick<World, 'env' | 'files'>,
): Promise<LedgerScope> => {
  if (region !== undefined && !isRegionName(region))
    throw new UsageError(`--region is not a Region: ${region}`, 'a Region looks like us-east-1');
  // The word for AWS in the ledger and its reports, for when a setting names another endpoint.
  if (endpointUrl === AWS) return { endpoint: AWS, region };
  if (endpointUrl === undefined) {
    const named = await configuredEndpoint(profile, world);
    return { endpoint: named === undefined ? AWS : endpointName(named.url), region };
  }
  const source = '--endpoint-url';
  const url = parseEndpointUrl(endpointUrl, source);
  checkRegionFlag(region, { url, source });
  return { endpoint: endpointName(url), region: region ?? awsRegionOf(url) };
};

/** The same, with a Region from the ledger where none is named: this machine can reach it, as its uploads did. */
export const askedScope = (reader: LedgerReader, { endpoint, region }: LedgerScope): LedgerScope => ({
  endpoint,
  region: region ?? reader.destinations().find(one => one.endpoint === endpoint)?.region,
});

/** What is wrong with a profile that nobody has typed, an upload reports: a ledger can be read without one. */
const configuredEndpoint = async (
  profile: string | undefined,
  { env, files }: Pick<World, 'env' | 'files'>,
): Promise<NamedEndpoint | undefined> => {
  const [{ meteringEndpoint }, { loadSharedConfig }] = await Promise.all([
    import('../metering/destination.ts'),
    import('../metering/shared-config.ts'),
  ]);
  const flags = { profile, endpointUrl: undefined };
  try {
    return meteringEndpoint({ flags, env, shared: await loadSharedConfig({ env, files }) });
  } catch (error) {
    if (profile !== undefined || !(error instanceof CredentialsError)) throw error;
    const shared = { config: {}, credentials: {} };
    return meteringEndpoint({ flags, env: { ...env, AWS_PROFILE: undefined }, shared });
  }
};

/** A hint for when nothing is found in the scope: where the ledger has records instead. Undefined: nowhere. */
export const elsewhere = (reader: LedgerReader, { endpoint, region }: LedgerScope): string | undefined => {
  const known = reader.destinations();
  const here = known.filter(one => one.endpoint === endpoint);
  const whose = endpoint === AWS ? 'AWS' : endpoint;
  if (here.length > 0) {
    if (region === undefined || here.some(one => one.region === region)) return undefined;
    return `the ledger has no records of ${whose} in ${region}, only in ${here.map(one => one.region).join(', ')}`;
  }
  const [other] = known;
  if (other === undefined) return undefined;
  const endpoints = [...new Set(known.map(one => one.endpoint))];
  const flags = endpoints.map(one => `--endpoint-url ${one}`);
  return `the ledger has no records of ${whose}; use ${flags.join(' or ')} to see those it has`;
};

/**
 * The records that the flags select: those of every hour that overlaps the range, at one endpoint. Throws UsageError
 * naming the flag.
 */
export const selectionOf = (flags: SelectionFlags, scope: LedgerScope, now: Date) => {
  const since = flags.since === undefined ? undefined : parseInstant('--since', flags.since, now);
  const until = flags.until === undefined ? undefined : parseInstant('--until', flags.until, now);
  checkOrder(since, until);
  return {
    ...scope,
    /** The exact range, epoch milliseconds. */
    instants: { since, until },
    since: since === undefined ? undefined : startOfHour(since),
    until: until === undefined ? undefined : Math.ceil(until / 1000),
    customer: flags.customer,
    licenseArn: flags.license,
    productCode: flags.productCode,
    dimension: flags.dimension,
  };
};
