import { CredentialsError, UsageError } from '../errors.ts';
import type { Client } from '../metering/client.ts';
import type { Credentials } from '../metering/credentials.ts';
import type { Destination } from '../metering/endpoint.ts';
import type { Operation } from '../metering/wire.ts';
import type { Terminal } from '../report/terminal.ts';
import { noticeText, warningText } from '../report/warning.ts';
import type { World } from '../world.ts';
import { debugText } from './debug.ts';
import type { ServiceFlags } from './flags.ts';

export type Connection = {
  readonly client: Client;
  readonly destination: Destination;
  /** True for the private emulator of `--local`. */
  readonly local: boolean;
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
  const say = (text: string): void => {
    void world.stderr.write(text);
  };
  const target = flags.local ? await localTarget(flags, world) : await awsTarget(operation, flags, world);
  const { destination, credentials } = target;
  const notice = noticeOf(operation, target.destination, flags);
  if (notice !== undefined) say(noticeText(notice, flags.output, terminal.err));
  if (flags.debug) {
    const endpoint = destination.endpointSource === undefined ? '' : ` (${destination.endpointSource})`;
    say(`${terminal.err.dim('debug:')} region ${destination.region} (${destination.regionSource})\n`);
    say(`${terminal.err.dim('debug:')} endpoint ${destination.url.href}${endpoint}\n`);
  }

  const onClockSet = (offsetMs: number): void => {
    const offset = `${Math.round(Math.abs(offsetMs) / 1000)} s ${offsetMs > 0 ? 'ahead of' : 'behind'}`;
    const text = `AWS's clock is ${offset} this machine's; signing with AWS's time`;
    say(warningText(text, flags.output, terminal.err));
  };

  const [{ createClient }, { createTransport }, { createSigner }] = await Promise.all([
    import('../metering/client.ts'),
    import('../metering/transport.ts'),
    import('../metering/sign.ts'),
  ]);
  const client = createClient({
    destination,
    transport: createTransport(),
    sign: createSigner({ region: destination.region, credentials: credentials.get }),
    credentials,
    world,
    trace: flags.debug ? event => say(debugText(event, terminal.err)) : undefined,
    onClockSet,
  });
  return {
    client,
    destination,
    local: flags.local,
    close: async () => {
      client.close();
      await target.close();
    },
  };
};

/**
 * An endpoint that nobody named in this command line is told to people: a forgotten variable can send usage to an
 * emulator. A batch tells it in its summary.
 */
const noticeOf = (
  operation: Operation,
  { url, endpointSource }: Destination,
  { local, endpointUrl, output }: ServiceFlags,
): string | undefined => {
  if (local) return `--local: a private emulator at ${url.origin}; nothing reaches AWS`;
  const isSaid = endpointSource === undefined || endpointUrl !== undefined || operation === 'BatchMeterUsage';
  return isSaid || output !== 'table' ? undefined : `calling ${url.origin} (${endpointSource})`;
};

type Target = {
  readonly destination: Destination;
  readonly credentials: Credentials;
  readonly close: () => Promise<void>;
};

const awsTarget = async (operation: Operation, flags: ServiceFlags, world: World): Promise<Target> => {
  if (world.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw new UsageError(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off',
      'unset it; for a private certificate authority set NODE_EXTRA_CA_CERTS',
    );
  }
  const [{ loadSharedConfig, resolveDestination }, { isLoopback }, { chainCredentials }] = await Promise.all([
    import('../metering/destination.ts'),
    import('../metering/endpoint.ts'),
    import('../metering/credentials.ts'),
  ]);
  const destination = await resolveDestination(operation, {
    flags,
    env: world.env,
    shared: await loadSharedConfig(),
    instanceRegion: async () => (await import('../metering/instance.ts')).instanceRegion(world.env),
  });
  const { KEY_PAIR } = await import('../emulator/key-pair.ts');
  const credentials = chainCredentials({
    profile: flags.profile,
    region: destination.region,
    env: world.env,
    now: world.now,
    vet: async coming => {
      const identity = await inTime(coming, flags.giveUpAfterMs, world);
      if (identity.accessKeyId === KEY_PAIR.accessKeyId && !isLoopback(destination.url)) {
        throw new CredentialsError("these are the emulator's example keys; they are not sent to AWS", {
          next: 'use the credentials of the account that sells the product, or say --local',
        });
      }
      return identity;
    },
  });
  return { destination, credentials, close: async () => {} };
};

/** A program or a machine that credentials come from may hang: it gets no more time than a request does. */
const LONGEST_WAIT_MS = 30_000;

const inTime = async <T>(coming: Promise<T>, giveUpAfterMs: number, { sleep, stop }: World): Promise<T> => {
  const over = new AbortController();
  const waitMs = Math.min(LONGEST_WAIT_MS, giveUpAfterMs);
  const late = async (): Promise<never> => {
    await sleep(waitMs, AbortSignal.any([over.signal, stop])).catch(() => {});
    const because = stop.aborted ? 'the program was stopped' : `none came within ${waitMs / 1000} s`;
    throw new CredentialsError('no AWS credentials could be loaded', {
      because,
      next: 'see what the profile gets them from',
    });
  };
  try {
    return await Promise.race([coming, late()]);
  } finally {
    over.abort();
  }
};

const localTarget = async (flags: ServiceFlags, world: World): Promise<Target> => {
  for (const [given, flag] of [
    [flags.endpointUrl !== undefined, '--endpoint-url'],
    [flags.profile !== undefined, '--profile'],
    [flags.dualStack, '--dual-stack'],
    [flags.fips, '--fips'],
    [flags.showRequest, '--show-request'],
  ] as const) {
    if (given) throw new UsageError(`--local and ${flag} do not go together`);
  }
  const [{ startEmulator }, { KEY_PAIR }, { fixedCredentials }] = await Promise.all([
    import('../emulator/server.ts'),
    import('../emulator/key-pair.ts'),
    import('../metering/credentials.ts'),
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
    credentials: fixedCredentials(KEY_PAIR),
    close: emulator.close,
  };
};
