import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_BEHAVIOURS } from '../../../src/emulator/behaviours/behaviours.ts';
import type { CallEvent } from '../../../src/emulator/cloudtrail/call-event.ts';
import { bytesOf, createEventHistory } from '../../../src/emulator/cloudtrail/event-history.ts';
import { createLookup } from '../../../src/emulator/cloudtrail/lookup-events.ts';
import type { LookupInput, LookupOutput } from '../../../src/emulator/cloudtrail/model.ts';
import { KEY_PAIR, OWNER } from '../../../src/emulator/principal.ts';
import { call, callHeaders, NOW, seconds, send, startTestEmulator } from '../setup.ts';
import { claim, lookUpNow, signedLookup, startWithTrail } from './lookups.ts';

const resolve = { RegistrationToken: 'test_token' };

const attribute = (AttributeKey: string, AttributeValue: string): LookupInput => ({
  LookupAttributes: [{ AttributeKey, AttributeValue }],
});

const CALLER = { ...OWNER, accessKeyId: KEY_PAIR.accessKeyId, region: 'us-east-1' };

const eventAt = (ms: number, requestId = `at ${ms}`): CallEvent => ({
  at: new Date(ms),
  requestId,
  operation: 'ResolveCustomer',
  caller: CALLER,
  input: undefined,
  output: {},
  error: undefined,
  sourceIPAddress: '127.0.0.1',
  userAgent: '',
});

