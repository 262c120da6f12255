import assert from 'node:assert/strict';
import { it } from 'node:test';
import { call, called, callHeaders, seconds, send, startTestEmulator } from '../setup.ts';

const Timestamp = seconds('2026-11-22T10:00:00Z');
const GOOD = { Timestamp, CustomerAWSAccountId: '111122223333', Dimension: 'users', Quantity: 3 };

const allocated = (allocation: object): object => ({ ...GOOD, UsageAllocations: [allocation] });

/** Records with one fault each, in the order the faults are found. */
const FAULTS: readonly (readonly [error: string | undefined, record: object])[] = [
  ['ValidationException', { ...GOOD, Quantity: -1 }],
  ['ValidationException', { ...GOOD, CustomerAWSAccountId: undefined }],
  [
    'InvalidProductCodeException',
    { ...GOOD, LicenseArn: 'arn:aws:license-manager::123456789012:license:l-1' },
  ],
  ['TimestampOutOfBoundsException', { ...GOOD, Timestamp: 0 }],
  ['InvalidUsageDimensionException', { ...GOOD, Dimension: 'unknown_dimension' }],
  ['InvalidTagException', allocated({ AllocatedUsageQuantity: 3, Tags: [{ Key: 'ß', Value: 'x' }] })],
  ['InvalidUsageAllocationsException', allocated({ AllocatedUsageQuantity: 1 })],
  [undefined, { ...GOOD, CustomerAWSAccountId: '404404404404' }],
];

for (const [index, [error]] of FAULTS.entries()) {
  it(`finds ${error ?? 'no fault'} first when the ${index} faults before it are mended`, async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    // The last to be found stands first in the list.
    const UsageRecords = [GOOD, ...FAULTS.slice(index).map(([, record]) => record)].reverse();
    const reply = await call(emulator, 'BatchMeterUsage', { ProductCode: 'product', UsageRecords });
    assert.equal(reply.error, error);
    assert.equal(emulator.records().length, error === undefined ? 1 : 0);
  });
}

it('finds a wrong product after the form and before all the rest', async t => {
  const emulator = await startTestEmulator(t, { signatures: 'skip' });
  for (const [from, error] of [
    [0, 'ValidationException'],
    [1, 'InvalidProductCodeException'],
  ] as const) {
    const UsageRecords = FAULTS.slice(from).map(([, record]) => record);
    const reply = await call(emulator, 'BatchMeterUsage', { ProductCode: 'unknown_product', UsageRecords });
    assert.equal(reply.error, error);
  }
});

it('looks at the signature before the form, and at the operation before the signature', async t => {
  const emulator = await startTestEmulator(t);
  const headers = callHeaders('BatchMeterUsage');
  const unsigned = called(await send(emulator.url, { headers, body: '{' }));
  assert.equal(unsigned.error, 'MissingAuthenticationTokenException');
  const untargeted = called(
    await send(emulator.url, {
      headers: { ...headers, 'x-amz-target': 'AWSMPMeteringService.Unknown' },
      body: '{',
    }),
  );
  assert.equal(untargeted.error, 'UnknownOperationException');
});
