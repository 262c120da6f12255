import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LedgerError, ServiceError } from '../../src/errors.ts';
import { createPace } from '../../src/metering/pace.ts';
import type { HttpReply } from '../../src/metering/transport.ts';
import { sendAll } from '../../src/upload/send.ts';
import type { PlannedRecord } from '../../src/usage/outcome.ts';
import type { WireRecord } from '../../src/usage/wire.ts';
import { sampled } from '../helpers/volume.ts';
import { testWorld } from '../helpers/world.ts';
import { awsError, awsReply, clientWith, pageOf, timeReply } from '../metering/setup.ts';
import { LICENSE, sampleRecord, TEN } from '../usage/samples.ts';
import { type Answer, counts, LOST, many, type Request, sent, success, taken, takenUnless } from './setup.ts';

describe('a batch with bad records', () => {
  for (const code of ['InvalidUsageDimensionException', 'InvalidTagException', 'ValidationException']) {
    test(`at any place loses that one alone, in at most 11 requests (${code})`, async () => {
      for (let place = 0; place < 25; place += 1) {
        const bad = many(25)[place]?.dimension;
        const run = await sent(
          many(25),
          takenUnless(({ Dimension }) => Dimension === bad, code),
        );
        assert.deepEqual(counts(run), { accepted: 24, refused: 1 });
        assert.deepEqual(run.outcomes.get(bad ?? ''), {
          status: 'refused',
          reason: `${code}: a record is bad`,
          meteringRecordId: undefined,
        });
        assert.ok(run.requests.length <= 11, `${run.requests.length} requests for place ${place}`);
        assert.equal(run.stopped, undefined);
      }
    });
  }

  for (const bad of [2, 5, 12, 25]) {
    test(`${bad} of 25 lose those alone, in at most ${Math.min(1 + 10 * bad, 49)} requests`, async () => {
      const places = new Set(Array.from({ length: bad }, (_, index) => Math.floor((index * 25) / bad)));
      const isBad = ({ Quantity }: WireRecord): boolean => places.has((Quantity ?? 0) - 1);
      const run = await sent(many(25), takenUnless(isBad));
      assert.deepEqual(counts(run), { ...(bad < 25 && { accepted: 25 - bad }), refused: bad });
      assert.ok(run.requests.length <= Math.min(1 + 10 * bad, 49), `${run.requests.length} requests`);
    });
  }

  test('at any places loses each bad one, and nothing else, in at most min(1 + 10 bad, 49) requests', async () => {
    const sizes = fc.integer({ min: 1, max: 25 });
    const marks = fc.uniqueArray(fc.nat(24), { maxLength: 25 });
    const property = fc.asyncProperty(sizes, marks, async (count, places) => {
      const records = many(count);
      const bad = new Set(places.flatMap(place => records[place]?.dimension ?? []));
      const run = await sent(
        records,
        takenUnless(({ Dimension }) => bad.has(Dimension)),
      );
      assert.equal(run.stopped, undefined);
      const billed = run.requests.filter(request => !request.some(dimension => bad.has(dimension))).flat();
      const good = records.map(({ dimension }) => dimension).filter(dimension => !bad.has(dimension));
      assert.deepEqual(billed, good, 'AWS took each good one once');
      for (const { dimension } of records)
        assert.equal(run.outcomes.get(dimension)?.status, bad.has(dimension) ? 'refused' : 'accepted');
      // Halving makes a tree with a request for each node: of 25 records it has 49.
      const most = Math.min(1 + 10 * bad.size, 2 * count - 1);
      assert.ok(run.requests.length <= most, `${run.requests.length} requests for ${bad.size} of ${count}`);
    });
    await fc.assert(property, { numRuns: sampled(150) });
  });

  for (const code of ['InvalidUsageDimensionException', 'TimestampOutOfBoundsException']) {
    test(`whose first answer was lost may be billed for all that AWS says now (${code})`, async () => {
      const refused = takenUnless(({ Dimension }) => Dimension === 'd03', code);
      const run = await sent(many(5), (request, number) => (number === 1 ? LOST : refused(request)));
      assert.deepEqual(counts(run), { accepted: 4, unknown: 1 });
      const { reason, doubt } = run.outcomes.get('d03') ?? {};
      assert.equal(doubt, 'refused');
      assert.match(reason ?? '', new RegExp(`${code}: a record is bad`));
      assert.ok(run.requests.length <= 12, `${run.requests.length} requests`);
    });
  }
});

