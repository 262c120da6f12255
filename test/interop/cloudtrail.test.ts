import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MarketplaceMeteringClient, ResolveCustomerCommand } from '@aws-sdk/client-marketplace-metering';
import type { CloudTrailEvent } from '../../src/emulator/cloudtrail/cloudtrail-event.ts';
import type { LookupOutput } from '../../src/emulator/cloudtrail/model.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { isFull } from '../helpers/volume.ts';
import { runAws, withoutAws } from './aws-program.ts';
import { clientEnv, startForClients } from './for-clients.ts';
import { askPython, withoutModules } from './python.ts';

type Found = LookupOutput['Events'];

const METERING = 'metering-marketplace.amazonaws.com';

/** Seven calls; the last one is rejected. */
const withSevenEvents = async (t: TestContext, emulator: Emulator): Promise<void> => {
  const { url: endpoint } = emulator;
  const client = new MarketplaceMeteringClient({
    endpoint,
    region: 'us-east-1',
    credentials: { ...KEY_PAIR },
  });
  t.after(() => client.destroy());
  for (let place = 0; place < 6; place++) {
    await client.send(new ResolveCustomerCommand({ RegistrationToken: `test_token:${place}` }));
  }
  const refused = client.send(new ResolveCustomerCommand({ RegistrationToken: 'invalid_token' }));
  await assert.rejects(refused, { name: 'InvalidTokenException' });
};

const assertAllSeven = (events: Found): void => {
  assert.equal(events.length, 7);
  assert.equal(new Set(events.map(({ EventId }) => EventId)).size, 7);
  for (const { EventName, EventSource, ReadOnly, Username, CloudTrailEvent } of events) {
    assert.deepEqual(
      [EventName, EventSource, ReadOnly, Username],
      ['ResolveCustomer', METERING, 'false', 'example'],
    );
    assert.match((JSON.parse(CloudTrailEvent) as CloudTrailEvent).userAgent, /aws-sdk-js/);
  }
  const codes = events.map(({ CloudTrailEvent: text }) => (JSON.parse(text) as CloudTrailEvent).errorCode);
  assert.deepEqual(codes, ['InvalidTokenException', ...new Array(6).fill(undefined)], 'newest first');
};

const withoutBoto = withoutModules('boto3');

test('the AWS CLI pages through the events, and slows down when it is throttled', {
  skip: withoutAws,
}, async t => {
  const emulator = await startForClients(t);
  await withSevenEvents(t, emulator);
  const { code, stdout, stderr } = await runAws(
    [
      ...['cloudtrail', 'lookup-events', '--output', 'json', '--page-size', '2'],
      ...['--start-time', new Date(Date.now() - 3_600_000).toISOString()],
      ...['--end-time', new Date(Date.now() + 3_600_000).toISOString()],
      ...['--lookup-attributes', `AttributeKey=EventSource,AttributeValue=${METERING}`],
    ],
    { ...clientEnv(emulator), AWS_RETRY_MODE: 'standard', AWS_MAX_ATTEMPTS: '10' },
  );
  assert.equal(code, 0, stderr);
  assertAllSeven((JSON.parse(stdout) as LookupOutput).Events);
});

test('the AWS CLI reports invalid requests', { skip: withoutAws }, async t => {
  const emulator = await startForClients(t);
  const mistakes: readonly (readonly [error: string, args: readonly string[]])[] = [
    ['InvalidTimeRangeException', ['--start-time', '2026-11-02', '--end-time', '2026-11-01']],
    ['InvalidNextTokenException', ['--starting-token', 'x']],
  ];
  for (const [error, args] of isFull ? mistakes : mistakes.slice(0, 1)) {
    const { code, stderr } = await runAws(['cloudtrail', 'lookup-events', ...args], clientEnv(emulator));
    assert.notEqual(code, 0);
    assert.match(stderr, new RegExp(`\\(${error}\\) when calling the LookupEvents operation`));
  }
});

test("boto3's paginator finds all events, and raises its own types", {
  skip: withoutBoto,
}, async t => {
  const emulator = await startForClients(t);
  await withSevenEvents(t, emulator);
  const input = { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'ResolveCustomer' }] };
  const reply = await askPython('cloudtrail_witness', clientEnv(emulator), { input, page: 3 });
  const { events, error } = reply as { events: Found; error: string };
  assertAllSeven(events);
  assert.equal(error, 'InvalidNextTokenException');
});
