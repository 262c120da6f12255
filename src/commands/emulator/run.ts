import type { AccessKey } from '../../emulator/market/market.ts';
import { OutputError, UsageError } from '../../errors.ts';
import { unwritableBecause } from '../../files/atomic-write.ts';
import { terminalFor, warningText } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import type { EmulatorCommandOptions } from './options.ts';

/** Serves until the program is asked to stop. */
export const runEmulator = async (options: EmulatorCommandOptions, world: World): Promise<number> => {
  const [{ startEmulator }, { loadCatalog }, { claimFiles }] = await Promise.all([
    import('../../emulator/server.ts'),
    import('./catalog.ts'),
    import('./files.ts'),
  ]);
  const { err } = terminalFor(world, options.color);
  await claimFiles(options, world);
  const emulator = await startEmulator({
    host: options.host,
    port: options.port,
    now: world.now,
    uuid: world.uuid,
    window: options.window,
    signatures: options.signatures,
    ...(options.catalog !== undefined && { catalog: await loadCatalog(options.catalog, world) }),
    faults: options.faults,
    behaviours: options.behaviours,
    seed: options.seed,
    ...(options.rate !== undefined && { rate: options.rate }),
    ...(options.clock !== undefined && { clock: options.clock }),
    ...(options.log !== undefined && { log: options.log }),
    ...(options.state !== undefined && { state: options.state }),
    ...(options.cloudTrail !== undefined && { cloudTrail: options.cloudTrail }),
    cloudTrailDelayMs: options.cloudTrailDelay,
    onTrouble: error => {
      const said = `CloudTrail's log files cannot be written: ${(error as Error).message}; the emulator will try again`;
      void world.stderr.write(warningText(said, options.output, err));
    },
    onRequest: ({ method, path, operation, status, error, fault, failure }) => {
      if (failure !== undefined) {
        void world.stderr.write(`${err.fail('error:')} the emulator failed: ${(failure as Error).message}\n`);
      }
      if (!options.debug) return;
      const parts = [method, path, operation ?? '-', status, error ?? '', fault ?? ''];
      void world.stderr.write(`${err.dim('debug:')} ${parts.filter(part => part !== '').join(' ')}\n`);
    },
  }).catch((error: NodeJS.ErrnoException) => {
    if (options.log !== undefined && error.syscall === 'open') {
      throw new UsageError(`cannot write the log ${options.log}: ${unwritableBecause(error)}`);
    }
    if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') throw error;
    throw new UsageError(
      `cannot listen on ${options.host}:${options.port}: ${error.code === 'EADDRINUSE' ? 'the port is in use' : error.message}`,
      'choose another with --port; 0 picks a free one',
    );
  });
  if (!emulator.onLoopback) {
    await world.stderr.write(
      warningText(`other machines can reach this emulator at ${options.host}`, options.output, err),
    );
  }
  await world.stdout.write(readyText(emulator.url, emulator.credentials(), options.output));
  await world.stdout.drained();
  // The program that starts it reads the address from there, and would wait forever.
  if (world.stdout.failure() === undefined)
    await new Promise<void>(resolve => {
      if (world.stop.aborted) resolve();
      else world.stop.addEventListener('abort', () => resolve(), { once: true });
    });
  await emulator.close().catch(error => {
    throw new OutputError((error as Error).message);
  });
  return 0;
};

const readyText = (
  url: string,
  credentials: AccessKey | undefined,
  output: EmulatorCommandOptions['output'],
): string => {
  if (output !== 'table') return `${JSON.stringify({ type: 'ready', url, ...credentials })}\n`;
  const variables = [
    ['AWS_ACCESS_KEY_ID', credentials?.accessKeyId],
    ['AWS_SECRET_ACCESS_KEY', credentials?.secretAccessKey],
    ['AWS_SESSION_TOKEN', credentials?.sessionToken],
  ] as const;
  const set = variables.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`]));
  return `listening on ${url}\n${set.join('')}`;
};
