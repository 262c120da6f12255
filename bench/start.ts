import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { KEY_PAIR } from '../src/emulator/principal.ts';
import { startEmulator } from '../src/emulator/server.ts';
import { median } from './measure.ts';

/**
 * How soon the tool is there, as ratios in one run: `node bench/start.ts [rounds]`, after `npm run build`. Whole processes,
 * one after the other: `--version` against `node -e 0`, and `resolve` against the same call by AWS's generated client and by
 * the AWS CLI, where that is installed.
 */
const rounds = Number(process.argv[2] ?? 20);
const root = join(import.meta.dirname, '..');
const tool = join(root, 'bin/ampmeter.js');

/** In a process of its own, since this one cannot answer while it waits for others. */
if (process.env['BENCH_SERVE'] !== undefined) {
  const { url } = await startEmulator({
    port: 0,
    now: () => new Date(),
    uuid: () => crypto.randomUUID(),
    window: 'on',
    signatures: 'verify',
  });
  process.stdout.write(`${url}\n`);
} else {
  const server = spawn(process.execPath, [import.meta.filename], {
    env: { ...process.env, BENCH_SERVE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const env = {
    PATH: process.env['PATH'],
    HOME: root,
    AWS_ENDPOINT_URL: line.toString().trim(),
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
  };
  const client = join(import.meta.dirname, 'aws-client-resolve.mjs');
  const programs: Record<string, [string, ...string[]]> = {
    'node -e 0': [process.execPath, '-e', '0'],
    '--version': [process.execPath, tool, '--version'],
    'AWS client': [process.execPath, client],
    resolve: [process.execPath, tool, 'resolve', 'test_token'],
    'AWS CLI': ['aws', 'meteringmarketplace', 'resolve-customer', '--registration-token', 'test_token'],
  };
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, [command, ...args]] of Object.entries(programs)) {
      const start = performance.now();
      const { error, status, stderr } = spawnSync(command, args, { env });
      if (error !== undefined && name === 'AWS CLI') continue;
      if (status !== 0) throw new Error(`${name}: ${error?.message ?? stderr}`);
      times[name] = [...(times[name] ?? []), performance.now() - start];
    }
  }
  server.kill();
  const of = (name: string): number => median(times[name] ?? []);
  const ratio = (name: string, to: string): string =>
    times[to] === undefined
      ? `${to}: not installed`
      : `${name} ${of(name).toFixed(0)} ms = ${(of(name) / of(to)).toFixed(2)} × ${to} (${of(to).toFixed(0)} ms)`;
  process.stdout.write(
    [
      `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, median of ${rounds}`,
      ratio('--version', 'node -e 0'),
      ratio('resolve', 'AWS client'),
      ratio('resolve', 'AWS CLI'),
      '',
    ].join('\n'),
  );
}