describe('LookupEvents', () => {
  it('shows who did what, with the event as text', async t => {
    const { emulator, found } = await startWithTrail(t);
    await call(emulator, 'ResolveCustomer', resolve);
    const [event, ...more] = await found();
    assert.ok(event);
    assert.deepEqual(more, []);
    const { EventId, CloudTrailEvent, ...rest } = event;
    assert.deepEqual(rest, {
      EventName: 'ResolveCustomer',
      ReadOnly: 'false',
      AccessKeyId: KEY_PAIR.accessKeyId,
      EventTime: NOW.getTime() / 1000,
      EventSource: 'metering-marketplace.amazonaws.com',
      Username: 'example',
      Resources: [],
    });
    assert.equal((JSON.parse(CloudTrailEvent) as { eventID: string }).eventID, EventId);
  });

  it('is an event itself, one that only reads', async t => {
    const { found } = await startWithTrail(t);
    await found({ StartTime: seconds('2026-11-22T10:00:00Z'), ...attribute('EventName', 'MeterUsage') });
    const [event] = await found();
    const { eventSource, readOnly, requestParameters, responseElements } = JSON.parse(
      event?.CloudTrailEvent ?? '',
    );
    assert.deepEqual([event?.EventName, event?.ReadOnly], ['LookupEvents', 'true']);
    assert.deepEqual(
      { eventSource, readOnly, requestParameters, responseElements },
      {
        eventSource: 'cloudtrail.amazonaws.com',
        readOnly: true,
        requestParameters: {
          startTime: 'Nov 22, 2026 10:00:00 AM',
          lookupAttributes: [{ attributeKey: 'EventName', attributeValue: 'MeterUsage' }],
        },
        responseElements: null,
      },
    );
    const [again] = await found();
    assert.equal(JSON.parse(again?.CloudTrailEvent ?? '').requestParameters, null, 'it asked for nothing');
  });

  it('goes through the pages newest first, whatever comes in meanwhile', async t => {
    const { emulator, lookUp, pass } = await startWithTrail(t);
    emulator.setClock({ real: true });
    for (let count = 0; count < 7; count++) {
      await call(emulator, 'ResolveCustomer', resolve);
      // Two events of each second: their order is that of the calls.
      pass(500);
    }
    const times: number[] = [];
    const sizes: number[] = [];
    let NextToken: string | undefined;
    do {
      const { output } = await lookUp({
        MaxResults: 3,
        ...attribute('EventName', 'ResolveCustomer'),
        NextToken,
      });
      const { Events, NextToken: next } = output as LookupOutput;
      sizes.push(Events.length);
      times.push(...Events.map(({ EventTime }) => EventTime));
      NextToken = next;
      await call(emulator, 'ResolveCustomer', resolve);
    } while (NextToken !== undefined);
    assert.deepEqual(sizes, [3, 3, 1]);
    assert.deepEqual(
      times.map(time => time - NOW.getTime() / 1000),
      [3, 2, 2, 1, 1, 0, 0],
    );
  });

  it('finds by one attribute', async t => {
    const { emulator, found } = await startWithTrail(t);
    await call(emulator, 'ResolveCustomer', resolve);
    await call(emulator, 'RegisterUsage', { ProductCode: 'product', PublicKeyVersion: 1 });
    const [registered] = await found({ MaxResults: 1 });
    const expected: readonly (readonly [key: string, value: string, names: readonly string[]])[] = [
      ['EventName', 'RegisterUsage', ['RegisterUsage']],
      ['EventName', 'registerusage', []],
      ['EventId', registered?.EventId ?? '', ['RegisterUsage']],
      ['EventSource', 'metering-marketplace.amazonaws.com', ['RegisterUsage', 'ResolveCustomer']],
      ['EventSource', 'marketplacemetering.amazonaws.com', []],
      ['ReadOnly', 'false', ['RegisterUsage', 'ResolveCustomer']],
      ['Username', 'nobody', []],
      ['AccessKeyId', 'AKIDNOBODY', []],
      ['ResourceName', 'product', []],
      ['ResourceType', 'AWS::Marketplace::Product', []],
    ];
    for (const [key, value, names] of expected) {
      const events = await found(attribute(key, value));
      assert.deepEqual(
        events.map(({ EventName }) => EventName),
        names,
        `${key} ${value}`,
      );
    }
    for (const [key, value] of [
      ['Username', 'example'],
      ['AccessKeyId', KEY_PAIR.accessKeyId],
    ] as const) {
      const names = (await found(attribute(key, value))).map(({ EventName }) => EventName);
      assert.deepEqual(
        names.filter(name => name !== 'LookupEvents'),
        ['RegisterUsage', 'ResolveCustomer'],
        key,
      );
    }
    const reads = await found(attribute('ReadOnly', 'true'));
    assert.ok(reads.length > 0 && reads.every(({ EventName }) => EventName === 'LookupEvents'));
  });

  it('looks between two seconds, both of them included', async t => {
    const { emulator, found } = await startWithTrail(t, { clock: new Date(NOW.getTime() + 750) });
    await call(emulator, 'ResolveCustomer', resolve);
    const at = NOW.getTime() / 1000;
    const count = async (range: LookupInput) =>
      (await found({ ...attribute('EventName', 'ResolveCustomer'), ...range })).length;
    assert.equal(await count({ StartTime: at, EndTime: at }), 1);
    assert.equal(await count({ StartTime: at - 10 }), 1);
    assert.equal(await count({ EndTime: at + 10 }), 1);
    assert.equal(await count({ StartTime: at + 1 }), 0);
    assert.equal(await count({ EndTime: at - 1 }), 0);
  });

  it('reaches back 90 days of the service', async t => {
    const { emulator, found } = await startWithTrail(t);
    await call(emulator, 'ResolveCustomer', resolve);
    const count = async () => (await found(attribute('EventName', 'ResolveCustomer'))).length;
    emulator.setClock({ advance: '90d' });
    assert.equal(await count(), 1);
    emulator.setClock({ advance: '1s' });
    assert.equal(await count(), 0);
  });

  it('shows an event when it is as old as it was told', async t => {
    const { emulator, found } = await startWithTrail(t, { cloudTrailDelayMs: 15 * 60_000 });
    await call(emulator, 'ResolveCustomer', resolve);
    const count = async () => (await found(attribute('EventName', 'ResolveCustomer'))).length;
    emulator.setClock({ advance: '899s' });
    assert.equal(await count(), 0);
    emulator.setClock({ advance: '1s' });
    assert.equal(await count(), 1);
  });

  it('shows what happened before the clock was set back', async t => {
    const { emulator, events } = await startWithTrail(t);
    await call(emulator, 'ResolveCustomer', resolve);
    emulator.setClock({ advance: '-1h' });
    await call(emulator, 'RegisterUsage', { ProductCode: 'product', PublicKeyVersion: 1 });
    const names = (await events()).map(({ eventName }) => eventName);
    assert.deepEqual(names, ['RegisterUsage', 'ResolveCustomer']);
  });

  it('has a history for each Region', async t => {
    const { emulator, lookUp } = await startWithTrail(t);
    await call(emulator, 'ResolveCustomer', resolve);
    const elsewhere = await lookUp(attribute('ReadOnly', 'false'), claim(KEY_PAIR.accessKeyId, 'eu-west-1'));
    assert.deepEqual(elsewhere.output, { Events: [] });
    const here = await lookUp(attribute('ReadOnly', 'false'), claim(KEY_PAIR.accessKeyId, 'us-east-1'));
    assert.equal((here.output as LookupOutput).Events.length, 1);
  });

  it('forgets on demand', async t => {
    const { emulator, found } = await startWithTrail(t);
    await call(emulator, 'ResolveCustomer', resolve);
    emulator.reset();
    assert.deepEqual(await found(), []);
  });

  const wrong: readonly (readonly [what: string, input: unknown, error: string])[] = [
    [
      'two attributes',
      {
        LookupAttributes: [
          { AttributeKey: 'EventName', AttributeValue: 'x' },
          { AttributeKey: 'EventName', AttributeValue: 'y' },
        ],
      },
      'InvalidLookupAttributesException',
    ],
    ['an attribute that is none', attribute('eventname', 'x'), 'InvalidLookupAttributesException'],
    ['an empty value', attribute('EventName', ''), 'InvalidLookupAttributesException'],
    [
      'a value that is too long',
      attribute('EventName', 'x'.repeat(2001)),
      'InvalidLookupAttributesException',
    ],
    [
      'an attribute without a value',
      { LookupAttributes: [{ AttributeKey: 'EventName' }] },
      'ValidationException',
    ],
    ['no results', { MaxResults: 0 }, 'InvalidMaxResultsException'],
    ['too many results', { MaxResults: 51 }, 'InvalidMaxResultsException'],
    ['half a result', { MaxResults: 1.5 }, 'ValidationException'],
    ['an end before the start', { StartTime: 2, EndTime: 1 }, 'InvalidTimeRangeException'],
    ['a time in words', { StartTime: 'yesterday' }, 'ValidationException'],
    ['another category', { EventCategory: 'management' }, 'InvalidEventCategoryException'],
    ['a token that is none', { NextToken: 'x' }, 'InvalidNextTokenException'],
    ['an empty token', { NextToken: '' }, 'InvalidNextTokenException'],
    ['no JSON', '{', 'SerializationException'],
    ['no object', '[]', 'SerializationException'],
  ];
  for (const [what, input, error] of wrong) {
    it(`refuses ${what} with ${error}`, async t => {
      const { emulator } = await startWithTrail(t);
      const refused = await lookUpNow(emulator, input);
      assert.deepEqual([refused.status, refused.error], [400, error]);
      assert.match(String(refused.output.__type), /^com\.amazonaws\.cloudtrail\.v20131101#/);
    });
  }

  it('has no Insights', async t => {
    const { emulator, lookUp } = await startWithTrail(t);
    await call(emulator, 'ResolveCustomer', resolve);
    assert.deepEqual((await lookUp({ EventCategory: 'insight' })).output, { Events: [] });
  });

  it('takes a token for the question it was given for, of the same caller, and no other', async t => {
    const { emulator, lookUp } = await startWithTrail(t);
    const { emulator: other } = await startWithTrail(t);
    for (let count = 0; count < 3; count++) await call(emulator, 'ResolveCustomer', resolve);
    const question = { ...attribute('EventName', 'ResolveCustomer'), MaxResults: 1 };
    const { NextToken } = (await lookUp(question)).output as LookupOutput;
    assert.equal((await lookUp({ ...question, NextToken })).status, 200);
    assert.equal((await lookUp({ ...question, NextToken })).status, 200, 'more than once');
    assert.equal((await lookUp({ ...question, MaxResults: 2, NextToken })).status, 200);
    const strangers = [
      await lookUp({ NextToken }),
      await lookUp({ ...question, StartTime: 1, NextToken }),
      await lookUp({ ...attribute('EventName', 'MeterUsage'), NextToken }),
      await lookUp({ ...question, NextToken: `${NextToken}A` }),
      await lookUp({ ...question, NextToken: NextToken?.slice(2) }),
      await lookUp({ ...question, NextToken }, claim(KEY_PAIR.accessKeyId, 'eu-west-1')),
      await lookUpNow(other, { ...question, NextToken }),
    ];
    for (const { error } of strangers) assert.equal(error, 'InvalidNextTokenException');
  });

  it('answers twice a second in each Region, and logs that it did not answer more', async t => {
    const { emulator, found, pass } = await startWithTrail(t);
    const ask = async (region: string) => (await lookUpNow(emulator, {}, claim('x', region))).error;
    assert.deepEqual(
      [await ask('a'), await ask('a'), await ask('a')],
      [undefined, undefined, 'ThrottlingException'],
    );
    assert.equal(await ask('b'), undefined);
    pass(500);
    assert.deepEqual([await ask('a'), await ask('a')], [undefined, 'ThrottlingException']);
    emulator.reset();
    assert.equal(await ask('a'), undefined);
    assert.deepEqual(await found(), []);
  });

  it('is counted with the other operations, and struck by no fault', async t => {
    const { emulator } = await startWithTrail(t);
    emulator.setFaults({ faults: ['error500:1'] });
    assert.equal((await lookUpNow(emulator, {})).status, 200);
    assert.deepEqual(emulator.stats().operations['LookupEvents'], { requests: 1, errors: {} });
  });

  it('is signed for its own service', async t => {
    const emulator = await startTestEmulator(t);
    const right = await signedLookup(emulator);
    assert.deepEqual([right.status, right.output], [200, { Events: [] }]);
    const wrongly = await signedLookup(emulator, 'aws-marketplace');
    assert.equal(wrongly.error, 'InvalidSignatureException');
    assert.equal(wrongly.message, "Credential should be scoped to correct service: 'cloudtrail'.");
    assert.equal((await lookUpNow(emulator, {})).error, 'MissingAuthenticationTokenException');
  });

  it('finds every event once, in order, for any history and any size of page', () => {
    const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 50 }), (calls, MaxResults) => {
        const kept = createEventHistory();
        for (const [index, [ms, lasting]] of calls.entries()) {
          kept.add(eventAt(NOW.getTime() + ms, String(index)), lasting);
        }
        const lookup = createLookup(kept, DEFAULT_BEHAVIOURS, 0);
        const seen: string[] = [];
        let NextToken: string | undefined;
        do {
          const page = lookup({ MaxResults, ...(NextToken && { NextToken }) }, CALLER, NOW) as LookupOutput;
          assert.ok(page.Events.length <= MaxResults);
          seen.push(
            ...page.Events.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent).requestID as string),
          );
          NextToken = page.NextToken;
        } while (NextToken !== undefined);
        const expected = calls
          .map(([ms], index) => ({ ms, index }))
          .sort((a, b) => b.ms - a.ms || b.index - a.index)
          .map(({ index }) => String(index));
        assert.deepEqual(seen, expected);
      }),
    );
  });
});

