import assert from 'node:assert/strict';
import { it } from 'node:test';
import { call, called, callHeaders, seconds, send, startLab } from './lab.ts';

/** Each step mends the first fault of what is left; the next one then shows. */
it('looks at a request in one order, whatever the order of its faults', async t => {
  const emulator = await startLab(t, { signatures: 'skip' });
  const Timestamp = seconds('2026-11-22T10:00:00Z');
  const good = { Timestamp, CustomerAWSAccountId: '111122223333', Dimension: 'users', Quantity: 3 };
  const badAllocations = { ...good, UsageAllocations: [{ AllocatedUsageQuantity: 1 }] };
  const badTag = {
    ...good,
    UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: [{ Key: 'ß', Value: 'x' }] }],
  };
  const badDimension = { ...good, Dimension: 'unknown_dimension' };
  const badTimestamp = { ...good, Timestamp: 0 };
  const badLicence = { ...good, LicenseArn: 'arn:aws:license-manager::123456789012:license:l-1' };
  const badIdentity = { ...good, CustomerAWSAccountId: undefined };
  const notSubscribed = { ...good, CustomerAWSAccountId: '404404404404' };
  const badForm = { ...good, Quantity: -1 };

  const faults = [
    notSubscribed,
    badAllocations,
    badTag,
    badDimension,
    badTimestamp,
    badLicence,
    badIdentity,
    badForm,
  ];
  const expected = [
    'ValidationException',
    'InvalidProductCodeException',
    'ValidationException',
    'InvalidProductCodeException',
    'TimestampOutOfBoundsException',
    'InvalidUsageDimensionException',
    'InvalidTagException',
    'InvalidUsageAllocationsException',
  ];
  const seen: (string | undefined)[] = [];
  let ProductCode = 'unknown_product';
  while (faults.length > 1) {
    const { error } = await call(emulator, 'BatchMeterUsage', {
      ProductCode,
      UsageRecords: [good, ...faults],
    });
    seen.push(error);
    const isOfForm = faults.includes(badForm);
    if (isOfForm || ProductCode === 'product') faults.pop();
    else ProductCode = 'product';
  }
  assert.deepEqual(seen, expected);
  assert.deepEqual(emulator.records(), []);

  const { output } = await call(emulator, 'BatchMeterUsage', {
    ProductCode,
    UsageRecords: [good, ...faults],
  });
  assert.deepEqual(
    (output.Results as { Status: string }[]).map(result => result.Status),
    ['Success', 'CustomerNotSubscribed'],
  );
});

it('looks at the signature before the form, and at the operation before the signature', async t => {
  const emulator = await startLab(t);
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
