import { KnownError } from '../../errors.ts';
import type { KnownOffset } from '../../metering/aws-clock.ts';
import { type Terminal, warningText } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import type { LedgerScope } from '../ledger-location.ts';
import type { AwsAccess } from '../options/aws-access.ts';
import type { OutputFlags } from '../options/output.ts';
import { debugText } from './debug.ts';
import { openNetwork } from './network.ts';
import { destinationOf } from './target.ts';

/** Reading the ledger is not delayed longer. */
const ASK_TIMEOUT_MS = 3_000;

type EndpointTime = {
  /** AWS's, as far as it is known. */
  readonly now: Date;
  /** Undefined: the endpoint did not reply. */
  readonly known: KnownOffset | undefined;
};

/**
 * The time of the endpoint whose records are read, by one unsigned request without credentials. If that fails, this
 * machine's clock is used. A clock that is wrong is reported.
 */
export const endpointTime = async (
  scope: LedgerScope,
  { output, debug, profile, caBundle }: OutputFlags & Pick<AwsAccess, 'profile' | 'caBundle'>,
  world: World,
  { err }: Terminal,
): Promise<EndpointTime> => {
  const [{ clockNote, createAwsClock }, { createTransport }, { probeEndpoint }, { tracedTransport }] =
    await Promise.all([
      import('../../metering/aws-clock.ts'),
      import('../../metering/transport.ts'),
      import('../../metering/probe.ts'),
      import('../../metering/trace.ts'),
    ]);
  const clock = createAwsClock(world, () => {});
  try {
    const url = await urlOf(scope, world);
    const { network } = await openNetwork({ profile, caBundle }, world);
    const trace = debug
      ? (event: Parameters<typeof debugText>[0]) => void world.stderr.write(debugText(event, err))
      : undefined;
    const transport = createTransport(undefined, network);
    const sentAtMs = world.monotonic();
    try {
      const traced = tracedTransport(transport, trace, world);
      clock.note(
        await probeEndpoint(traced, url, `ampmeter/${world.version}`, { timeoutMs: ASK_TIMEOUT_MS }),
        sentAtMs,
      );
    } finally {
      transport.close();
    }
  } catch (error) {
    if (!isExpected(error)) throw error;
  }
  const known = clock.known();
  const note = known === undefined ? undefined : clockNote(known);
  if (note !== undefined)
    await world.stderr.write(warningText(`${note}; hours are counted by AWS's clock`, output, err));
  return { now: clock.now(), known };
};

/** No reply came, or a setting of this machine is invalid: an upload reports it. */
const isExpected = (error: unknown): boolean =>
  error instanceof KnownError || (error as Error).name === 'NetworkError';

/** AWS's own endpoint in the Region of the records, or the endpoint in the ledger. */
const urlOf = async (
  { endpoint, region }: LedgerScope,
  { env, files }: Pick<World, 'env' | 'files'>,
): Promise<URL> => {
  if (endpoint !== 'aws') return new URL(endpoint);
  const flags = { profile: undefined, region, endpointUrl: undefined, dualStack: false, fips: false };
  const ofAws = { ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' };
  return (await destinationOf('BatchMeterUsage', flags, { env: ofAws, files })).url;
};
