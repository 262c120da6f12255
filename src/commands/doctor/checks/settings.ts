import {
  checkRoute,
  networkLines,
  type OpenNetwork,
  openNetwork,
  requireCertificateChecks,
} from '../../../cli/connection/network.ts';
import { destinationOf } from '../../../cli/connection/target.ts';
import { REGIONS } from '../../../cli/options/regions.ts';
import { guessNames } from '../../../cli/suggest.ts';
import { CredentialsError } from '../../../errors.ts';
import type { ClientOperation } from '../../../metering/destination.ts';
import { type Destination, isLoopback, RegionError } from '../../../metering/endpoint.ts';
import { awsRegionOf } from '../../../usage/aws-hosts.ts';
import type { World } from '../../../world.ts';
import type { DoctorOptions } from '../options.ts';
import { BECAUSE_ABOVE, type CheckResult, failed, ok, skipped, warn } from './check.ts';

export type CheckedSettings = {
  readonly findings: readonly CheckResult[];
  /** Undefined: a finding says why nothing can be called. */
  readonly route: { readonly destination: Destination; readonly network: OpenNetwork } | undefined;
};

/** Where calls would go, and through which network. */
export const checkSettings = async (
  operation: ClientOperation,
  options: DoctorOptions,
  world: World,
): Promise<CheckedSettings> => {
  const destination = await settled(destinationOf(operation, options, world));
  if ('error' in destination) {
    const finding = failed(checkFor(destination.error), destination.error);
    return { findings: [finding, skipped('network', BECAUSE_ABOVE)], route: undefined };
  }
  const { value } = destination;
  const known = [regionFinding(value), endpointFinding(value)];
  const network = await settled(openSafely(value, options, world));
  if ('error' in network) return { findings: [...known, failed('network', network.error)], route: undefined };
  const lines = networkLines(network.value, value.url, world.env);
  return {
    findings: [...known, ok('network', lines.join('; '))],
    route: { destination: value, network: network.value },
  };
};

/** The value, or why there is none. */
const settled = async <T>(
  pending: Promise<T>,
): Promise<{ readonly value: T } | { readonly error: unknown }> => {
  try {
    return { value: await pending };
  } catch (error) {
    return { error };
  }
};

/** The check that an error about the destination belongs to. */
const checkFor = (error: unknown): string => {
  if (error instanceof CredentialsError) return 'credentials';
  return error instanceof RegionError ? 'region' : 'endpoint';
};

/** As in every command that calls AWS. */
const openSafely = async (
  { url }: Destination,
  options: DoctorOptions,
  world: World,
): Promise<OpenNetwork> => {
  requireCertificateChecks(world.env);
  const open = await openNetwork(options, world);
  checkRoute(open, url);
  // The endpoint may do without, and what credentials come from may not.
  open.network.trustBundle();
  return open;
};

const regionFinding = ({ region, regionSource }: Destination): CheckResult => {
  const facts = { region, source: regionSource };
  if (REGIONS.includes(region)) return ok('region', `${region} (${regionSource})`, facts);
  const [guess] = guessNames(region, REGIONS);
  const suggestion = guess === undefined ? '' : `did you mean ${guess}? `;
  const message = `${region} (${regionSource}) is not in AWS's list of Regions for metering`;
  return warn(
    'region',
    message,
    `${suggestion}usually it is us-east-1; AWS may have added new Regions`,
    facts,
  );
};

const endpointFinding = ({ url, endpointSource }: Destination): CheckResult => {
  const facts = { endpoint: url.href, source: endpointSource };
  if (awsRegionOf(url) !== undefined) {
    const named = endpointSource === undefined ? url.origin : `${url.href} (${endpointSource})`;
    return ok('endpoint', `${named}, AWS's own`, facts);
  }
  const message = `${url.href} (${endpointSource}), not AWS's own: usage sent there may not reach AWS`;
  return isLoopback(url) && endpointSource !== '--endpoint-url'
    ? warn('endpoint', message, 'unset it to call AWS', facts)
    : ok('endpoint', message, facts);
};
