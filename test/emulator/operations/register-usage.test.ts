import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { RegisterUsageCommand } from '@aws-sdk/client-marketplace-metering';
import { compactVerify, jwtVerify } from 'jose';
import { DEFAULT_BEHAVIOURS } from '../../../src/emulator/behaviours/behaviours.ts';
import { OPEN_MARKET } from '../../../src/emulator/market/open-market.ts';
import type { Call } from '../../../src/emulator/operations/call.ts';
import { registerUsage } from '../../../src/emulator/operations/registration.ts';
import { awsClient, call, NOW, send, startTestEmulator } from '../setup.ts';

describe('a registration', () => {
  it('is remembered when its signature is there, and not before', async () => {
    const done: string[] = [];
    const call = {
      now: NOW,
      caller: { accessKeyId: 'AKIDEXAMPLE', region: 'us-east-1' },
      market: OPEN_MARKET,
      memory: { registered: { add: () => done.push('registered') } },
      signer: {
        sign: async () => {
          await new Promise(resolve => setImmediate(resolve));
          done.push('signed');
          return 'signature';
        },
      },
      behaviours: DEFAULT_BEHAVIOURS,
    };
    await registerUsage({ ProductCode: 'product', PublicKeyVersion: 1 }, call as unknown as Call);
    assert.deepEqual(done, ['signed', 'registered']);
  });
});

describe("RegisterUsage through AWS's own client", () => {
  it('returns what was asked, signed with the public key on show', async t => {
    const emulator = await startTestEmulator(t);
    const { Signature = '', PublicKeyRotationTimestamp } = await awsClient(t, emulator).send(
      new RegisterUsageCommand({ ProductCode: 'product', PublicKeyVersion: 1, Nonce: 'nonce' }),
    );
    const { text: pem } = await send(emulator.url, { method: 'GET', path: '/_emulator/public-key' });
    assert.equal(pem, await emulator.publicKeyPem());
    const { protectedHeader, payload } = await jwtVerify(Signature, createPublicKey(pem), {
      currentDate: NOW,
      algorithms: ['PS256'],
    });
    assert.deepEqual(protectedHeader, { alg: 'PS256', typ: 'JWT' });
    const iat = NOW.getTime() / 1000;
    assert.deepEqual(payload, { productCode: 'product', publicKeyVersion: 1, nonce: 'nonce', iat });
    assert.equal(PublicKeyRotationTimestamp, undefined);
  });

  it('has no nonce when none was sent', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const { output } = await call(emulator, 'RegisterUsage', { ProductCode: 'product', PublicKeyVersion: 2 });
    const key = createPublicKey(await emulator.publicKeyPem());
    const { payload } = await compactVerify(String(output.Signature), key);
    assert.deepEqual(Object.keys(JSON.parse(new TextDecoder().decode(payload))), [
      'productCode',
      'publicKeyVersion',
      'iat',
    ]);
  });

  it('has a key of its own in each emulator', async t => {
    const [one, two] = [await startTestEmulator(t), await startTestEmulator(t)];
    assert.notEqual(await one.publicKeyPem(), await two.publicKeyPem());
    assert.equal(await one.publicKeyPem(), await one.publicKeyPem());
  });

  it('says when the key was replaced', async t => {
    const emulator = await startTestEmulator(t);
    const { PublicKeyRotationTimestamp } = await awsClient(t, emulator).send(
      new RegisterUsageCommand({ ProductCode: 'rotated_key', PublicKeyVersion: 1 }),
    );
    assert.equal(PublicKeyRotationTimestamp?.toISOString(), '2026-01-01T00:00:00.000Z');
  });

  const refused: readonly (readonly [
    string,
    { ProductCode?: string; PublicKeyVersion?: number; Nonce?: string },
    string,
  ])[] = [
    ['an unknown product', { ProductCode: 'unknown_product' }, 'InvalidProductCodeException'],
    ['a disabled Region', { ProductCode: 'disabled_api' }, 'DisabledApiException'],
    ['a throttled product', { ProductCode: 'throttled' }, 'ThrottlingException'],
    ['a failing service', { ProductCode: 'internal_error' }, 'InternalServiceErrorException'],
    ['an account without a subscription', { ProductCode: 'not_entitled' }, 'CustomerNotEntitledException'],
    ['a task of another Region', { ProductCode: 'wrong_region' }, 'InvalidRegionException'],
    [
      'a machine outside ECS and EKS',
      { ProductCode: 'unsupported_platform' },
      'PlatformNotSupportedException',
    ],
    ['an unknown key version', { PublicKeyVersion: 999 }, 'InvalidPublicKeyVersionException'],
    ['key version 0', { PublicKeyVersion: 0 }, 'ValidationException'],
    ['an overlong nonce', { Nonce: 'x'.repeat(256) }, 'ValidationException'],
  ];
  for (const [what, members, error] of refused) {
    it(`refuses ${what} with ${error}`, async t => {
      const emulator = await startTestEmulator(t);
      const command = new RegisterUsageCommand({ ProductCode: 'product', PublicKeyVersion: 1, ...members });
      await assert.rejects(awsClient(t, emulator).send(command), { name: error });
    });
  }
});
