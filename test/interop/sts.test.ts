import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientEnv, startForClients } from './for-clients.ts';
import { missing, run } from './run.ts';

const withoutCli = await missing('aws', '--version');

test('the AWS CLI gets the identity of the caller from the emulator', { skip: withoutCli }, async t => {
  const emulator = await startForClients(t);
  const { AWS_ENDPOINT_URL: _, ...env } = clientEnv(emulator);
  const args = ['sts', 'get-caller-identity', '--endpoint-url', emulator.url, '--output', 'json'];
  const { code, stdout, stderr } = await run('aws', args, { env });
  assert.equal(code, 0, stderr);
  const { Account, Arn, UserId } = JSON.parse(stdout);
  assert.deepEqual([Account, Arn], ['123456789012', 'arn:aws:iam::123456789012:user/example']);
  assert.match(UserId, /^AIDA/);

  const wrong = await run('aws', args, { env: { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' } });
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stderr, /\(SignatureDoesNotMatch\) when calling the GetCallerIdentity operation/);
});
