import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ResolveCustomerCommand } from '@aws-sdk/client-marketplace-metering';
import fc from 'fast-check';
import { BEHAVIOURS, type Behaviours } from '../../../src/emulator/behaviours/behaviours.ts';
import { sampled } from '../../helpers/volume.ts';
import { awsClient, call, seconds, startTestEmulator } from '../setup.ts';
import { ARN, batch, CASES, type Result, record, resultsOf, resultText, start, tagged } from './cases.ts';

describe('a behaviour', () => {
  for (const { name, about, readings } of BEHAVIOURS) {
    it(`has its cases: ${name}`, () => {
      const sees: Readonly<Record<string, unknown>> = CASES[name].sees;
      const names = readings.map(({ reading }) => reading);
      assert.deepEqual(Object.keys(sees).sort(), names.toSorted());
      const seen = new Set(Object.values(sees).map(value => JSON.stringify(value)));
      assert.equal(seen.size, names.length, 'two readings look the same');
    });

    it(`is as its first reading says where none is chosen: ${name}`, async t => {
      const emulator = await start(t, CASES[name], []);
      const sees: Readonly<Record<string, unknown>> = CASES[name].sees;
      assert.deepEqual(await CASES[name].ask(emulator, t), sees[readings[0].reading]);
    });

    for (const { reading, description, source } of readings) {
      it(`is as it is read: ${name}=${reading}`, async t => {
        for (const text of [about, description, source]) assert.match(text, /^\S.*[^\s.]$/);
        const emulator = await start(t, CASES[name], [`${name}=${reading}`]);
        const sees: Readonly<Record<string, unknown>> = CASES[name].sees;
        assert.deepEqual(await CASES[name].ask(emulator, t), sees[reading]);
      });
    }
  }

  it('has a name of its own, and its readings too', () => {
    const names = BEHAVIOURS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const text of BEHAVIOURS.flatMap(row => [row.name, ...row.readings.map(({ reading }) => reading)])) {
      assert.match(text, /^[A-Za-z0-9]+(?:-[a-z0-9]+)*$/);
    }
  });
});