describe('what no record can cause', () => {
  test('is not bisected, and ends the run: nothing more leaves', async () => {
    const run = await sent(many(80), () => awsError('AccessDeniedException', 'not allowed'));
    assert.equal(run.requests.length, 1);
    assert.ok(run.stopped instanceof ServiceError && run.stopped.exitCode === 6);
    assert.deepEqual(counts(run), { unsent: 80 });
  });

  test('ends the part of a product that AWS does not know, and the others go out', async () => {
    const records = [...many(60, { productCode: 'gone' }), ...many(60).map(one => ({ ...one, quantity: 0 }))];
    const named = records.map((one, index) => ({ ...one, dimension: `n${index}` }));
    const run = await sent(named, request =>
      request.ProductCode === 'gone' ? awsError('InvalidProductCodeException', 'gone') : taken(request),
    );
    assert.deepEqual(counts(run), { unsent: 60, accepted: 60 });
    assert.equal(run.requests.length, 1 + 3);
    assert.ok(run.stopped instanceof ServiceError && run.stopped.exitCode === 7);
  });
});

describe('resend', () => {
  test('what AWS did not process is sent again with a growing pause, and nothing else', async () => {
    const run = await sent(many(5), ({ UsageRecords }, number) =>
      awsReply({
        Results: UsageRecords.filter((_, index) => index < number).map(success),
        UnprocessedRecords: UsageRecords.filter((_, index) => index >= number),
      }),
    );
    assert.deepEqual(
      run.requests.map(request => request.length),
      [5, 4, 2],
    );
    assert.deepEqual(run.world.sleeps, [100, 200]);
    assert.deepEqual(counts(run), { accepted: 5 });
  });

  const duplicates = ({ UsageRecords }: Request): HttpReply =>
    awsReply({ Results: UsageRecords.map(record => ({ UsageRecord: record, Status: 'DuplicateRecord' })) });
  /** One record is missing from the first reply, and is a duplicate in the second. */
  const missingThenDuplicate =
    (again: (request: Request) => HttpReply): Answer =>
    (request, number) => {
      if (number === 1) return awsReply({ Results: request.UsageRecords.slice(1).map(success) });
      return number === 2 ? duplicates(request) : again(request);
    };

  test('what is missing from the reply is sent again', async () => {
    const run = await sent(many(3), (request, number) =>
      number === 1 ? awsReply({ Results: request.UsageRecords.slice(1).map(success) }) : taken(request),
    );
    assert.deepEqual(run.requests[1], ['d00']);
    assert.deepEqual(counts(run), { accepted: 3 });
  });

  test('a duplicate then is another quantity where AWS answers Success to identical records', async () => {
    const run = await sent(many(3), missingThenDuplicate(taken));
    assert.deepEqual(run.requests.slice(1), [['d00'], ['d02']]);
    assert.deepEqual(counts(run), { accepted: 2, duplicate: 1 });
  });

  test('a duplicate then proves nothing where AWS answers so to identical records, too', async () => {
    const run = await sent(many(3), missingThenDuplicate(duplicates));
    assert.equal(run.requests.length, 3);
    assert.deepEqual(counts(run), { accepted: 2, unknown: 1 });
    assert.equal(run.outcomes.get('d00')?.doubt, 'duplicate');
  });

  test('nor where the record that is asked about has got another id, or is refused', async () => {
    const forgotten = ({ UsageRecords }: Request): HttpReply =>
      awsReply({ Results: UsageRecords.map(record => ({ ...success(record), MeteringRecordId: 'new' })) });
    const refused = (): HttpReply => awsError('InvalidUsageDimensionException', 'no more');
    for (const again of [forgotten, refused])
      assert.deepEqual(counts(await sent(many(3), missingThenDuplicate(again))), { accepted: 2, unknown: 1 });
  });

  test('it is asked once, however many are in doubt, and not at all without a record that is accepted', async () => {
    const run = await sent(many(60), (request, number) => {
      if (number === 1) return taken(request);
      if (number === 2 || number === 4) return LOST;
      return number < 6 ? duplicates(request) : taken(request);
    });
    assert.deepEqual(counts(run), { accepted: 25, duplicate: 35 });
    assert.equal(run.requests.length, 6);
    const alone = await sent(many(3), (request, number) => (number === 1 ? LOST : duplicates(request)));
    assert.deepEqual([counts(alone), alone.requests.length], [{ unknown: 3 }, 2]);
  });

  test('of what was unprocessed after a lost answer nothing but a success is believed either', async () => {
    const run = await sent(many(1), (request, number) => {
      if (number === 1) return LOST;
      if (number === 2) return awsReply({ Results: [], UnprocessedRecords: request.UsageRecords });
      return duplicates(request);
    });
    assert.deepEqual(counts(run), { unknown: 1 });
  });

  test('two answers for one record are none: it is sent again', async () => {
    const run = await sent(many(3), (request, number) => {
      if (number > 1) return taken(request);
      const [first] = request.UsageRecords;
      const other = { UsageRecord: first, Status: 'CustomerNotSubscribed' };
      return awsReply({ Results: [...request.UsageRecords.map(success), other] });
    });
    assert.deepEqual(run.requests[1], ['d00']);
    assert.deepEqual(counts(run), { accepted: 3 });
  });

  test('a duplicate of what was sent once is somebody else’s', async () => {
    const run = await sent(many(1), ({ UsageRecords }) =>
      awsReply({ Results: [{ UsageRecord: UsageRecords[0], Status: 'DuplicateRecord' }] }),
    );
    assert.deepEqual(counts(run), { duplicate: 1 });
  });

  test('ends with the patience: unsent if AWS said so, unknown if it said nothing', async () => {
    const never = await sent(
      many(2),
      ({ UsageRecords: [first, second] }) =>
        awsReply({ Results: [], UnprocessedRecords: second === undefined ? [] : [first] }),
      { giveUpAfterMs: 5000 },
    );
    assert.deepEqual(
      ['d00', 'd01'].map(dimension => never.outcomes.get(dimension)?.reason),
      ['AWS returned it as unprocessed on every attempt', 'no reply of AWS says what became of it'],
    );
    assert.deepEqual(counts(never), { unknown: 1, unsent: 1 });
    assert.ok(never.world.monotonic() < 5000);
  });

  test('an answer that stays lost leaves its records unknown and ends the run', async () => {
    const run = await sent(many(30), () => LOST, { giveUpAfterMs: 5000 });
    assert.deepEqual(counts(run), { unknown: 25, unsent: 5 });
    assert.ok(run.stopped instanceof ServiceError && run.stopped.exitCode === 5);
  });
});

