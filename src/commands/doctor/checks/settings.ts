import {
  networkLines,
  type OpenNetwork,
  openNetwork,
  requireCertificateChecks,
} from '../../../cli/connection/network.ts';
import { destinationOf } from '../../../cli/connection/target.ts';
import { guessNames } from '../../../cli/suggest.ts';
import { type Destination, isLoopback } from '../../../metering/endpoint.ts';
import { awsRegionOf } from '../../../usage/aws-hosts.ts';
import type { Operation } from '../../../usage/wire.ts';
import type { World } from '../../../world.ts';
import { REGIONS } from '../../completion/regions.ts';
import type { DoctorOptions } from '../options.ts';
import { BECAUSE_ABOVE, type Finding, failed, ok, skipped, warn } from './check.ts';

export type Settings = {
  readonly findings: readonly Finding[];
  /** Undefined: a finding says why nobody can be asked. */
  readonly way: { readonly destination: Destination; readonly network: OpenNetwork } | undefined;
};

/** Where calls would go, and through what. */
export const checkSettings = async (
  operation: Operation,
  options: DoctorOptions,
  world: World,
): Promise<Settings> => {
  const destination = await found(destinationOf(operation, options, world));
  if ('trouble' in destination) {
    const { trouble } = destination;
    return {
      findings: [{ ...trouble, check: labelOf(trouble) }, skipped('network', BECAUSE_ABOVE)],
      way: undefined,
    };
  }
  const { value } = destination;
  const known = [regionFinding(value), endpointFinding(value)];
  const network = await found(openSafely(value, options, world));
  if ('trouble' in network) return { findings: [...known, network.trouble], way: undefined };
  const lines = networkLines(network.value, value.url, world.env);
  return {
    findings: [...known, ok('network', lines.join('; '))],
    way: { destination: value, network: network.value },
  };
};

/** What comes, or as a finding why it does not. */
const found = async <T>(
  coming: Promise<T>,
): Promise<{ readonly value: T } | { readonly trouble: Finding }> => {
  try {
    return { value: await coming };
  } catch (error) {
    return { trouble: failed('network', error) };
  }
};

/** Which setting keeps the destination from being known. */
const labelOf = ({ exitCode, says }: Finding): string =>
  exitCode === 6 ? 'credentials' : /Region/.test(says) ? 'region' : 'endpoint';

/** As every command that calls AWS does it. */
const openSafely = async (
  { url }: Destination,
  options: DoctorOptions,
  world: World,
): Promise<OpenNetwork> => {
  requireCertificateChecks(world.env);
  const open = await openNetwork(options, world);
  open.network.routeTo(url);
  return open;
};

const regionFinding = ({ region, regionSource }: Destination): Finding => {
  const facts = { region, source: regionSource };
  if (REGIONS.includes(region)) return ok('region', `${region} (${regionSource})`, facts);
  const [guess] = guessNames(region, REGIONS);
  const suggestion = guess === undefined ? '' : `did you mean ${guess}? `;
  const says = `${region} (${regionSource}) is in no list of Regions that AWS has for metering`;
  return warn(
    'region',
    says,
    `${suggestion}the usual one is us-east-1; AWS may have added others since`,
    facts,
  );
};

const endpointFinding = ({ url, endpointSource }: Destination): Finding => {
  const facts = { endpoint: url.href, source: endpointSource };
  if (awsRegionOf(url) !== undefined) {
    const named = endpointSource === undefined ? url.origin : `${url.href} (${endpointSource})`;
    return ok('endpoint', `${named}, AWS's own`, facts);
  }
  const says = `${url.href} (${endpointSource}), not AWS's own: usage sent there need not reach AWS`;
  return isLoopback(url) && endpointSource !== '--endpoint-url'
    ? warn('endpoint', says, 'take the setting away to call AWS', facts)
    : ok('endpoint', says, facts);
};
