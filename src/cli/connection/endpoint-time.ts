import { KnownError } from '../../errors.ts';
import type { KnownOffset } from '../../metering/aws-clock.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { warningText } from '../../render/text/warning.ts';
import type { World } from '../../world.ts';
import type { LedgerScope } from '../ledger-location.ts';
import type { OutputFlags } from '../options/output.ts';
import { destinationOf } from './connect.ts';
import { debugText } from './debug.ts';
import { openNetwork } from './network.ts';

/** Whoever reads the ledger is not held up for longer. Milliseconds. */
const ASK_MS = 3_000;

export type EndpointTime = {
  /** AWS's, as far as it is known. */
  readonly now: Date;
  /** Undefined: it could not be asked. */
  readonly known: KnownOffset | undefined;
};

/**
 * What time it is at the endpoint whose records are looked at, by one unsigned request without credentials. Whatever
 * stands in its way, this machine's clock has to do then. A clock that is off is told.
 */
export const endpointTime = async (
  scope: LedgerScope,
  { output, debug }: OutputFlags,
  world: World,
  { err }: Terminal,
): Promise<EndpointTime> => {
  const [{ clockNote, createAwsClock }, { createTransport }, { probeEndpoint }, { watched }] =
    await Promise.all([
      import('../../metering/aws-clock.ts'),
      import('../../metering/transport.ts'),
      import('../../metering/probe.ts'),
      import('../../metering/watched.ts'),
    ]);
  const clock = createAwsClock(world, () => {});
  try {
    const url = await urlOf(scope, world);
    const { network } = await openNetwork({ profile: undefined, caBundle: undefined }, world);
    const trace = debug
      ? (event: Parameters<typeof debugText>[0]) => void world.stderr.write(debugText(event, err))
      : undefined;
    const transport = createTransport(undefined, network);
    const sentAtMs = world.monotonic();
    try {
      const way = watched(transport, trace, world);
      clock.note(await probeEndpoint(way, url, `ampmeter/${world.version}`, { timeoutMs: ASK_MS }), sentAtMs);
    } finally {
      transport.close();
    }
  } catch (error) {
    if (!isExpected(error)) throw error;
  }
  const known = clock.known();
  const note = known === undefined ? undefined : clockNote(known);
  if (note !== undefined)
    await world.stderr.write(warningText(`${note}; hours are counted by AWS's`, output, err));
  return { now: clock.now(), known };
};

/** Nobody replies, or a setting of this machine does not hold: an upload says so. */
const isExpected = (error: unknown): boolean =>
  error instanceof KnownError || (error as Error).name === 'NetworkError';

/** AWS's own endpoint, in the Region that is looked at, or the one that the ledger names. */
const urlOf = async (
  { endpoint, region }: LedgerScope,
  { env, files }: Pick<World, 'env' | 'files'>,
): Promise<URL> => {
  if (endpoint !== 'aws') return new URL(endpoint);
  const flags = { profile: undefined, region, endpointUrl: undefined, dualStack: false, fips: false };
  const ofAws = { ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' };
  return (await destinationOf('BatchMeterUsage', flags, { env: ofAws, files })).url;
};
