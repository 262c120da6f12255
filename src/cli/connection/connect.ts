import type { LookupCaller } from '../../cloudtrail/lookup.ts';
import { CredentialsError, UsageError } from '../../errors.ts';
import type { Client, ClientParts } from '../../metering/client.ts';
import type { Waiting } from '../../metering/credential-source.ts';
import type { Credentials } from '../../metering/credentials.ts';
import type { CalledOperation, ConnectionFlags } from '../../metering/destination.ts';
import type { Destination } from '../../metering/endpoint.ts';
import { show } from '../../render/text/escape.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { noticeText, warningText } from '../../render/text/warning.ts';
import type { Operation } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
import type { ServiceFlags } from '../options/connection.ts';
import { debugText } from './debug.ts';
import { networkLines, type OpenNetwork, openNetwork } from './network.ts';

export type Connection<C = Client> = {
  readonly client: C;
  readonly destination: Destination;
  /** True for the private emulator of `--local`. */
  readonly local: boolean;
  /** A file with the only certificate authorities that are trusted. */
  readonly caBundle: string | undefined;
  /** Says once that AWS's clock is so far ahead of this machine's (milliseconds; below 0: behind), if that is news. */
  readonly tellClock: (offsetMs: number) => void;
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
  const reach = await reachFor(operation, flags, world, terminal, {});
  const { createClient } = await import('../../metering/client.ts');
  return connectionOf(reach, createClient(reach.parts), flags.local);
};

/** The same for CloudTrail. */
export const connectTrail = async (
  flags: ServiceFlags,
  world: World,
  terminal: Terminal,
): Promise<Connection<LookupCaller>> => {
  const [{ createCaller }, { CLOUDTRAIL, PAGE_LIMIT_BYTES, SIGNING_NAME }] = await Promise.all([
    import('../../metering/client.ts'),
    import('../../cloudtrail/lookup.ts'),
  ]);
  const reach = await reachFor('LookupEvents', flags, world, terminal, {
    service: SIGNING_NAME,
    replyLimitBytes: PAGE_LIMIT_BYTES,
  });
  return connectionOf(reach, createCaller(CLOUDTRAIL, reach.parts), flags.local);
};

const connectionOf = <C extends { readonly close: () => void }>(
  { parts, caBundle, tellClock, close }: ClientSetup,
  client: C,
  local: boolean,
): Connection<C> => ({
  client,
  destination: parts.destination,
  local,
  caBundle,
  tellClock,
  close: async () => {
    client.close();
    await close();
  },
});

/** What a client needs. */
type ClientSetup = { readonly parts: ClientParts } & Pick<Connection, 'caBundle' | 'tellClock' | 'close'>;

/** Undefined members: as the metering service has it. */
type ServiceFacts = { readonly service?: string; readonly replyLimitBytes?: number };

const reachFor = async (
  operation: CalledOperation,
  flags: ServiceFlags,
  world: World,
  terminal: Terminal,
  { service, replyLimitBytes }: ServiceFacts,
): Promise<ClientSetup> => {
  const say = (text: string): void => {
    void world.stderr.write(text);
  };
  const target = flags.local ? await localTarget(flags, world) : await awsTarget(operation, flags, world);
  const { destination, credentials } = target;
  const remark = (text: string): void => {
    if (flags.quiet !== true) say(text);
  };
  const doubt = target.network?.warning;
  if (doubt !== undefined) remark(warningText(doubt, flags.output, terminal.err));
  const notice = noticeOf(operation, target.destination, flags);
  if (notice !== undefined) remark(noticeText(notice, flags.output, terminal.err));
  if (flags.debug) {
    const endpoint = destination.endpointSource === undefined ? '' : ` (${destination.endpointSource})`;
    say(`${terminal.err.dim('debug:')} region ${destination.region} (${destination.regionSource})\n`);
    say(`${terminal.err.dim('debug:')} endpoint ${destination.url.href}${endpoint}\n`);
    for (const line of target.network === undefined
      ? []
      : networkLines(target.network, destination.url, world.env))
      say(`${terminal.err.dim('debug:')} ${show(line)}\n`);
  }

  let toldMs = 0;
  const tellClock = (offsetMs: number): void => {
    if (Math.abs(offsetMs - toldMs) <= SKEW_NOTICE_MS) return;
    toldMs = offsetMs;
    const offset = `${spanText(offsetMs)} ${offsetMs > 0 ? 'ahead of' : 'behind'}`;
    const text = `AWS's clock is ${offset} this machine's; AWS's time is used`;
    remark(warningText(text, flags.output, terminal.err));
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
    trace: flags.debug ? event => say(debugText(event, terminal.err)) : undefined,
    onClockSet: tellClock,
  };
  return { parts, caBundle: target.network?.network.bundle?.path, tellClock, close: target.close };
};

