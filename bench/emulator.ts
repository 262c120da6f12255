import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { sendAll } from './pipeline.ts';
import { usageOf } from './process-usage.ts';
import { signedBatches } from './signed-requests.ts';

/**
 * How many calls the emulator takes, and what it keeps of them: `node bench/emulator.ts [calls] [flags of the
 * emulator]`, after `npm run build`. 25 records a call, signatures verified, on loopback; the emulator has a core of its
 * own where taskset can give it one. On a busy machine calls for each second of its processor time say more than calls
 * a second. Memory is what is left after a collection, and what the process holds. Of calls that record nothing the
 * newest events are kept, so many and no more: a line that replaces them by larger ones shows a few bytes.
 */
const [count = '20000', ...flags] = process.argv.slice(2);
const calls = Number(count);
const RECORDS_EACH = 25;

const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
if (pinned && cpus().length > 1) {
  spawnSync('taskset', ['-acp', `1-${cpus().length - 1}`, String(process.pid)]);
}
const hook = join(import.meta.dirname, 'report-memory.ts');
const tool = join(import.meta.dirname, '../bin/ampmeter.js');
const node = [process.execPath, '--expose-gc', '--import', hook, tool];
const [program = '', ...args] = pinned ? ['taskset', '-c', '0', ...node] : node;
const emulator = spawn(program, [...args, 'emulator', '--port', '0', '-o', 'json', ...flags], {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});

const say = (...parts: readonly string[]): void => void process.stdout.write(`${parts.join('  ')}\n`);

const liveMB = async (): Promise<number> => {
  emulator.send('how much?');
  const [port] = await once(emulator, 'message');
  return port as number;
};

const measure = async (what: string, requests: readonly Buffer[], url: string, status: number) => {
  const pid = emulator.pid ?? 0;
  const live = await liveMB();
  const before = usageOf(pid);
  const start = performance.now();
  await sendAll(url, requests, status);
  const seconds = (performance.now() - start) / 1000;
  const after = usageOf(pid);
  const grown = (await liveMB()) - live;
  const rate = (per: number): string =>
    Math.round(requests.length / per)
      .toLocaleString('en')
      .padStart(7);
  say(
    what.padEnd(20),
    `${rate(seconds)} calls/s`,
    before === undefined || after === undefined
      ? '(no /proc: no processor time)'
      : `${rate(after.cpuSeconds - before.cpuSeconds)} calls/s of processor time`,
    `${Math.round((grown * 2 ** 20) / (requests.length * RECORDS_EACH))} bytes more a record`.padStart(24),
    after === undefined ? '' : `${after.residentMB.toFixed(0)} MB resident`,
  );
};

try {
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(emulator.stdout as Readable).once('line', resolve);
    emulator.once('exit', code => reject(new Error(`the emulator ended with ${code}`)));
  });
  const { url } = JSON.parse(line) as { url: string };
  const { host } = new URL(url);
  say(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${calls} calls a line`);
  say(pinned ? 'the emulator has one core' : 'no taskset: the emulator may use every core');

  let made = 0;
  const batches = (productCode: string, count = calls): Buffer[] => {
    const firstCustomer = made;
    made += count * RECORDS_EACH;
    return signedBatches({ host, productCode, count, recordsEach: RECORDS_EACH, firstCustomer });
  };
  await sendAll(url, batches('unknown_product', 5000), 400);
  await sendAll(url, batches('warm', 5000), 200);
  for (let round = 1; round <= 2; round++) {
    const fresh = batches('product');
    await measure('new records', fresh, url, 200);
    await measure('the same again', fresh, url, 200);
    await measure('refused', batches('unknown_product'), url, 400);
  }
} finally {
  emulator.kill();
}
