import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { measure, median, type Usage } from './measure.ts';
import { writeUsage } from './usage-file.ts';

/**
 * What an upload costs, as ratios in one run: `node bench/upload.ts [rounds]`, after `npm run build`. Processor time for
 * 100,000 records against a loop over AWS's client, and time and memory at 1,000,000 rows against 100,000.
 */
const rounds = Number(process.argv[2] ?? 3);
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'ampmeter-bench-'));

const server = spawn(process.execPath, [join(import.meta.dirname, 'always-success.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const [url = ''] = await new Promise<string[]>(resolve =>
    createInterface(server.stdout).once('line', line => resolve([line])),
  );
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'x',
  };
  const small = await writeUsage(join(folder, '100k.csv'), 100_000);
  const large = await writeUsage(join(folder, '1m.csv'), 1_000_000);
  const tool = (file: string, ...flags: string[]): Promise<Usage> =>
    measure(
      join(root, 'bin/ampmeter.js'),
      ['batch', file, '--allow-round-accounts', '--no-rejects', ...flags],
      env,
    );

  const loop: Usage[] = [];
  const durable: Usage[] = [];
  const light: Usage[] = [];
  for (let round = 0; round < rounds; round += 1) {
    loop.push(await measure(join(import.meta.dirname, 'aws-client-loop.ts'), [small], env));
    durable.push(await tool(small));
    light.push(await tool(small, '--no-ledger'));
  }
  const million = await tool(large);

  const cpu = (usages: readonly Usage[]): number => median(usages.map(({ cpuSeconds }) => cpuSeconds));
  const wall = median(durable.map(({ seconds }) => seconds));
  const peak = median(durable.map(({ peakMB }) => peakMB));
  const two = (value: number): string => value.toFixed(2);
  process.stdout.write(
    [
      `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, median of ${rounds}`,
      `processor time, 100,000 records: AWS client loop ${two(cpu(loop))} s`,
      `  with the ledger   ${two(cpu(durable))} s = ${two(cpu(durable) / cpu(loop))} of the loop`,
      `  with --no-ledger  ${two(cpu(light))} s = ${two(cpu(light) / cpu(loop))} of the loop`,
      `peak memory: ${Math.round(peak)} MB at 100,000 rows, ${Math.round(million.peakMB)} MB at 1,000,000 = ${two(million.peakMB / peak)}`,
      `time: ${two(wall)} s at 100,000 rows, ${two(million.seconds)} s at 1,000,000 = ${two(million.seconds / wall)}`,
      '',
    ].join('\n'),
  );
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
