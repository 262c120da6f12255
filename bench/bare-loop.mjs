import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

/**
 * The least that an upload can cost in Node: lines are split at their commas, nothing is checked, signed or remembered, and
 * of a reply only the statuses are looked at. Eight requests at a time.
 */
const [file = ''] = process.argv.slice(2);
const url = new URL(process.env['AWS_ENDPOINT_URL'] ?? '');
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
const at = Object.fromEntries(header.split(',').map((name, index) => [name, index]));
let next = 0;

const bodyOf = batch => {
  const rows = batch.map(line => line.split(','));
  const cell = (row, name) => row?.[at[name] ?? -1];
  const records = rows.map(row => ({
    Timestamp: Date.parse(cell(row, 'timestamp') ?? '') / 1000,
    CustomerAWSAccountId: cell(row, 'customer_aws_account_id'),
    LicenseArn: cell(row, 'license_arn'),
    Dimension: cell(row, 'dimension'),
    Quantity: Number(cell(row, 'quantity')),
  }));
  return JSON.stringify({ ProductCode: cell(rows[0], 'product_code'), UsageRecords: records });
};

const post = body =>
  new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSMPMeteringService.BatchMeterUsage',
      'content-length': Buffer.byteLength(body),
    };
    request(url, { method: 'POST', agent, headers }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', chunk => {
        text += chunk;
      });
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    })
      .on('error', reject)
      .end(body);
  });

const worker = async () => {
  while (next < lines.length) {
    const start = next;
    next += 25;
    const { Results } = JSON.parse(await post(bodyOf(lines.slice(start, next))));
    for (const { Status } of Results) if (Status !== 'Success') throw new Error(`status ${Status}`);
  }
};
await Promise.all(Array.from({ length: 8 }, worker));
agent.destroy();
