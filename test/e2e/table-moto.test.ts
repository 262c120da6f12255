import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { createLedgerTable, LEDGER } from '../helpers/table.ts';
import { environmentOf, fileWith, hourAgo, newFolder, tool, withEmulator } from '../helpers/tool.ts';

const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** A second witness of how DynamoDB answers, written by others: moto's server. Undefined where it is not installed. */
const startMoto = async (): Promise<{ readonly url: string; readonly process: ChildProcess } | undefined> => {
  const port = await freePort();
  const process = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const isRunning = await new Promise<boolean>((resolve, reject) => {
    let text = '';
    process.stderr.setEncoding('utf8').on('data', some => {
      text += some;
      if (text.includes('Running on')) resolve(true);
    });
    process.on('error', () => resolve(false));
    process.on('close', () => (text.includes('No module named') ? resolve(false) : reject(new Error(text))));
  });
  return isRunning ? { url: `http://127.0.0.1:${port}`, process } : undefined;
};

/**
 * Hands over one request at a time: a transaction that fails puts moto's whole table back to what it was when it began, and
 * so takes back what others have written meanwhile.
 */
const inTurn = async (url: string): Promise<Disposable & { readonly url: string }> => {
  let last: Promise<unknown> = Promise.resolve();
  const server = createHttpServer((request, response) => {
    last = last.then(async () => {
      const headers = Object.entries(request.headersDistinct).map(
        ([name, values]) => [name, values?.join() ?? ''] as [string, string],
      );
      const reply = await fetch(url, {
        method: 'POST',
        headers: headers.filter(([name]) => !['host', 'connection', 'content-length'].includes(name)),
        body: await buffer(request),
      });
      const type = reply.headers.get('content-type') ?? '';
      response.writeHead(reply.status, { 'content-type': type }).end(Buffer.from(await reply.arrayBuffer()));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

test('moto: two processes bill each record once, and fractions are carried once', t =>
  withEmulator(async emulator => {
    const moto = await startMoto();
    if (moto === undefined) return t.skip('moto is not installed: pip install "moto[server,dynamodb]"');
    try {
      using table = await inTurn(moto.url);
      await createLedgerTable(table.url);
      const env = {
        ...environmentOf(emulator),
        AWS_ENDPOINT_URL_DYNAMODB: table.url,
        AMPMETER_LEDGER: LEDGER,
      };
      const rows = [5, 4, 3].flatMap(hours =>
        Array.from({ length: 8 }, (_, at) => `${hourAgo(hours)},${111_122_223_333 + at},product,users,1.5\n`),
      );
      const path = fileWith(
        `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${rows.join('')}`,
      );
      const batch = () =>
        tool(['batch', path, '--round', 'carry', '-o', 'jsonl', '--no-rejects'], { env, cwd: newFolder() });
      const runs = await Promise.all([batch(), batch()]);
      for (const { code, stderr } of runs) assert.ok(code === 0 || code === 5, stderr);
      const last = await batch();
      assert.equal(last.code, 0, last.stderr);
      assert.equal(emulator.records().length, 24);
      const sum = emulator.records().reduce((total, { Quantity }) => total + Quantity, 0);
      assert.equal(sum, 8 * Math.floor(3 * 1.5));
    } finally {
      moto.process.removeAllListeners('close');
      moto.process.kill();
    }
  }));
