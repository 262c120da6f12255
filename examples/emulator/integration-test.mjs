// A seller's integration test: npm install --save-dev ../ampmeter (a checkout)
// @aws-sdk/client-marketplace-metering, then node --test.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { BatchMeterUsageCommand, MarketplaceMeteringClient } from '@aws-sdk/client-marketplace-metering';

const AMPMETER = 'node_modules/ampmeter/bin/ampmeter.js';
let emulator;
let url;
let client;

before(async () => {
  emulator = spawn(process.execPath, [AMPMETER, 'emulator', '--port', '0', '-o', 'json']);
  const [line] = await once(emulator.stdout, 'data');
  const { accessKeyId, secretAccessKey, ...ready } = JSON.parse(line);
  url = ready.url;
  const credentials = { accessKeyId, secretAccessKey };
  client = new MarketplaceMeteringClient({ endpoint: url, region: 'us-east-1', credentials });
});

after(() => emulator.kill());

test('an hour is billed once, and a canceled customer is not billed', async () => {
  const accounts = ['111122223333', '404404404404']; // the second is a test value: it has no subscription
  const usage = { Timestamp: new Date(), Dimension: 'users', Quantity: 3 };
  const UsageRecords = accounts.map(account => ({ ...usage, CustomerAWSAccountId: account }));
  for (let time = 0; time < 2; time++) {
    const call = new BatchMeterUsageCommand({ ProductCode: 'my-product', UsageRecords });
    const statuses = (await client.send(call)).Results.map(({ Status }) => Status);
    assert.deepEqual(statuses, ['Success', 'CustomerNotSubscribed']);
  }
  const records = await (await fetch(`${url}/_emulator/records`)).json();
  const billed = records.map(record => [record.CustomerAWSAccountId, record.Quantity]);
  assert.deepEqual(billed, [['111122223333', 3]]);
});
