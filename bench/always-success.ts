import { createServer } from 'node:http';
import type { WireRecord } from '../src/usage/wire.ts';

/** The cheapest service there can be: every record is a success. Prints its URL. */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    // The tool asks what time it is before it sends anything.
    if (request.method === 'GET') return response.writeHead(403, { 'x-amzn-requestid': 'time' }).end();
    const { UsageRecords } = JSON.parse(Buffer.concat(chunks).toString()) as { UsageRecords: WireRecord[] };
    const Results = UsageRecords.map(UsageRecord => ({
      UsageRecord,
      MeteringRecordId: crypto.randomUUID(),
      Status: 'Success',
    }));
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': crypto.randomUUID(),
    });
    return response.end(JSON.stringify({ Results, UnprocessedRecords: [] }));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
