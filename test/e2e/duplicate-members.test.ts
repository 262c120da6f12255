import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, withEmulator } from '../helpers/tool.ts';

const AT = hourAgo(1);
const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity,usage_allocations';
const TWICE = '[{"AllocatedUsageQuantity":3,"Tags":[{"Key":"Dept","Value":"A","Value":"B"}]}]';
const SAYS = /allocation 1, tag 1: "Value" occurs twice/;

const csv = (allocations: string): string =>
  `${HEADER}\n${AT},111122223333,p,users,3,"${allocations.replaceAll('"', '""')}"\n`;
const line = (allocations: string): string =>
  `{"timestamp":"${AT}","customer_aws_account_id":"111122223333","product_code":"p","dimension":"users","quantity":3,"usage_allocations":${allocations}}\n`;

const meter = ['meter', '--product-code', 'p', '--dimension', 'users', '--quantity', '3'];

describe('a member that occurs twice is refused before anything is sent, with its place:', () => {
  const INPUTS: readonly (readonly [
    what: string,
    args: readonly string[],
    input: string,
    pattern: RegExp,
  ])[] = [
    [
      'in a cell of a CSV file',
      ['batch', fileWith(csv(TWICE))],
      '',
      /usage\.csv:2:\d+: error: .*"Value" occurs/,
    ],
    ['in a line of JSON', ['batch', fileWith(line(TWICE), 'usage.jsonl')], '', /usage\.jsonl:1:\d+: error: /],
    ['in a line of JSON from a pipe', ['batch', '-', '--input-format', 'jsonl'], line(TWICE), SAYS],
    ['in the allocations of a single call', [...meter, '--allocations', fileWith(TWICE, 'a.json')], '', SAYS],
    ['in them from a pipe', [...meter, '--allocations', '-'], TWICE, SAYS],
  ];
  for (const [what, args, input, pattern] of INPUTS) {
    test(what, async () => {
      await withEmulator(async (emulator, env) => {
        const ended = await tool(args, { env, input });
        assert.equal(ended.code, 3, ended.stderr);
        assert.match(ended.stderr, pattern);
        assert.match(ended.stderr, SAYS);
        assert.equal(emulator.records().length, 0);
      });
    });
  }

  test('and the row comes back in the results as it was written', async () => {
    await withEmulator(async (_, env) => {
      const results = fileWith('', 'results.jsonl');
      const good = line('[{"AllocatedUsageQuantity":3}]').replace('users', 'gb');
      const input = fileWith(`${line(TWICE)}${good}`, 'usage.jsonl');
      const args = ['batch', input, '--skip-invalid', '--results', results, '--no-rejects'];
      const ended = await tool(args, { env });
      assert.equal(ended.code, 4, ended.stderr);
      const [refused, sent] = readFileSync(results, 'utf8').trim().split('\n');
      assert.equal(JSON.parse(refused ?? '').raw, line(TWICE).trimEnd());
      assert.equal(JSON.parse(sent ?? '').status, 'accepted');
    });
  });

  test('in the catalog of the emulator', async () => {
    const catalog = fileWith('{"products":[{"code":"p","code":"q"}]}', 'catalog.json');
    const { code, stderr } = await tool(['emulator', '--port', '0', '--catalog', catalog]);
    assert.equal(code, 2);
    assert.match(stderr, /^error: \S+catalog\.json: the member "code" occurs twice in products\[0\]\n/);
  });

  test('in what the emulator is told over HTTP', async () => {
    await withEmulator(async ({ url }) => {
      const body = '{"faults":["throttle:1"],"faults":[]}';
      const reply = await fetch(`${url}/_emulator/faults`, { method: 'POST', body });
      assert.equal(reply.status, 400);
      assert.match(await reply.text(), /"faults" occurs twice/);
    });
  });

  test('in the document of a reconciliation', async () => {
    await withEmulator(async (_, env) => {
      const ledger = fileWith('', 'ledger.db').replace('ledger.db', 'new.db');
      const uploaded = await tool(['batch', fileWith(csv('')), '--ledger', ledger], { env });
      assert.equal(uploaded.code, 0, uploaded.stderr);
      const document = fileWith('{"summary":{"agreed":1,"agreed":0},"differences":[]}', 'r.json');
      const args = ['report', '--html', '-', '--ledger', ledger, '--reconciliation', document];
      const { code, stdout, stderr } = await tool(args, { env });
      assert.deepEqual([code, stdout], [3, ''], stderr);
      assert.match(stderr, /^error: \S+r\.json: the member "agreed" occurs twice in summary\n/);
    });
  });
});

test('a reply that has its results twice proves nothing: the record is unknown, not billed', async () => {
  await withEmulator(async (_, env) => {
    const record = `{"Timestamp":${Date.parse(AT) / 1000},"CustomerAWSAccountId":"111122223333","Dimension":"users","Quantity":3}`;
    const result = `[{"UsageRecord":${record},"MeteringRecordId":"id","Status":"Success"}]`;
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'x-amzn-RequestId': '1', 'content-type': 'application/x-amz-json-1.1' });
        response.end(`{"Results":[],"Results":${result},"UnprocessedRecords":[]}`);
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const args = ['batch', fileWith(csv('')), '-o', 'json', '--give-up-after', '1s'];
      const { code, stdout, stderr } = await tool(args, { env: { ...env, AWS_ENDPOINT_URL: url } });
      assert.equal(code, 5, stderr);
      const { accepted, unknown } = JSON.parse(stdout).summary;
      assert.deepEqual([accepted, unknown], [0, 1]);
    } finally {
      server.close();
    }
  });
});
