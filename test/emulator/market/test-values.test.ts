import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TEST_VALUES, type TestValue } from '../../../src/emulator/market/test-values.ts';
import { canRaise } from '../../../src/emulator/rules/errors.ts';
import { LIMITS } from '../../../src/usage/limits.ts';
import { OPERATIONS, type Operation } from '../../../src/usage/wire.ts';
import { call, seconds, startTestEmulator } from '../setup.ts';

/** A good input of the operation that holds the value; undefined when it has no such member. */
const inputWith = (operation: Operation, { member, value }: TestValue): object | undefined => {
  const Timestamp = seconds('2026-11-22T10:00:00Z');
  const inputs: Record<Operation, object> = {
    BatchMeterUsage: {
      ...(member !== 'LicenseArn' && { ProductCode: member === 'ProductCode' ? value : 'product' }),
      UsageRecords: [
        {
          Timestamp,
          Dimension: member === 'Dimension' ? value : 'users',
          ...(member === 'CustomerIdentifier' ? {} : { CustomerAWSAccountId: '111122223333' }),
          ...((member === 'LicenseArn' || member.startsWith('Customer')) && { [member]: value }),
        },
      ],
    },
    MeterUsage: {
      ProductCode: member === 'ProductCode' ? value : 'product',
      Timestamp,
      UsageDimension: member === 'Dimension' ? value : 'users',
    },
    RegisterUsage: {
      ProductCode: member === 'ProductCode' ? value : 'product',
      PublicKeyVersion: member === 'PublicKeyVersion' ? Number(value) : 1,
    },
    ResolveCustomer: { RegistrationToken: member === 'RegistrationToken' ? value : 'test_token' },
  };
  const input = inputs[operation];
  return JSON.stringify(input).includes(value) ? input : undefined;
};

describe('the test values', () => {
  for (const row of TEST_VALUES) {
    const { member, value, error, effect, description } = row;
    it(`do what they say: ${member} ${value} is ${error ?? effect}`, async t => {
      assert.match(description, /^[A-Z].*\.$/);
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      const raised: Operation[] = [];
      let reached = 0;
      for (const operation of OPERATIONS) {
        const input = inputWith(operation, row);
        if (input === undefined) continue;
        reached++;
        const reply = await call(emulator, operation, input);
        if (reply.error === error && error !== undefined) {
          raised.push(operation);
          assert.ok(reply.message?.includes(description), reply.message);
        }
      }
      assert.ok(reached > 0);
      if (error !== undefined) {
        assert.deepEqual(
          raised,
          OPERATIONS.filter(
            operation => inputWith(operation, row) !== undefined && canRaise(operation, error),
          ),
        );
        assert.ok(raised.length > 0);
      }
    });
  }

  it('pass the checks of the client, so that they can be written into a file', () => {
    for (const { member, value } of TEST_VALUES) {
      if (member === 'ProductCode') assert.match(value, LIMITS.productCode.pattern);
      if (member === 'LicenseArn') assert.match(value, LIMITS.licenseArn.pattern);
      if (member === 'CustomerAWSAccountId') assert.match(value, /^[0-9]{12}$/);
    }
  });
});