describe('several behaviours', () => {
  it('hold at once', async t => {
    const behaviours = ['identical-resend=duplicate', 'result-id=present', 'in-request-conflict=last-wins'];
    const emulator = await startTestEmulator(t, { signatures: 'skip', behaviours });
    const reply = await batch(emulator, record(), record({ Quantity: 4 }), record({ Quantity: 4 }));
    assert.equal(resultText(reply), 'DuplicateRecord DuplicateRecord Success');
    assert.equal(new Set(resultsOf(reply).map(({ MeteringRecordId }) => MeteringRecordId)).size, 3);
  });

  it('leave results and records in the order they were sent, also when the last wins', async t => {
    const emulator = await startTestEmulator(t, {
      signatures: 'skip',
      behaviours: ['in-request-conflict=last-wins'],
      faults: ['unprocessed:1@1'],
    });
    const names = ['a', 'b', 'c', 'd'];
    const reply = await batch(emulator, ...names.map(Dimension => record({ Dimension })));
    const held = (reply.output['UnprocessedRecords'] as { Dimension: string }[]).map(
      ({ Dimension }) => Dimension,
    );
    assert.equal(held.length, 1);
    assert.deepEqual(
      resultsOf(reply).map(({ UsageRecord }) => UsageRecord['Dimension']),
      names.filter(name => !held.includes(name)),
    );
  });

  it('never make it fail, and bill no more than they say, whichever hold', async t => {
    const readings = BEHAVIOURS.map(({ name, readings }) =>
      fc.constantFrom(...readings.map(({ reading }) => `${name}=${reading}`)),
    );
    const sent = fc.record({
      Timestamp: fc.constantFrom('2026-11-22T10:00:00Z', '2026-11-22T10:20:00Z', '2026-11-22T05:00:00Z'),
      Quantity: fc.constantFrom(0, 1, 2, 1.5),
      identity: fc.constantFrom<object>(
        { CustomerAWSAccountId: '111122223333' },
        { CustomerAWSAccountId: '404404404404' },
        { CustomerAWSAccountId: undefined, CustomerIdentifier: 'unknown_customer' },
        { CustomerAWSAccountId: undefined, CustomerIdentifier: 'customer' },
        { LicenseArn: ARN },
      ),
      allocations: fc.constantFrom<object>(
        {},
        { UsageAllocations: [{ AllocatedUsageQuantity: 1 }] },
        { UsageAllocations: [{ AllocatedUsageQuantity: 2, Tags: [{ Key: 'a' }] }] },
      ),
    });
    const requests = fc.array(
      fc.record({ records: fc.array(sent, { maxLength: 4 }), ProductCode: fc.constantFrom('product', '') }),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(fc.tuple(...readings), requests, async (behaviours, batches) => {
        const failures: unknown[] = [];
        const emulator = await startTestEmulator(t, {
          signatures: 'skip',
          behaviours,
          onRequest: ({ failure }) => failures.push(failure),
        });
        let successes = 0;
        for (const { records, ProductCode } of batches) {
          const UsageRecords = records.map(({ Timestamp, Quantity, identity, allocations }) =>
            record({ Timestamp: seconds(Timestamp), Quantity, ...identity, ...allocations }),
          );
          const { status, output } = await call(emulator, 'BatchMeterUsage', { ProductCode, UsageRecords });
          const results = (output['Results'] as Result[] | undefined) ?? [];
          assert.ok(status === 200 ? results.length === records.length : status === 400, String(status));
          successes += results.filter(({ Status }) => Status === 'Success').length;
        }
        assert.deepEqual([...new Set(failures)], [undefined]);
        const billed = emulator.records();
        assert.ok(billed.length <= successes);
        assert.ok(successes === 0 || billed.length > 0);
        await emulator.close();
      }),
      { numRuns: sampled(150) },
    );
  });

  it('let an error be found by the name in its header alone', async t => {
    const emulator = await startTestEmulator(t, {
      signatures: 'skip',
      behaviours: ['error-type=header', 'error-message=Message'],
    });
    const resolve = awsClient(t, emulator).send(new ResolveCustomerCommand({ RegistrationToken: 'x' }));
    await assert.rejects(resolve, {
      name: 'InvalidTokenException',
      message: 'Registration token is invalid.',
    });
  });
});

describe('checks by record', () => {
  const byRecord = (t: TestContext) => start(t, {}, ['check-order=by-record']);

  it('find what only records together do wrong', async t => {
    const emulator = await byRecord(t);
    const other = record({ CustomerAWSAccountId: undefined, CustomerIdentifier: 'customer' });
    assert.equal(resultText(await batch(emulator, record())), 'Success');
    assert.equal(resultText(await batch(emulator, other)), 'Success');
    assert.equal(resultText(await batch(emulator, record(), other)), '400 ValidationException');
  });

  it('find what is wrong with calls that have no records', async t => {
    const emulator = await byRecord(t);
    const reply = await call(emulator, 'ResolveCustomer', { RegistrationToken: 'expired_token' });
    assert.equal(resultText(reply), '400 ExpiredTokenException');
    const empty = await call(emulator, 'BatchMeterUsage', {
      ProductCode: 'unknown_product',
      UsageRecords: [],
    });
    assert.equal(resultText(empty), '400 InvalidProductCodeException');
  });
});

describe('a month that has ended', () => {
  const last = '2026-11-30T23:59:59Z';
  const cases: readonly (readonly [Behaviours['batch-window'], now: string, accepted: boolean])[] = [
    ['24h', '2026-12-01T05:59:59.999Z', true],
    ['24h', '2026-12-01T06:00:00Z', false],
    ['24h-from-hour', '2026-12-01T05:59:59.999Z', true],
    ['24h-from-hour', '2026-12-01T06:00:00Z', false],
    ['6h-from-hour', '2026-12-01T05:59:59Z', true],
    ['6h', '2026-12-01T05:59:58Z', true],
    ['6h', '2026-12-01T05:59:59Z', false],
  ];
  for (const [reading, now, accepted] of cases) {
    it(`is ${accepted ? 'open' : 'closed'} at ${now} with batch-window=${reading}`, async t => {
      const behaviours = [`batch-window=${reading}`];
      const emulator = await startTestEmulator(t, { signatures: 'skip', behaviours, clock: new Date(now) });
      const reply = await batch(emulator, record({ Timestamp: seconds(last) }));
      assert.equal(resultText(reply), accepted ? 'Success' : '400 TimestampOutOfBoundsException');
    });
  }
});

