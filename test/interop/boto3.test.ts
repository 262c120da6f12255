import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OPERATIONS } from '../../src/usage/wire.ts';
import { describeInterop } from './describe-interop.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { clientEnv } from './for-clients.ts';
import { missing, run, startWitness } from './run.ts';
import type { Seen, Witness } from './witness.ts';

const SCRIPT = join(import.meta.dirname, 'boto3-witness.py');

const skip = await missing('python3', '-c', 'import boto3');

const python = startWitness('python3', [SCRIPT], clientEnv({ url: 'told with each question' }));
after(python.stop);

const boto3: Witness = async ({ url }, calls, attempts = 1) =>
  (await python.ask({ url, attempts, calls })) as Seen[];

describeInterop('boto3', boto3, { skip });

test("every exception of every operation in boto3's service model is raised", { skip }, async () => {
  const { stdout } = await run('python3', [SCRIPT, '--model']);
  const ours = OPERATIONS.map(operation => {
    const names = EXCEPTIONS.filter(row => row.operation === operation).map(({ error }) => error);
    return [operation, [...new Set(names)].sort()];
  });
  assert.deepEqual(Object.fromEntries(ours), JSON.parse(stdout));
});
