import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ResolveCustomerCommand, type ResolveCustomerResult } from '@aws-sdk/client-marketplace-metering';
import { LIMITS } from '../../../src/usage/limits.ts';
import { awsClient, startTestEmulator } from '../setup.ts';

const EVERYTHING = {
  CustomerIdentifier: 'ifAPi5AcF3Example',
  CustomerAWSAccountId: '111122223333',
  ProductCode: 'exampleproductcode0000001',
  LicenseArn: 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef',
};

describe("ResolveCustomer through AWS's own client", () => {
  const resolved: readonly (readonly [string, (keyof ResolveCustomerResult)[]])[] = [
    ['test_token', ['CustomerIdentifier', 'CustomerAWSAccountId', 'ProductCode', 'LicenseArn']],
    ['test_token_legacy', ['CustomerIdentifier', 'CustomerAWSAccountId', 'ProductCode']],
    ['test_token_new', ['CustomerAWSAccountId', 'ProductCode', 'LicenseArn']],
  ];
  for (const [token, members] of resolved) {
    it(`resolves ${token} to ${members.join(', ')}`, async t => {
      const emulator = await startTestEmulator(t);
      const command = new ResolveCustomerCommand({ RegistrationToken: token });
      const { $metadata, ...customer } = await awsClient(t, emulator).send(command);
      assert.equal($metadata.httpStatusCode, 200);
      assert.deepEqual(customer, Object.fromEntries(members.map(name => [name, EVERYTHING[name]])));
    });
  }

  it('resolves test_token:name to a buyer of its own, the same one each time', async t => {
    const client = awsClient(t, await startTestEmulator(t));
    const resolve = async (RegistrationToken: string): Promise<ResolveCustomerResult> => {
      const { $metadata: _, ...customer } = await client.send(
        new ResolveCustomerCommand({ RegistrationToken }),
      );
      return customer;
    };
    const alice = await resolve('test_token:alice');
    assert.deepEqual(await resolve('test_token:alice'), alice);
    assert.match(alice.CustomerAWSAccountId ?? '', /^[0-9]{12}$/);
    assert.match(alice.LicenseArn ?? '', LIMITS.licenseArn.pattern);
    const bob = await resolve('test_token:bob');
    assert.notEqual(bob.CustomerAWSAccountId, alice.CustomerAWSAccountId);
    assert.notEqual(bob.CustomerIdentifier, alice.CustomerIdentifier);
    assert.notEqual(bob.LicenseArn, alice.LicenseArn);
  });

  const refused: readonly (readonly [string, string])[] = [
    ['expired_token', 'ExpiredTokenException'],
    ['invalid_token', 'InvalidTokenException'],
    ['anything else', 'InvalidTokenException'],
    ['test_token:', 'InvalidTokenException'],
    ['__proto__', 'InvalidTokenException'],
    ['throttled_token', 'ThrottlingException'],
    ['internal_error_token', 'InternalServiceErrorException'],
    ['disabled_api_token', 'DisabledApiException'],
    ['', 'ValidationException'],
  ];
  for (const [token, error] of refused) {
    it(`refuses ${JSON.stringify(token)} with ${error}`, async t => {
      const client = awsClient(t, await startTestEmulator(t));
      await assert.rejects(client.send(new ResolveCustomerCommand({ RegistrationToken: token })), {
        name: error,
      });
    });
  }
});