describe('both identities', () => {
  const showingBoth = (t: TestContext, catalog?: object) =>
    start(t, catalog === undefined ? {} : { catalog }, ['echoed-identity=both']);

  it('are always the same for a customer, and what was sent is among them', async t => {
    const emulator = await showingBoth(t);
    const seen = new Set<string>();
    for (const sent of [
      { CustomerAWSAccountId: '444455556666' },
      { CustomerAWSAccountId: '444455556666', CustomerIdentifier: '' },
      { CustomerAWSAccountId: '777788889999' },
      { CustomerAWSAccountId: undefined, CustomerIdentifier: 'customer' },
    ]) {
      const echoed = resultsOf(await batch(emulator, record(sent)))[0]?.UsageRecord ?? {};
      const { CustomerIdentifier, CustomerAWSAccountId } = echoed;
      assert.match(String(CustomerAWSAccountId), /^[0-9]{12}$/);
      assert.match(String(CustomerIdentifier), /^[0-9a-z]{8,}$/);
      assert.ok([CustomerAWSAccountId, undefined].includes(sent.CustomerAWSAccountId));
      if (sent.CustomerIdentifier) assert.equal(CustomerIdentifier, sent.CustomerIdentifier);
      seen.add(JSON.stringify([CustomerIdentifier, CustomerAWSAccountId]));
    }
    assert.equal(seen.size, 3);
  });

  it('are those of the catalog, if there is one', async t => {
    const emulator = await showingBoth(t, {});
    const sent = [
      { CustomerAWSAccountId: '444455556666' },
      { CustomerAWSAccountId: undefined, CustomerIdentifier: 'customer' },
      { CustomerAWSAccountId: '999999999999' },
    ];
    const echoed: unknown[] = [];
    for (const members of sent) {
      const { UsageRecord, Status } = resultsOf(await batch(emulator, record(members)))[0] as Result;
      echoed.push([UsageRecord['CustomerIdentifier'], UsageRecord['CustomerAWSAccountId'], Status]);
    }
    assert.deepEqual(echoed, [
      ['customer', '444455556666', 'Success'],
      ['customer', '444455556666', 'Success'],
      [undefined, '999999999999', 'CustomerNotSubscribed'],
    ]);
  });

  it('are not shown beside a license', async t => {
    const emulator = await showingBoth(t);
    const UsageRecords = [record({ LicenseArn: ARN })];
    const reply = await call(emulator, 'BatchMeterUsage', { UsageRecords });
    assert.deepEqual(resultsOf(reply)[0]?.UsageRecord, UsageRecords[0]);
  });
});

it('a tag without a value is the same as one with an empty value, and comes back as it was', async t => {
  const emulator = await startTestEmulator(t, {
    signatures: 'skip',
    behaviours: ['empty-tag-value=accepted'],
  });
  const [one] = resultsOf(await batch(emulator, tagged([{ Key: 'a', Value: null }])));
  const [two] = resultsOf(await batch(emulator, tagged([{ Key: 'a', Value: '' }])));
  assert.equal(two?.MeteringRecordId, one?.MeteringRecordId);
  assert.deepEqual(one?.UsageRecord['UsageAllocations'], [
    { AllocatedUsageQuantity: 1, Tags: [{ Key: 'a' }] },
  ]);
  const twice = resultText(await batch(emulator, tagged([{ Key: 'a' }], [{ Key: 'a', Value: '' }])));
  assert.equal(twice, '400 InvalidUsageAllocationsException');
});
