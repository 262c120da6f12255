import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Operation, Outputs } from '../../src/usage/wire.ts';

export type Captured = {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const ANSWERS: { readonly [O in Operation]: Outputs[O] } = {
  BatchMeterUsage: { Results: [], UnprocessedRecords: [] },
  MeterUsage: { MeteringRecordId: '1818031d-2bdf-43e8-ad5f-b85e28a14c7b' },
  RegisterUsage: { Signature: 'a.b.c' },
  ResolveCustomer: { ProductCode: '4ml54db8vrmjuykaw1psroool' },
};

/** A server that replies to every operation and keeps the requests. */
export const startCapture = async (t: TestContext): Promise<{ url: string; captured: Captured[] }> => {
  const captured: Captured[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, rawHeaders } = request;
      const headers: Record<string, string> = {};
      for (let index = 0; index < rawHeaders.length; index += 2) {
        headers[(rawHeaders[index] ?? '').toLowerCase()] = rawHeaders[index + 1] ?? '';
      }
      captured.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
      const operation = headers['x-amz-target']?.split('.')[1] as Operation;
      response.writeHead(200, {
        'content-type': 'application/x-amz-json-1.1',
        'x-amzn-requestid': '11111111-2222-4333-8444-555555555555',
      });
      response.end(JSON.stringify(ANSWERS[operation]));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, captured };
};
