import type { World } from '../../world.ts';
import type { ServiceFlags } from '../options/connection.ts';
import type { Target } from './target.ts';

/** A private emulator in this process, for `--local`. It is loaded here, and only here. */
export const localTarget = async (flags: Pick<ServiceFlags, 'region'>, world: World): Promise<Target> => {
  const [{ startEmulator }, { KEY_PAIR }, { fixedCredentials }] = await Promise.all([
    import('../../emulator/server.ts'),
    import('../../emulator/principal.ts'),
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
