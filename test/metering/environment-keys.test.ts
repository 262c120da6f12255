import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromEnv } from '@aws-sdk/credential-providers';
import { environmentKeys } from '../../src/metering/environment-keys.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

const ALL = {
  ...KEYS,
  AWS_SESSION_TOKEN: 'token',
  AWS_CREDENTIAL_EXPIRATION: '2026-11-29T10:00:00Z',
  AWS_CREDENTIAL_SCOPE: 'us-east-1',
  AWS_ACCOUNT_ID: '111122223333',
};

test('the keys in the environment are those that the package of AWS reads there', async () => {
  const before = process.env;
  try {
    for (const env of [KEYS, { ...KEYS, AWS_SESSION_TOKEN: '' }, ALL]) {
      process.env = { ...env };
      const theirs = await fromEnv()();
      // In which form the source is noted is another matter.
      const ours = environmentKeys(env);
      assert.deepEqual({ ...ours, $source: undefined }, { ...theirs, $source: undefined });
      assert.deepEqual(Object.entries(ours ?? {}).at(-1), ['$source', { CREDENTIALS_ENV_VARS: true }]);
    }
  } finally {
    process.env = before;
  }
});

test('half a pair of keys is none', () => {
  for (const env of [
    {},
    { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE' },
    { ...KEYS, AWS_ACCESS_KEY_ID: '' },
    { ...KEYS, AWS_SECRET_ACCESS_KEY: '' },
  ])
    assert.equal(environmentKeys(env), undefined);
});
