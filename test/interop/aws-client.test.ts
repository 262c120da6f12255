import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as aws from '@aws-sdk/client-marketplace-metering';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { awsCommand } from './aws-command.ts';
import { describeInterop } from './describe-interop.ts';
import { EXCEPTIONS } from './exceptions.ts';
import type { Seen, Witness } from './witness.ts';

const typeOf = (name: string): unknown => (aws as Readonly<Record<string, unknown>>)[name];

const seenFailure = (failure: unknown): Seen => {
  assert.ok(failure instanceof aws.MarketplaceMeteringServiceException, String(failure));
  const { name, message } = failure;
  const type = typeOf(name);
  return { error: { name, message, typed: typeof type === 'function' && failure instanceof type } };
};

/** AWS's client for JavaScript, as a seller would create it. */
const javascript: Witness = async ({ url }, calls, attempts = 1) => {
  const client = new aws.MarketplaceMeteringClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { ...KEY_PAIR },
    maxAttempts: attempts,
  });
  const seen: Seen[] = [];
  for (const call of calls) {
    const reply = client.send(awsCommand(call) as aws.BatchMeterUsageCommand);
    seen.push(await reply.then(({ $metadata, ...output }) => ({ output }), seenFailure));
  }
  client.destroy();
  return seen;
};

describeInterop("AWS's client for JavaScript", javascript);

test('every exception that the client for JavaScript has is raised', () => {
  const theirs = Object.entries(aws).flatMap(([name, value]) =>
    typeof value === 'function' && value.prototype instanceof aws.MarketplaceMeteringServiceException
      ? [name]
      : [],
  );
  const ours = new Set<string>(EXCEPTIONS.map(({ error }) => error));
  assert.deepEqual([...ours].sort(), theirs.sort());
});
