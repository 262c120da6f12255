import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { measure, median, type Usage } from './measure.ts';
import { writeExport } from './usage-file.ts';

/**
 * What an upload costs, as ratios in one run: `node bench/upload.ts [rounds]`, after `npm run build`. Processor time for
 * 100,000 records, against a loop over AWS's client that reads the same file with a CSV parser and sends the same fields
 * (`aws-client-loop.mjs`), and against the least that Node can do (`bare-loop.mjs`); then time and memory at 1,000,000 rows,
 * as exported and shuffled.
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
  const small = await writeExport(join(folder, '100k.csv'), 100_000, { shuffled: false });
  const tool = (file: string, ...flags: string[]): Promise<Usage> =>
    measure(
      join(root, 'bin/ampmeter.js'),
      ['batch', file, '--allow-round-accounts', '--no-rejects', ...flags],
      env,
    );

  const program = (name: string): Promise<Usage> => measure(join(import.meta.dirname, name), [small], env);

  const loop: Usage[] = [];
  const bare: Usage[] = [];
  const durable: Usage[] = [];
  const light: Usage[] = [];
  for (let round = 0; round < rounds; round += 1) {
    loop.push(await program('aws-client-loop.mjs'));
    bare.push(await program('bare-loop.mjs'));
    durable.push(await tool(small));
    light.push(await tool(small, '--no-ledger'));
  }
  const large = join(folder, '1m.csv');
  const million: (readonly [order: string, usage: Usage])[] = [];
  for (const shuffled of [false, true]) {
    await writeExport(large, 1_000_000, { shuffled });
    million.push([shuffled ? 'shuffled' : 'as exported', await tool(large)]);
  }

  const cpu = (usages: readonly Usage[]): number => median(usages.map(({ cpuSeconds }) => cpuSeconds));
  const peak = median(durable.map(({ peakMB }) => peakMB));
  const two = (value: number): string => value.toFixed(2);
  const against = (usages: readonly Usage[]): string =>
    `${two(cpu(usages))} s = ${two(cpu(usages) / cpu(loop))} of the client loop, ${two(cpu(usages) / cpu(bare))} of the bare loop`;
  process.stdout.write(
    [
      `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, median of ${rounds}`,
      `processor time, 100,000 records: AWS client loop ${two(cpu(loop))} s, bare loop ${two(cpu(bare))} s`,
      `  with the ledger   ${against(durable)}`,
      `  with --no-ledger  ${against(light)}`,
      `peak memory: ${Math.round(peak)} MB at 100,000 rows`,
      ...million.map(
        ([order, { cpuSeconds, seconds, peakMB }]) =>
          `1,000,000 rows ${order}: ${two(cpuSeconds)} s of the processor = ${two(cpuSeconds / cpu(durable))} × 100,000, ${two(seconds)} s, ${Math.round(peakMB)} MB`,
      ),
      '',
    ].join('\n'),
  );
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
