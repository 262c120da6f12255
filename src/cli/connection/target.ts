import { CredentialsError } from '../../errors.ts';
import type { Prompt } from '../../metering/credential-source.ts';
import type { Credentials } from '../../metering/credentials.ts';
import type { ClientOperation, ConnectionFlags } from '../../metering/destination.ts';
import type { Destination } from '../../metering/endpoint.ts';
import type { World } from '../../world.ts';
import type { AwsAccess } from '../options/aws-access.ts';
import { checkRoute, type OpenNetwork, openNetwork, requireCertificateChecks } from './network.ts';

/** The flags that say how AWS is reached. */
type TargetFlags = ConnectionFlags & AwsAccess;

export type Target = {
  readonly destination: Destination;
  /** Undefined for the private emulator, which is called directly. */
  readonly network: OpenNetwork | undefined;
  readonly credentials: Credentials;
  readonly close: () => Promise<void>;
};

/** The AWS service the flags name, or the emulator at an endpoint. Throws UsageError or CredentialsError. */
export const awsTarget = async (
  operation: ClientOperation,
  flags: TargetFlags,
  world: World,
): Promise<Target> => {
  requireCertificateChecks(world.env);
  const [destination, { isLoopback }, { chainCredentials }] = await Promise.all([
    destinationOf(operation, flags, world),
    import('../../metering/endpoint.ts'),
    import('../../metering/credentials.ts'),
  ]);
  const network = await openNetwork(flags, world);
  checkRoute(network, destination.url);
  const { KEY_PAIR } = await import('../../emulator/principal.ts');
  const credentials = chainCredentials({
    profile: flags.profile,
    region: destination.region,
    network: network.network,
    world,
    validate: async (pending, from) => {
      const identity = await waitForCredentials(pending, from, flags.giveUpAfterMs, world);
      if (identity.accessKeyId === KEY_PAIR.accessKeyId && !isLoopback(destination.url)) {
        throw new CredentialsError("these are the emulator's example keys; they are not sent to AWS", {
          next: 'use the credentials of the account that sells the product',
        });
      }
      return identity;
    },
  });
  return { destination, network, credentials, close: async () => {} };
};

/** Where a call would go. Nothing is called. */
export const destinationOf = async (
  operation: ClientOperation,
  flags: ConnectionFlags,
  world: Pick<World, 'env' | 'files'>,
): Promise<Destination> => {
  const [{ instanceRegion, resolveDestination }, { loadSharedConfig }] = await Promise.all([
    import('../../metering/destination.ts'),
    import('../../metering/shared-config.ts'),
  ]);
  return resolveDestination(operation, {
    flags,
    env: world.env,
    shared: await loadSharedConfig(world),
    instanceRegion: () => instanceRegion(world.env),
  });
};

/** The same as one request gets. Milliseconds. */
const MAX_WAIT_MS = 30_000;

/** Waits for credentials, but not forever: the program or the machine that they come from may hang. */
export const waitForCredentials = async <T>(
  pending: Promise<T>,
  from: () => Prompt,
  giveUpAfterMs: number,
  { sleep, stop }: World,
): Promise<T> => {
  const over = new AbortController();
  const waitMs = Math.min(MAX_WAIT_MS, giveUpAfterMs);
  const late = async (): Promise<never> => {
    await sleep(waitMs, AbortSignal.any([over.signal, stop])).catch(() => {});
    const { title, failure } = from();
    if (failure !== undefined && !stop.aborted) throw failure;
    const because = stop.aborted
      ? `stopped while waiting for ${title}`
      : `${title} returned none within ${waitMs / 1000} s`;
    throw new CredentialsError('no AWS credentials could be loaded', {
      because,
      next: 'find out why it takes so long, or use another source',
    });
  };
  try {
    return await Promise.race([pending, late()]);
  } finally {
    over.abort();
  }
};
