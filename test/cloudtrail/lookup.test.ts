import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HttpRequest } from '@smithy/core/protocols';
import { CLOUDTRAIL, lookUp, SIGNING_NAME } from '../../src/cloudtrail/lookup.ts';
import { ServiceError } from '../../src/errors.ts';
import { createCaller } from '../../src/metering/client.ts';
import { fixedCredentials } from '../../src/metering/credentials.ts';
import { createSigner } from '../../src/metering/sign.ts';
import type { HttpReply } from '../../src/metering/transport.ts';
import { testWorld } from '../helpers/world.ts';
import { awsError, awsReply, DESTINATION, IDENTITY } from '../metering/setup.ts';

/** What is found when the requests are answered in turn, and what was sent when. */
const lookedUp = async (
  replies: readonly HttpReply[],
  giveUpAfterMs = 60_000,
  onEvent = (_world: ReturnType<typeof testWorld>): void => {},
) => {
  const world = testWorld();
  const sent: { readonly request: HttpRequest; readonly atMs: number }[] = [];
  const caller = createCaller(CLOUDTRAIL, {
    destination: { ...DESTINATION, url: new URL('https://cloudtrail.us-east-1.amazonaws.com/') },
    transport: {
      send: async request => {
        sent.push({ request, atMs: world.monotonic() });
        const reply = replies[sent.length - 1] ?? replies.at(-1);
        if (reply === undefined) throw new Error('no reply');
        return reply;
      },
      close: () => {},
    },
    sign: createSigner({ region: 'us-east-1', credentials: async () => IDENTITY, service: SIGNING_NAME }),
    credentials: fixedCredentials(IDENTITY),
    world,
    trace: undefined,
    onClockSet: () => {},
  });
  const found: unknown[] = [];
  let error: unknown;
  try {
    for await (const value of lookUp(1_000, 2_000, { caller, world, giveUpAfterMs })) {
      found.push(value);
      onEvent(world);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { found, sent, error, bodies: sent.map(({ request }) => JSON.parse(request.body as string)) };
};

const page = (events: readonly unknown[], NextToken?: string): HttpReply =>
  awsReply({ Events: events, NextToken });

describe('looking events up', () => {
  test('asks CloudTrail for calls of one name, fifty at a time', async () => {
    const { sent, bodies } = await lookedUp([page([])]);
    const [{ request } = assert.fail()] = sent;
    assert.equal(request.hostname, 'cloudtrail.us-east-1.amazonaws.com');
    assert.equal(
      request.headers['x-amz-target'],
      'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
    );
    assert.match(request.headers['authorization'] ?? '', /\/us-east-1\/cloudtrail\/aws4_request/);
    assert.deepEqual(bodies, [
      {
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'BatchMeterUsage' }],
        StartTime: 1_000,
        EndTime: 2_000,
        MaxResults: 50,
      },
    ]);
  });

  test('ends before the next page when the program is asked to stop', async () => {
    const { error, sent } = await lookedUp([page([1], 'a')], 60_000, world => world.stopping.abort());
    assert.ok(error instanceof ServiceError);
    assert.deepEqual([error.code, sent.length], ['Stopped', 1]);
  });

  test('turns the pages, two a second at most', async () => {
    const { found, sent, bodies } = await lookedUp([
      page([1, 2], 'a'),
      page([], 'b'),
      page([3], 'c'),
      page([4]),
    ]);
    assert.deepEqual(found, [1, 2, 3, 4]);
    assert.deepEqual(
      bodies.map(({ NextToken }) => NextToken),
      [undefined, 'a', 'b', 'c'],
    );
    for (const [place, { atMs }] of sent.entries())
      assert.ok(place === 0 || atMs - (sent[place - 1]?.atMs ?? 0) >= 500);
  });

  test('waits when it is throttled, and goes on where it was', async () => {
    const { found, bodies, sent } = await lookedUp([
      page([1], 'a'),
      awsError('ThrottlingException'),
      page([2]),
    ]);
    assert.deepEqual(found, [1, 2]);
    assert.deepEqual(
      bodies.map(({ NextToken }) => NextToken),
      [undefined, 'a', 'a'],
    );
    assert.ok((sent[2]?.atMs ?? 0) - (sent[1]?.atMs ?? 0) >= 500);
  });

  for (const [what, tokens, pages] of [
    ['leads to itself', ['a', 'a'], 2],
    ['leads back to one long ago', ['a', 'b', 'c', 'd', 'b'], 5],
    ['leads back to it after an answer that was lost', ['a', undefined, 'a'], 3],
  ] as const) {
    test(`ends when a page ${what}, and what was read is not all`, async () => {
      const replies = tokens.map((token, place) =>
        token === undefined ? awsError('ThrottlingException') : page([place], token),
      );
      const { error, sent } = await lookedUp([...replies, page([]), page([])]);
      assert.ok(error instanceof ServiceError, String(error));
      assert.deepEqual([error.exitCode, error.operation, error.maybeDelivered], [5, 'LookupEvents', false]);
      assert.match(error.message, /a page of events again after \d+ pages?/);
      assert.equal(sent.length, pages);
    });
  }

  test('follows a token that another attempt of the same page gives again', async () => {
    const { error, found } = await lookedUp([awsError('ThrottlingException'), page([1], 'a'), page([2])]);
    assert.deepEqual([error, found], [undefined, [1, 2]]);
  });

  test('gives up when it is throttled forever', async () => {
    const { error } = await lookedUp([awsError('ThrottlingException')]);
    assert.ok(error instanceof ServiceError);
    assert.deepEqual([error.kind, error.operation], ['throttled', 'LookupEvents']);
  });

  for (const [code, kind] of [
    ['AccessDeniedException', 'credentials'],
    ['InvalidTimeRangeException', 'call'],
    ['InvalidNextTokenException', 'call'],
  ] as const) {
    test(`ends with ${code}`, async () => {
      const { error } = await lookedUp([page([1], 'a'), awsError(code, 'No.')]);
      assert.ok(error instanceof ServiceError);
      assert.deepEqual([error.code, error.kind, error.operation], [code, kind, 'LookupEvents']);
    });
  }

  for (const body of [
    '',
    '<html>',
    '[]',
    '{"Events":{}}',
    '{"NextToken":7}',
    'null',
    '{"Events":[],"Events":[]}',
    '{"Events":[{"a":1,"a":2}]}',
  ]) {
    test(`does not take this for an answer: ${body}`, async () => {
      const { error } = await lookedUp([awsReply(body)], 2_000);
      assert.ok(error instanceof ServiceError, String(error));
    });
  }
});
