import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPERATIONS } from '../../src/usage/wire.ts';
import { describeInterop } from './describe-interop.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { clientEnv } from './for-clients.ts';
import { askPython, withoutModules } from './python.ts';
import type { Seen, Witness } from './witness.ts';

const skip = withoutModules('boto3');

const boto3: Witness = async (emulator, calls, attempts = 1) =>
  (await askPython('boto3_witness', clientEnv(emulator), { attempts, calls })) as Seen[];

describeInterop('boto3', boto3, { skip });

test("every exception of every operation in boto3's service model is raised", { skip }, async () => {
  const model = await askPython('boto3_witness', clientEnv({ url: 'not called' }), { model: true });
  const ours = OPERATIONS.map(operation => {
    const names = EXCEPTIONS.filter(row => row.operation === operation).map(({ error }) => error);
    return [operation, [...new Set(names)].sort()];
  });
  assert.deepEqual(Object.fromEntries(ours), model);
});
