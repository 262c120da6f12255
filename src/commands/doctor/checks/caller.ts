import { destinationOf } from '../../../cli/connection/target.ts';
import { CredentialsError } from '../../../errors.ts';
import type { Credentials } from '../../../metering/credentials.ts';
import { type Destination, isLoopback } from '../../../metering/endpoint.ts';
import type { World } from '../../../world.ts';
import type { DoctorOptions } from '../options.ts';
import { type CheckResult, failed, skipped } from './check.ts';
import {
  type CheckedIdentity,
  checkIdentity,
  credentialsFinding,
  featuresOf,
  type LoadedCredentials,
} from './identity.ts';
import type { Reaching } from './reach.ts';
import { checkRole, originOf } from './role.ts';

/** Credentials, their account, and whether AWS accepts them for the command. */
export const checkCaller = async (
  options: DoctorOptions,
  destination: Destination,
  credentials: Pick<Credentials, 'get'>,
  reaching: Reaching,
  world: World,
): Promise<readonly CheckResult[]> => {
  const { env } = world;
  const { command } = options;
  let identity: LoadedCredentials;
  try {
    identity = await credentials.get();
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    const because = 'no credentials were found';
    return [failed('credentials', error), skipped('identity', because), skipped('role', because)];
  }
  const { finding, arn } = await identified(identity, options, destination, reaching, world);
  const origin = originOf(featuresOf(identity), env);
  const role = checkRole({ command, origin, env, isEmulator: isLoopback(destination.url), arn });
  return [credentialsFinding(identity, world), finding, role];
};

/**
 * An endpoint given by flag is that of the metering service. On this machine it is an emulator, which replies for STS as
 * well: no other service knows its keys.
 */
const identified = async (
  identity: LoadedCredentials,
  options: DoctorOptions,
  destination: Destination,
  reaching: Reaching,
  world: World,
): Promise<CheckedIdentity> => {
  const { region, url } = destination;
  const isNamed = (world.env['AWS_ENDPOINT_URL_STS'] ?? '') !== '';
  if (isLoopback(url) && !isNamed) return checkIdentity(identity, destination, reaching);
  const flags = { ...options, region, endpointUrl: undefined };
  try {
    return await checkIdentity(identity, await destinationOf('GetCallerIdentity', flags, world), reaching);
  } catch (error) {
    return { finding: failed('identity', error) };
  }
};
