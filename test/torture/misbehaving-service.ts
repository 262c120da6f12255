import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Sent = { readonly ProductCode?: string; readonly UsageRecords: readonly Wire[] };
type Wire = { readonly CustomerAWSAccountId: string; readonly Quantity: number };

export type Entry = { UsageRecord: Wire; MeteringRecordId?: string | undefined; Status: string };

export type Odd = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

/** A service that answers what no emulator of AWS would. `answer` is given what a right answer would list. */
export type OddService = {
  readonly url: string;
  answer: (results: Entry[]) => Odd;
  readonly requests: Sent[];
  readonly close: () => void;
};

export const rightAnswer = (results: readonly object[], unprocessed: readonly object[] = []): Odd => ({
  body: JSON.stringify({ Results: results, UnprocessedRecords: unprocessed }),
});

export const startOddService = async (): Promise<OddService> => {
  const requests: Sent[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      // Somebody asks what time it is: Node's own Date says it.
      response.writeHead(404, { 'x-amzn-RequestId': crypto.randomUUID() }).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent: Sent = JSON.parse(Buffer.concat(chunks).toString());
    requests.push(sent);
    const results = sent.UsageRecords.map(record => ({
      UsageRecord: record,
      MeteringRecordId: `id-${record.CustomerAWSAccountId}`,
      Status: 'Success',
    }));
    const { status = 200, headers, body } = service.answer(results);
    response.writeHead(status, {
      'Content-Type': 'application/x-amz-json-1.1',
      'x-amzn-RequestId': crypto.randomUUID(),
      ...headers,
    });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const service: OddService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: rightAnswer,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return service;
};
