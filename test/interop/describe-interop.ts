import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { batch, EXCEPTIONS, meter, type Raised, record, register, resolve } from './exceptions.ts';
import { startForClients } from './for-clients.ts';
import type { Seen, Witness } from './witness.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

type Result = { readonly Status: string; readonly MeteringRecordId?: string; readonly UsageRecord: object };

const only = <T>(items: readonly T[]): T => {
  assert.equal(items.length, 1);
  return items[0] as T;
};

const outputOf = ({ output, error }: Seen): Readonly<Record<string, unknown>> =>
  output ?? assert.fail(`${error?.name}: ${error?.message}`);

/** Each client has its own format for times; a number is epoch seconds, as on the wire. */
const instantOf = (spelt: unknown): Date =>
  new Date(typeof spelt === 'number' ? spelt * 1000 : (spelt as string));

const untimed = (sent: object): object => ({ ...sent, Timestamp: undefined });

const resultsOf = (seen: Seen): readonly Result[] => outputOf(seen).Results as Result[];

type Options = {
  /** Why the client cannot be tested here. */
  readonly skip?: string | false;
  readonly exceptions?: readonly Raised[];
  /** Only the tests without which it could not be told that the client works at all. */
  readonly isBrief?: boolean;
};

/** The tests that every third-party client must pass. */
export const describeInterop = (
  name: string,
  witness: Witness,
  { skip = false, exceptions = EXCEPTIONS, isBrief = false }: Options = {},
): void => {
  const testMore: (name: string, run: (t: TestContext) => Promise<void>) => void = isBrief ? () => {} : test;

  describe(name, { skip }, () => {
    test('BatchMeterUsage: each status, each record as it was sent', async t => {
      const emulator = await startForClients(t);
      const tagged = record({
        Dimension: 'für "€" 日本',
        UsageAllocations: [
          { AllocatedUsageQuantity: 2, Tags: [{ Key: 'team', Value: 'a b' }] },
          { AllocatedUsageQuantity: 1 },
        ],
      });
      const lost = record({ CustomerAWSAccountId: '404404404404' });
      const call = batch({ UsageRecords: [tagged, lost, record(), record({ Quantity: 4 })] });
      const results = resultsOf(only(await witness(emulator, [call])));
      assert.deepEqual(
        results.map(({ Status }) => Status),
        ['Success', 'CustomerNotSubscribed', 'Success', 'DuplicateRecord'],
      );
      assert.deepEqual(untimed(results[0]?.UsageRecord ?? {}), untimed(tagged));
      assert.match(results[0]?.MeteringRecordId ?? '', UUID);
      assert.deepEqual(
        emulator.records().map(({ Dimension, Quantity }) => [Dimension, Quantity]),
        [
          ['für "€" 日本', 3],
          ['users', 3],
        ],
      );
    });

    testMore('BatchMeterUsage: by license, and by customer identifier', async t => {
      const emulator = await startForClients(t);
      const license = record({ LicenseArn: 'arn:aws:license-manager::123456789012:license:l-1' });
      const seen = await witness(emulator, [
        { operation: 'BatchMeterUsage', input: { UsageRecords: [license] } },
        batch({ UsageRecords: [record({ CustomerIdentifier: 'ifAPi5AcF3' })] }),
      ]);
      for (const reply of seen) assert.equal(only(resultsOf(reply)).Status, 'Success');
      assert.equal(emulator.records().length, 2);
    });

    test('MeterUsage: recorded, repeated, and a dry run', async t => {
      const emulator = await startForClients(t);
      const calls = [meter(), meter(), meter({ UsageDimension: 'gb', DryRun: true })];
      const [first, again, dry] = (await witness(emulator, calls)).map(outputOf);
      assert.match(String(first?.MeteringRecordId), UUID);
      assert.deepEqual(again, first);
      assert.deepEqual(dry, { MeteringRecordId: 'DryRunOperation' });
      assert.equal(emulator.records().length, 1);
    });

    testMore('RegisterUsage: a signature, and the time at which the key was replaced', async t => {
      const emulator = await startForClients(t);
      const calls = [register({ Nonce: 'nonce' }), register({ ProductCode: 'rotated_key' })];
      const [fresh, rotated] = (await witness(emulator, calls)).map(outputOf);
      assert.match(String(fresh?.Signature), /^[\w-]+\.[\w-]+\.[\w-]+$/);
      assert.equal(fresh?.PublicKeyRotationTimestamp, undefined);
      assert.equal(instantOf(rotated?.PublicKeyRotationTimestamp).toISOString(), '2026-01-01T00:00:00.000Z');
    });

    testMore('ResolveCustomer: who the buyer is', async t => {
      const [everything, legacy] = (
        await witness(await startForClients(t), [resolve(), resolve('test_token_legacy')])
      ).map(outputOf);
      assert.deepEqual(Object.keys(everything ?? {}).sort(), [
        'CustomerAWSAccountId',
        'CustomerIdentifier',
        'LicenseArn',
        'ProductCode',
      ]);
      assert.equal(legacy?.LicenseArn, undefined);
    });

    test('raises its own type for', async t => {
      const emulator = await startForClients(t);
      const seen = await witness(
        emulator,
        exceptions.flatMap(({ calls }) => calls),
      );
      let next = 0;
      for (const { operation, error: name, calls } of exceptions) {
        const replies = seen.slice(next, next + calls.length);
        next += calls.length;
        await t.test(`${operation}: ${name}`, () => {
          for (const earlier of replies.slice(0, -1)) outputOf(earlier);
          const { error } = replies.at(-1) ?? {};
          assert.equal(error?.name, name);
          assert.ok(error.typed, 'it is of no type of its own');
          assert.notEqual(error.message, '');
        });
      }
    });

    testMore(
      'UnprocessedRecords are returned as they were sent, and are accepted when they are sent again',
      async t => {
        const emulator = await startForClients(t);
        const records = ['a', 'b', 'c'].map(Dimension => record({ Dimension }));
        emulator.setFaults({ next: 'unprocessed@2' });
        const call = batch({ UsageRecords: records });
        const [first = {}, again = {}] = (await witness(emulator, [call, call])).map(outputOf);
        const left = first.UnprocessedRecords as readonly { Dimension: string; Quantity: number }[];
        const done = first.Results as readonly Result[];
        assert.deepEqual([left.length, done.length], [2, 1]);
        assert.deepEqual(
          [...left, ...done.map(({ UsageRecord }) => UsageRecord as (typeof left)[0])]
            .map(({ Dimension, Quantity }) => [Dimension, Quantity])
            .sort(),
          records.map(({ Dimension, Quantity }) => [Dimension, Quantity]),
        );
        assert.equal((again.Results as object[]).length, 3);
        assert.deepEqual(again.UnprocessedRecords, []);
        assert.equal(emulator.records().length, 3);
      },
    );

    const troubles: readonly (readonly [fault: string, error: string | undefined, description: string])[] = [
      ['throttle', 'ThrottlingException', 'it was throttled'],
      ['error503', 'ServiceUnavailable', 'the service was not there'],
      ['reset-after', undefined, 'the reply was lost, though it was recorded'],
    ];
    for (const [fault, error, description] of isBrief ? troubles.slice(0, 1) : troubles) {
      test(`tries again when ${description}, and bills once`, async t => {
        const emulator = await startForClients(t);
        emulator.setFaults({ next: fault, count: 2 });
        const seen = only(await witness(emulator, [batch()], 3));
        assert.equal(only(resultsOf(seen)).Status, 'Success');
        const stored = only(emulator.records());
        assert.equal(only(resultsOf(seen)).MeteringRecordId, stored.MeteringRecordId);
        assert.deepEqual(emulator.stats().operations['BatchMeterUsage'], {
          requests: 3,
          errors: error === undefined ? {} : { [error]: 2 },
        });
      });
    }

    testMore('gives up on throttling that does not end, with its own type', async t => {
      const emulator = await startForClients(t);
      const { error } = only(await witness(emulator, [batch({ ProductCode: 'throttled' })], 2));
      assert.deepEqual([error?.name, error?.typed], ['ThrottlingException', true]);
      assert.equal(emulator.stats().requests, 2);
    });
  });
};
