import type { LookupCaller } from '../../cloudtrail/lookup.ts';
import type { Client, ClientParts, ServiceCaller } from '../../metering/client.ts';
import type { Credentials } from '../../metering/credentials.ts';
import type { ClientOperation } from '../../metering/destination.ts';
import type { Destination } from '../../metering/endpoint.ts';
import type { Protocol } from '../../metering/protocol.ts';
import { show } from '../../render/text/escape.ts';
import { noticeText, type Terminal, warningText } from '../../render/text/terminal.ts';
import type { Operation } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
import type { ServiceFlags } from '../options/connection.ts';
import { debugText } from './debug.ts';
import { localTarget } from './local.ts';
import { networkLines } from './network.ts';
import { awsTarget } from './target.ts';

export type Connection<C = Client> = {
  readonly client: C;
  readonly destination: Destination;
  /** For other services that are called as well. */
  readonly credentials: Credentials;
  /** True for the private emulator of `--local`. */
  readonly local: boolean;
  /** A file with the only certificate authorities that are trusted. */
  readonly caBundle: string | undefined;
  /** Warns once that AWS's clock is ahead of this machine's by this many milliseconds (below 0: behind). */
  readonly reportClock: (offsetMs: number) => void;
  readonly close: () => Promise<void>;
};

/**
 * A client for the service the flags name. Nothing is called and no credentials are loaded yet. AWS's packages are
 * loaded here, and only here, so that help and completion start without them.
 */
export const connect = async (
  operation: Operation,
  flags: ServiceFlags,
  world: World,
  terminal: Terminal,
): Promise<Connection> => {
  const setup = await setUpClient(operation, flags, world, terminal, {});
  const { createClient } = await import('../../metering/client.ts');
  return connectionOf(setup, createClient(setup.parts), flags.local);
};

/** The same for CloudTrail. */
export const connectTrail = async (
  flags: ServiceFlags,
  world: World,
  terminal: Terminal,
): Promise<Connection<LookupCaller>> => {
  const { CLOUDTRAIL, PAGE_LIMIT_BYTES, SIGNING_NAME } = await import('../../cloudtrail/lookup.ts');
  const service = { service: SIGNING_NAME, replyLimitBytes: PAGE_LIMIT_BYTES };
  return connectService('LookupEvents', CLOUDTRAIL, service, flags, world, terminal);
};

/** The same for any service. */
export const connectService = async <In, Out>(
  operation: ClientOperation,
  protocol: Protocol<In, Out>,
  service: ConnectedService,
  flags: ServiceFlags,
  world: World,
  terminal: Terminal,
): Promise<Connection<ServiceCaller<In, Out>>> => {
  const { createCaller } = await import('../../metering/client.ts');
  const setup = await setUpClient(operation, flags, world, terminal, service);
  return connectionOf(setup, createCaller(protocol, setup.parts), flags.local);
};

const connectionOf = <C extends { readonly close: () => void }>(
  { parts, caBundle, reportClock, close }: ClientSetup,
  client: C,
  local: boolean,
): Connection<C> => ({
  client,
  destination: parts.destination,
  credentials: parts.credentials,
  local,
  caBundle,
  reportClock,
  close: async () => {
    client.close();
    await close();
  },
});

/** What a client needs. */
type ClientSetup = { readonly parts: ClientParts } & Pick<Connection, 'caBundle' | 'reportClock' | 'close'>;

/** Undefined members: those of the metering service. */
type ConnectedService = { readonly service?: string; readonly replyLimitBytes?: number };

const setUpClient = async (
  operation: ClientOperation,
  flags: ServiceFlags,
  world: World,
  terminal: Terminal,
  { service, replyLimitBytes }: ConnectedService,
): Promise<ClientSetup> => {
  const print = (text: string): void => {
    void world.stderr.write(text);
  };
  const target = flags.local ? await localTarget(flags, world) : await awsTarget(operation, flags, world);
  const { destination, credentials } = target;
  const printNotice = (text: string): void => {
    if (flags.quiet !== true) print(text);
  };
  const warning = target.network?.warning;
  if (warning !== undefined) printNotice(warningText(warning, flags.output, terminal.err));
  const notice = noticeOf(operation, target.destination, flags);
  if (notice !== undefined) printNotice(noticeText(notice, flags.output, terminal.err));
  if (flags.debug) {
    const endpoint = destination.endpointSource === undefined ? '' : ` (${destination.endpointSource})`;
    print(`${terminal.err.dim('debug:')} region ${destination.region} (${destination.regionSource})\n`);
    print(`${terminal.err.dim('debug:')} endpoint ${destination.url.href}${endpoint}\n`);
    for (const line of target.network === undefined
      ? []
      : networkLines(target.network, destination.url, world.env))
      print(`${terminal.err.dim('debug:')} ${show(line)}\n`);
  }

  let reportedMs = 0;
  const reportClock = (offsetMs: number): void => {
    if (Math.abs(offsetMs - reportedMs) <= SKEW_NOTICE_MS) return;
    reportedMs = offsetMs;
    const offset = `${spanText(offsetMs)} ${offsetMs > 0 ? 'ahead of' : 'behind'}`;
    const text = `AWS's clock is ${offset} this machine's; AWS's time is used`;
    printNotice(warningText(text, flags.output, terminal.err));
  };

  const [{ createTransport }, { createSigner }, { SKEW_NOTICE_MS, spanText }] = await Promise.all([
    import('../../metering/transport.ts'),
    import('../../metering/sign.ts'),
    import('../../metering/aws-clock.ts'),
  ]);
  const parts: ClientParts = {
    destination,
    transport: createTransport(replyLimitBytes, target.network?.network),
    sign: createSigner({
      region: destination.region,
      credentials: credentials.get,
      ...(service !== undefined && { service }),
    }),
    credentials,
    world,
    trace: flags.debug ? event => print(debugText(event, terminal.err)) : undefined,
    onClockSet: reportClock,
  };
  return { parts, caBundle: target.network?.network.bundle?.path, reportClock, close: target.close };
};

/**
 * An endpoint that does not come from this command line is shown to people: a forgotten variable can send usage to an
 * emulator. A batch shows it in its summary.
 */
const noticeOf = (
  operation: ClientOperation,
  { url, endpointSource }: Destination,
  { local, endpointUrl, output }: ServiceFlags,
): string | undefined => {
  if (local) return `--local: a private emulator at ${url.origin}; nothing reaches AWS`;
  const isKnown =
    endpointSource === undefined || endpointUrl !== undefined || operation === 'BatchMeterUsage';
  return isKnown || output !== 'table' ? undefined : `calling ${url.origin} (${endpointSource})`;
};
