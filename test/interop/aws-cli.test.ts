import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileWith } from '../helpers/tool.ts';
import { isAll, isFull } from '../helpers/volume.ts';
import { runAws, withoutAws as skip } from './aws-program.ts';
import { describeInterop } from './describe-interop.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { clientEnv, startForClients } from './for-clients.ts';
import type { Seen, Witness } from './witness.ts';

/** The name of an operation as a command of the AWS CLI, for example `batch-meter-usage`. */
const typed = (operation: string): string =>
  operation.replace(/(?<!^)[A-Z]/g, letter => `-${letter}`).toLowerCase();

/** The type of an error is its name; a shell script sees nothing else. */
const FAILURE =
  /An error occurred \((?<name>\w+)\) when calling the (?<operation>\w+) operation[^:]*: (?<message>.+)/;

/** A command line for each call, as in a shell script. */
const cli: Witness = async (emulator, calls, attempts = 1) => {
  const seen: Seen[] = [];
  for (const { operation, input } of calls) {
    const file = fileWith(JSON.stringify(input), 'input.json');
    const { code, stdout, stderr } = await runAws(
      ['meteringmarketplace', typed(operation), '--cli-input-json', `file://${file}`, '--output', 'json'],
      { ...clientEnv(emulator), AWS_RETRY_MODE: 'standard', AWS_MAX_ATTEMPTS: String(attempts) },
    );
    if (code === 0) {
      seen.push({ output: JSON.parse(stdout) });
      continue;
    }
    const { name, operation: said, message } = FAILURE.exec(stderr)?.groups ?? assert.fail(stderr);
    seen.push({ error: { name: name ?? '', message: message ?? '', typed: said === operation } });
  }
  return seen;
};

/** One of each operation, but before a release: each is a process of its own, and below it is the code of boto3. */
const exceptions = EXCEPTIONS.filter(
  ({ operation }, index) => isAll || EXCEPTIONS.findIndex(other => other.operation === operation) === index,
);

describeInterop('the AWS CLI', cli, { skip, exceptions, isBrief: !isFull });

test('the AWS CLI gets the identity of the caller from the emulator', { skip }, async t => {
  const emulator = await startForClients(t);
  const { AWS_ENDPOINT_URL: _, ...env } = clientEnv(emulator);
  const args = ['sts', 'get-caller-identity', '--endpoint-url', emulator.url, '--output', 'json'];
  const { code, stdout, stderr } = await runAws(args, env);
  assert.equal(code, 0, stderr);
  const { Account, Arn, UserId } = JSON.parse(stdout);
  assert.deepEqual([Account, Arn], ['123456789012', 'arn:aws:iam::123456789012:user/example']);
  assert.match(UserId, /^AIDA/);

  const wrong = await runAws(args, { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' });
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stderr, /\(SignatureDoesNotMatch\) when calling the GetCallerIdentity operation/);
});
