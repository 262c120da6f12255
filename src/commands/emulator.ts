import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { terminalFor } from '../report/terminal.ts';
import type { World } from '../world.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { addOutputFlags, type OutputFlags, parseInteger } from './flags.ts';

export type EmulatorFlags = OutputFlags & {
  readonly host: string;
  readonly port: number;
  readonly window: 'on' | 'off';
  readonly signatures: 'verify' | 'skip';
};

export const addEmulator = (program: Command, run: (options: EmulatorFlags) => Promise<void>): Command =>
  addOutputFlags(
    program
      .command('emulator')
      .summary('run the metering service on this machine, for tests')
      .description(
        'Serves the four operations over HTTP for any AWS SDK, with signatures verified. What it records is shown at ' +
          '/_emulator/records. Stop it with Ctrl-C.',
      )
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .addOption(
        new Option('--port <number>', 'port to listen on; 0 picks a free one')
          .argParser(parseInteger(0, 65_535))
          .default(4100),
      )
      .addOption(
        new Option('--window <mode>', 'refuse usage that is too old').choices(['on', 'off']).default('on'),
      )
      .addOption(
        new Option('--signatures <mode>', 'check them, or take made-up keys')
          .choices(['verify', 'skip'])
          .default('verify'),
      ),
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        output: raw.output,
        color: raw.color,
        debug: raw.debug ?? false,
        host: raw.host,
        port: raw.port,
        window: raw.window,
        signatures: raw.signatures,
      }),
    );

const HELP = `
Examples:
  ampmeter emulator
  ampmeter emulator --port 0 -o json
  AWS_ENDPOINT_URL=http://127.0.0.1:4100 AWS_ACCESS_KEY_ID=AKIDEXAMPLE \\
    AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY ampmeter batch usage.csv

${exitCodesHelp([1, 2, 130])}`;

/** Serves until the program is asked to stop. */
export const runEmulator = async (options: EmulatorFlags, world: World): Promise<number> => {
  const [{ startEmulator }, { KEY_PAIR }] = await Promise.all([
    import('../emulator/server.ts'),
    import('../emulator/key-pair.ts'),
  ]);
  const { err } = terminalFor(world, options.color);
  const emulator = await startEmulator({
    host: options.host,
    port: options.port,
    now: world.now,
    uuid: world.uuid,
    window: options.window,
    signatures: options.signatures,
    ...(options.debug && {
      onRequest: ({ method, path, operation, status, error }) => {
        const parts = [method, path, operation ?? '-', status, error ?? ''];
        void world.stderr.write(`${err.dim('debug:')} ${parts.join(' ').trimEnd()}\n`);
      },
    }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') throw error;
    throw new UsageError(
      `cannot listen on ${options.host}:${options.port}: ${error.code === 'EADDRINUSE' ? 'the port is in use' : error.message}`,
      'choose another with --port; 0 picks a free one',
    );
  });
  if (!/^(127\.|localhost$|::1$)/.test(options.host)) {
    await world.stderr.write(
      `${err.warn('warning:')} other machines can reach this emulator at ${options.host}\n`,
    );
  }
  const { accessKeyId, secretAccessKey } = KEY_PAIR;
  const ready =
    options.output === 'table'
      ? `listening on ${emulator.url}\nAWS_ACCESS_KEY_ID=${accessKeyId}\nAWS_SECRET_ACCESS_KEY=${secretAccessKey}\n`
      : `${JSON.stringify({ type: 'ready', url: emulator.url, accessKeyId, secretAccessKey })}\n`;
  await world.stdout.write(ready);
  await new Promise<void>(resolve => {
    if (world.stop.aborted) resolve();
    else world.stop.addEventListener('abort', () => resolve(), { once: true });
  });
  await emulator.close();
  return 0;
};