/**
 * An endpoint that nobody named in this command line is told to people: a forgotten variable can send usage to an
 * emulator. A batch tells it in its summary.
 */
const noticeOf = (
  operation: CalledOperation,
  { url, endpointSource }: Destination,
  { local, endpointUrl, output }: ServiceFlags,
): string | undefined => {
  if (local) return `--local: a private emulator at ${url.origin}; nothing reaches AWS`;
  const isSaid = endpointSource === undefined || endpointUrl !== undefined || operation === 'BatchMeterUsage';
  return isSaid || output !== 'table' ? undefined : `calling ${url.origin} (${endpointSource})`;
};

type Target = {
  readonly destination: Destination;
  /** Undefined for the private emulator, which nothing stands before. */
  readonly network: OpenNetwork | undefined;
  readonly credentials: Credentials;
  readonly close: () => Promise<void>;
};

const awsTarget = async (operation: CalledOperation, flags: ServiceFlags, world: World): Promise<Target> => {
  if (world.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw new UsageError(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off',
      'unset it; for a private certificate authority use --ca-bundle',
    );
  }
  const [destination, { isLoopback }, { chainCredentials }] = await Promise.all([
    destinationOf(operation, flags, world),
    import('../../metering/endpoint.ts'),
    import('../../metering/credentials.ts'),
  ]);
  const network = await openNetwork(flags, world);
  // A proxy that cannot be used is told before anything waits for credentials.
  network.network.routeTo(destination.url);
  const { KEY_PAIR } = await import('../../emulator/key-pair.ts');
  const credentials = chainCredentials({
    profile: flags.profile,
    region: destination.region,
    network: network.network,
    world,
    vet: async (coming, from) => {
      const identity = await inTime(coming, from, flags.giveUpAfterMs, world);
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
  operation: CalledOperation,
  flags: ConnectionFlags,
  world: Pick<World, 'env' | 'files'>,
): Promise<Destination> => {
  const { loadSharedConfig, resolveDestination } = await import('../../metering/destination.ts');
  return resolveDestination(operation, {
    flags,
    env: world.env,
    shared: await loadSharedConfig(world),
    instanceRegion: async () => (await import('../../metering/instance.ts')).instanceRegion(world.env),
  });
};

/** A program or a machine that credentials come from may hang: it gets no more time than a request does. */
const LONGEST_WAIT_MS = 30_000;

export const inTime = async <T>(
  coming: Promise<T>,
  from: () => Waiting,
  giveUpAfterMs: number,
  { sleep, stop }: World,
): Promise<T> => {
  const over = new AbortController();
  const waitMs = Math.min(LONGEST_WAIT_MS, giveUpAfterMs);
  const late = async (): Promise<never> => {
    await sleep(waitMs, AbortSignal.any([over.signal, stop])).catch(() => {});
    const { title, trouble } = from();
    if (trouble !== undefined && !stop.aborted) throw trouble;
    const because = stop.aborted
      ? `the program was stopped while it waited for ${title}`
      : `${title} gave none within ${waitMs / 1000} s`;
    throw new CredentialsError('no AWS credentials could be loaded', {
      because,
      next: 'find out why it takes so long, or name another source',
    });
  };
  try {
    return await Promise.race([coming, late()]);
  } finally {
    over.abort();
  }
};

const localTarget = async (flags: ServiceFlags, world: World): Promise<Target> => {
  const [{ startEmulator }, { KEY_PAIR }, { fixedCredentials }] = await Promise.all([
    import('../../emulator/server.ts'),
    import('../../emulator/key-pair.ts'),
    import('../../metering/credentials.ts'),
  ]);
  const emulator = await startEmulator({
    host: '127.0.0.1',
    port: 0,
    now: world.now,
    uuid: world.uuid,
    window: 'on',
    signatures: 'verify',
  });
  return {
    destination: {
      url: new URL(emulator.url),
      region: flags.region ?? 'us-east-1',
      regionSource: flags.region === undefined ? 'the default' : '--region',
      endpointSource: '--local',
    },
    network: undefined,
    credentials: fixedCredentials(KEY_PAIR),
    close: emulator.close,
  };
};