describe('the history of events', () => {
  /** The events that are left, of one lasting and nine passing ones in turn, if so many passing ones have room. */
  const leftOf = (calls: number, room: number): number[] => {
    const history = createEventHistory(room * bytesOf(eventAt(0)));
    for (let count = 0; count < calls; count++) history.add(eventAt(count), count % 10 === 0);
    return history.inOrder().map(({ event }) => event.at.getTime());
  };

  it('keeps all that recorded something, and the newest of the others', () => {
    assert.deepEqual(leftOf(40, 5), [0, 10, 20, 30, 35, 36, 37, 38, 39]);
    assert.deepEqual(leftOf(8, 100), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.equal(leftOf(10_000, 100).length, 1000 + 100);
  });

  it('keeps the fewer the larger they are, whatever makes them large', () => {
    const record = { Timestamp: 0, Dimension: 'users' };
    const long = 'x'.repeat(1_000_000);
    const large: readonly (readonly [what: string, event: CallEvent])[] = [
      ['records', { ...eventAt(0), input: { UsageRecords: new Array(30_000).fill(record) } }],
      ['text', { ...eventAt(0), input: { NextToken: long } }],
      [
        'allocations',
        {
          ...eventAt(0),
          input: {
            UsageRecords: [
              { ...record, UsageAllocations: new Array(30_000).fill({ AllocatedUsageQuantity: 1 }) },
            ],
          },
        },
      ],
      ['program', { ...eventAt(0), userAgent: long }],
      ['error', { ...eventAt(0), error: { code: 'ValidationException', message: long } }],
    ];
    for (const [what, event] of large) {
      const history = createEventHistory(4_000_000);
      for (let count = 0; count < 20; count++) history.add(event, false);
      assert.ok(history.inOrder().length <= 4, what);
    }
  });
});

describe('with a catalog, LookupEvents', () => {
  it('shows each account its own events, to those who may see them', async t => {
    const [mine, other, blind] = ['111111111111', '222222222222', '333333333333'].map((id, place) => ({
      id,
      userName: `user-${place}`,
      keys: [{ accessKeyId: `AKID${place}` }],
      ...(place === 2 && { permissions: ['aws-marketplace:*'] }),
    }));
    const { emulator, lookUp } = await startWithTrail(t, { catalog: { accounts: [mine, other, blind] } });
    const resolveAs = (key: string) =>
      send(emulator.url, {
        headers: { ...callHeaders('ResolveCustomer'), ...claim(key, 'us-east-1') },
        body: JSON.stringify(resolve),
      });
    await resolveAs('AKID0');
    await resolveAs('AKID1');
    for (const [key, user, account] of [
      ['AKID0', 'user-0', '111111111111'],
      ['AKID1', 'user-1', '222222222222'],
    ] as const) {
      const { output } = await lookUp(attribute('EventName', 'ResolveCustomer'), claim(key, 'us-east-1'));
      const { Events } = output as LookupOutput;
      assert.deepEqual(
        Events.map(({ Username }) => Username),
        [user],
      );
      const { userIdentity, recipientAccountId } = JSON.parse(Events[0]?.CloudTrailEvent ?? '');
      assert.deepEqual([userIdentity.accountId, recipientAccountId], [account, account]);
    }
    const denied = await lookUp({}, claim('AKID2', 'us-east-1'));
    assert.equal(denied.error, 'AccessDeniedException');
    assert.match(denied.message ?? '', /cloudtrail:LookupEvents/);
  });
});
