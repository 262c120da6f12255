import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { measure } from './measure.ts';
import { writeUsage } from './usage-file.ts';

/**
 * How near an upload comes to AWS's quota: `node bench/quota.ts [records]`, after `npm run build`. 5,000 records against
 * an emulator that takes 10 requests a second, as AWS does; the ceiling is 250 records a second.
 */
const records = Number(process.argv[2] ?? 5000);
const RATE = 10;
const root = join(import.meta.dirname, '..');
const tool = join(root, 'bin/ampmeter.js');
const folder = mkdtempSync(join(tmpdir(), 'ampmeter-bench-'));

const emulator = spawn(
  process.execPath,
  [tool, 'emulator', '--port', '0', '--rate', `${RATE}`, '-o', 'json'],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
try {
  const { url, accessKeyId, secretAccessKey } = await new Promise<Record<string, string>>(resolve =>
    createInterface(emulator.stdout).once('line', line => resolve(JSON.parse(line))),
  );
  if (url === undefined || accessKeyId === undefined || secretAccessKey === undefined)
    throw new Error('the emulator did not say where it is');
  const file = await writeUsage(join(folder, 'usage.csv'), records);
  const { stdout } = await measure(
    tool,
    ['batch', file, '--rate', `${RATE}`, '--allow-round-accounts', '-o', 'json'],
    {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  );
  const { summary } = JSON.parse(stdout) as {
    summary: { seconds: number; accepted: number; requests: number; retries: number };
  };
  const ceiling = RATE * 25;
  const perSecond = summary.accepted / summary.seconds;
  process.stdout.write(
    `${summary.accepted} of ${records} records in ${summary.seconds} s: ${perSecond.toFixed(1)} a second, ` +
      `${((100 * perSecond) / ceiling).toFixed(1)} % of ${ceiling}; ${summary.requests} requests for ` +
      `${Math.ceil(records / 25)} batches, ${summary.retries} of them again\n`,
  );
} finally {
  emulator.kill();
  rmSync(folder, { recursive: true, force: true });
}
