import { CredentialsError, UsageError } from '../errors.ts';
import type { Client } from '../metering/client.ts';
import type { Credentials } from '../metering/credentials.ts';
import type { Destination } from '../metering/endpoint.ts';
import type { Operation } from '../metering/wire.ts';
import type { Terminal } from '../report/terminal.ts';
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
  if (flags.local) {
    const notice = `--local: a private emulator at ${destination.url.origin}; nothing reaches AWS`;
    say(
      flags.output === 'table'
        ? `${terminal.err.dim(notice)}\n`
        : `${JSON.stringify({ type: 'notice', message: notice })}\n`,
    );
  }
  if (flags.debug) {
    const endpoint = destination.endpointSource === undefined ? '' : ` (${destination.endpointSource})`;
    say(`${terminal.err.dim('debug:')} region ${destination.region} (${destination.regionSource})\n`);
    say(`${terminal.err.dim('debug:')} endpoint ${destination.url.href}${endpoint}\n`);
  }

  const onClockSet = (offsetMs: number): void => {
    const offset = `${Math.round(Math.abs(offsetMs) / 1000)} s ${offsetMs > 0 ? 'ahead of' : 'behind'}`;
    say(
      `${terminal.err.warn('warning:')} AWS's clock is ${offset} this machine's; signing with AWS's time\n`,
    );
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
  const chain = chainCredentials({
    profile: flags.profile,
    region: destination.region,
    env: world.env,
    now: world.now,
  });
  const { KEY_PAIR } = await import('../emulator/key-pair.ts');
  const get: Credentials['get'] = async () => {
    const identity = await chain.get();
    if (identity.accessKeyId === KEY_PAIR.accessKeyId && !isLoopback(destination.url)) {
      throw new CredentialsError("these are the emulator's example keys; they are not sent to AWS", {
        next: 'use the credentials of the account that sells the product, or say --local',
      });
    }
    return identity;
  };
  return { destination, credentials: { ...chain, get }, close: async () => {} };
};

const localTarget = async (flags: ServiceFlags, world: World): Promise<Target> => {
  for (const [given, flag] of [
    [flags.endpointUrl, '--endpoint-url'],
    [flags.profile, '--profile'],
  ]) {
    if (given !== undefined) throw new UsageError(`--local and ${flag} do not go together`);
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
