import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createTable } from '../src/dynamodb/table-client.ts';
import { markTable } from '../src/ledger/table/table-ledger.ts';
import { createTransport } from '../src/metering/transport.ts';
import { measure } from './measure.ts';
import { startTableServer } from './table-server.ts';
import { writeUsage } from './usage-file.ts';

/**
 * How near an upload comes to AWS's quota with its ledger in a table, and how often it calls the table:
 * `node bench/table.ts [records] [milliseconds to the table]`, after `npm run build`.
 */
const records = Number(process.argv[2] ?? 5000);
const awayMs = Number(process.argv[3] ?? 10);
const RATE = 10;
const tool = join(import.meta.dirname, '../bin/ampmeter.js');
const folder = mkdtempSync(join(tmpdir(), 'ampmeter-bench-'));
const server = await startTableServer(awayMs);

const mark = async (credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }) => {
  const transport = createTransport();
  const table = createTable({
    name: 'dynamodb://ledger',
    tableName: 'ledger',
    region: 'us-east-1',
    url: new URL(server.url),
    credentials: { get: async () => credentials, forget: () => {} },
    transport,
    giveUpAfterMs: 10_000,
    world: {
      monotonic: () => performance.now(),
      random: Math.random,
      sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
      stop: new AbortController().signal,
    },
  });
  await markTable(table, 'bench');
  table.close();
  transport.close();
};

const emulator = spawn(
  process.execPath,
  [tool, 'emulator', '--port', '0', '--rate', `${RATE}`, '-o', 'json'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
try {
  const { url, accessKeyId, secretAccessKey } = await new Promise<Record<string, string>>(resolve =>
    createInterface(emulator.stdout).once('line', line => resolve(JSON.parse(line))),
  );
  if (url === undefined || accessKeyId === undefined || secretAccessKey === undefined)
    throw new Error('the emulator did not say where it is');
  await mark({ accessKeyId, secretAccessKey });
  const file = await writeUsage(join(folder, 'usage.csv'), records);
  server.calls.clear();
  const { stdout, cpuSeconds } = await measure(
    tool,
    [
      'batch',
      file,
      '--rate',
      `${RATE}`,
      '--allow-round-accounts',
      '-o',
      'json',
      '--ledger',
      'dynamodb://ledger',
    ],
    {
      AWS_ENDPOINT_URL: url,
      AWS_ENDPOINT_URL_DYNAMODB: server.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  );
  const { summary } = JSON.parse(stdout) as { summary: { seconds: number; accepted: number } };
  const perSecond = summary.accepted / summary.seconds;
  const writes = [...server.calls].filter(([name]) => name !== 'Query' && name !== 'GetItem');
  const written = writes.reduce((sum, [, count]) => sum + count, 0);
  const read = [...server.calls.values()].reduce((sum, count) => sum + count, 0) - written;
  process.stdout.write(
    `${summary.accepted} of ${records} records in ${summary.seconds} s with the table ${awayMs} ms away: ` +
      `${perSecond.toFixed(1)} a second, ${((100 * perSecond) / (RATE * 25)).toFixed(1)} % of ${RATE * 25}; ` +
      `${(written / records).toFixed(3)} writes a record, ${read} reads in all, ${cpuSeconds.toFixed(1)} s of the processor\n`,
  );
} finally {
  emulator.kill();
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