describe('the window', () => {
  const before = (ms: number) => {
    const world = testWorld();
    world.setWallClock(new Date((TEN + 24 * 3600) * 1000 - ms));
    return world;
  };

  test('what has expired is never sent', async () => {
    const run = await sent(many(3), taken, { world: before(0) });
    assert.deepEqual([counts(run), run.requests.length], [{ expired: 3 }, 0]);
  });

  test("by a clock that nobody has compared yet AWS's is asked for, once, and counts", async () => {
    for (const [probe, expected] of [
      [timeReply(new Date((TEN + 22 * 3600) * 1000)), { accepted: 60 }],
      [timeReply(new Date((TEN + 24 * 3600) * 1000)), { expired: 60 }],
      [LOST, { unsent: 60 }],
      [pageOf(403), { expired: 60 }],
    ] as const) {
      const run = await sent(many(60), taken, { world: before(-2 * 3_600_000), probe, concurrency: 3 });
      assert.deepEqual(counts(run), expected);
      assert.equal(run.probes, 1);
    }
  });

  test('the reason names a clock that is off, or was not compared', async () => {
    for (const [probe, reason] of [
      [timeReply(new Date((TEN + 24 * 3600) * 1000)), /; this machine's clock is 2 h ahead of AWS's$/],
      [pageOf(403), /; AWS's clock could not be checked$/],
      [LOST, /^it is too old by this machine's clock, and AWS's clock could not be checked/],
    ] as const) {
      const run = await sent(many(1), taken, { world: before(-2 * 3_600_000), probe });
      assert.match(run.outcomes.get('d00')?.reason ?? '', reason);
    }
    const right = await sent(many(1), taken, { world: before(0) });
    assert.doesNotMatch(right.outcomes.get('d00')?.reason ?? '', /clock/);
  });

  test('what has a millisecond left is sent', async () => {
    assert.deepEqual(counts(await sent(many(3), taken, { world: before(1) })), { accepted: 3 });
  });

  test('that closes while AWS throttles takes its records only: the others go on', async () => {
    const [early, late] = [many(2), many(2, { timestamp: TEN + 3600 })];
    const records = [...early, ...late.map(one => ({ ...one, dimension: `l${one.dimension}` }))];
    const run = await sent(
      records,
      (request, number) => (number <= 2 ? awsError('ThrottlingException', 'slow down') : taken(request)),
      { world: before(800) },
    );
    assert.deepEqual(counts(run), { expired: 2, accepted: 2 });
    assert.equal(run.stopped, undefined);
  });

  test('of a lost answer that closes leaves the record unknown', async () => {
    const run = await sent(many(1), () => LOST, { world: before(300) });
    assert.deepEqual(counts(run), { unknown: 1 });
    assert.equal(run.outcomes.get('d00')?.doubt, 'expired');
    assert.match(run.outcomes.get('d00')?.reason ?? '', /its window has closed/);
  });
});

test('records leave soonest to expire first, 25 a request, one product and identity mode each', async () => {
  const hours = [3, 1, 2].flatMap(ago => many(20, { timestamp: TEN - ago * 3600 }));
  const modes = [
    { licenseArn: LICENSE },
    { customerAWSAccountId: undefined, customerIdentifier: 'buyer' },
    { productCode: 'other' },
  ];
  const records = [...hours, ...modes.map(mode => sampleRecord(mode))];
  const times: number[] = [];
  const run = await sent(records, request => {
    times.push(...request.UsageRecords.map(({ Timestamp }) => Timestamp));
    return taken(request);
  });
  assert.deepEqual(run.requests.map(request => request.length).sort(), [1, 1, 1, 10, 25, 25]);
  assert.deepEqual(times.slice(0, 50), times.slice(0, 50).sort());
  assert.equal(run.reported, 63);
});

test('a stop lets nothing more leave, and what is under way is settled', async () => {
  const world = testWorld();
  const run = await sent(
    many(200),
    (request, number) => {
      if (number === 3) world.stopping.abort();
      return taken(request);
    },
    { world },
  );
  assert.deepEqual(counts(run), { accepted: 75, unsent: 125 });
  assert.equal(run.stopped, undefined);
});

test('as many requests are under way as was said', async () => {
  for (const concurrency of [1, 4]) {
    const world = testWorld();
    const answers: (() => void)[] = [];
    let underWay = 0;
    let most = 0;
    const call = async (): Promise<never> => {
      most = Math.max(most, ++underWay);
      await new Promise<void>(resolve => answers.push(resolve));
      underWay -= 1;
      throw new ServiceError('refused', { kind: 'call', operation: '', code: 'x', maybeDelivered: false });
    };
    const batches = Array.from({ length: 9 }, () => ({
      records: [{ record: sampleRecord(), rows: [] }],
      maybeDelivered: false,
    }));
    const journal = {
      begin: async (records: readonly PlannedRecord[]) => records,
      settle: () => {},
      flush: async () => {},
    };
    const pace = createPace(undefined, world);
    const done = sendAll(batches, {
      client: { call, now: world.now, known: () => ({ offsetMs: 0 }), askTime: async () => undefined },
      pace,
      journal,
      world,
      concurrency,
      giveUpAfterMs: 1,
      accepted: async () => undefined,
    });
    while (answers.length < concurrency) await new Promise(setImmediate);
    for (const answer of answers) answer();
    await done;
    assert.equal(most, concurrency);
  }
});

test('what waits for the time is not begun: a kill meanwhile leaves it planned', async () => {
  const world = testWorld();
  const began: unknown[] = [];
  const settled: string[] = [];
  const late = new ServiceError('another hour', {
    kind: 'clock',
    operation: '',
    code: 'ClockWrong',
    maybeDelivered: false,
  });
  const { client, sent: left } = clientWith([awsReply({ Results: [] })]);
  const stopped = await sendAll(
    [{ records: [{ record: sampleRecord(), rows: [] }], maybeDelivered: false }],
    {
      client: {
        ...client,
        ready: async () => {
          assert.deepEqual(began, []);
          throw late;
        },
      },
      pace: createPace(undefined, world),
      journal: {
        begin: async records => {
          began.push(records);
          return records;
        },
        settle: (_, { status }) => {
          settled.push(status);
        },
        flush: async () => {},
      },
      world,
      concurrency: 1,
      giveUpAfterMs: 1000,
      accepted: async () => undefined,
    },
  );
  assert.equal(stopped, late);
  assert.deepEqual([began, settled, left], [[], ['unsent'], []]);
});

describe('a ledger that fails', () => {
  const world = testWorld();
  const failure = new LedgerError('the disk is full');
  const parts = {
    pace: createPace(undefined, world),
    world,
    concurrency: 3,
    giveUpAfterMs: 1000,
    accepted: async () => undefined,
  };
  const batch = { records: [{ record: sampleRecord(), rows: [] }], maybeDelivered: false };
  const fail = async (): Promise<never> => {
    throw failure;
  };

  test('before a request leaves lets none leave', async () => {
    const { client, sent: left } = clientWith([awsReply({ Results: [] })]);
    const journal = { begin: fail, settle: () => {}, flush: fail };
    assert.equal(await sendAll([batch, batch, batch, batch], { ...parts, client, journal }), failure);
    assert.equal(left.length, 0);
  });

  test('while the plan is read ends the run as well', async () => {
    const { client } = clientWith([awsReply({ Results: [] })]);
    const journal = {
      begin: async (records: readonly PlannedRecord[]) => records,
      settle: () => {},
      flush: async () => {},
    };
    // biome-ignore lint/correctness/useYield: it fails before the first
    function* broken(): Generator<typeof batch> {
      throw failure;
    }
    assert.equal(await sendAll(broken(), { ...parts, client, journal }), failure);
  });
});
