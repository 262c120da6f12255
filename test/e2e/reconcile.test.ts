import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { FoundRecord, Reconciliation } from '../../src/cloudtrail/finding.ts';
import { takeLock } from '../../src/ledger/lock.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import { CASINGS, PUBLISHED, publishedWith } from '../cloudtrail/published.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { clock, type Ended, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';
import { testWorld } from '../helpers/world.ts';
import { uploaded, withLedger } from '../ledger/setup.ts';
import { sampleRecord } from '../usage/samples.ts';

type Env = Readonly<Record<string, string>>;

const LICENSE = 'arn:aws:license-manager::123456789012:license:l-';
const PRODUCT = '4ml54db8vrmjuykaw1psroool';

/** Records by license, by account and by customer identifier, in two hours. */
const usage = (records: number): string =>
  [
    'timestamp,customer_aws_account_id,license_arn,customer_identifier,product_code,dimension,quantity',
    ...Array.from({ length: records }, (_, place) => {
      const account = String(111_122_220_001 + place);
      const [hour, quantity] = [hourAgo(2 + (place % 2)), 1 + (place % 7)];
      if (place % 3 === 0) return `${hour},${account},${LICENSE}${place},,,users,${quantity}`;
      if (place % 3 === 1) return `${hour},${account},,,${PRODUCT},users,${quantity}`;
      return `${hour},,,customer-${place},${PRODUCT},gb,${quantity}`;
    }),
  ].join('\n');

type Reconciled = Ended & { readonly document: Reconciliation };

const reconcile = async (env: Env, ledger: string, ...args: readonly string[]): Promise<Reconciled> => {
  const ended = await tool(['reconcile', '--ledger', ledger, '-o', 'json', ...args], { env });
  return { ...ended, document: JSON.parse(ended.stdout || 'null') as Reconciliation };
};

const assertAgreed = ({ code, document, stderr }: Reconciled, records: number): void => {
  assert.equal(code, 0, stderr);
  assert.deepEqual([document.differences, document.open, document.incompleteEvents], [[], [], []]);
  const { agreed, ledgerRecords, cloudTrailRecords } = document.summary;
  assert.deepEqual([agreed, ledgerRecords, cloudTrailRecords], [records, records, records]);
};

const newLedger = (): string => join(newFolder(), 'ledger.db');

const upload = async (env: Env, ledger: string, records: number, code = 0): Promise<void> => {
  const args = [
    'batch',
    fileWith(usage(records)),
    '--ledger',
    ledger,
    '--rate',
    'none',
    '--no-rejects',
    '-q',
  ];
  const ended = await tool([...args, ...(code === 5 ? ['--give-up-after', '500ms'] : [])], { env });
  assert.equal(ended.code, code, ended.stderr);
};

const TROUBLE = [
  'reset-before:0.1',
  'reset-after:0.15',
  'error500:0.05',
  'error500-after:0.1',
  'unprocessed:0.2@50%',
  'missing:0.1',
  'no-id:0.1',
  'reorder:0.3',
  'truncated:0.1',
  'throttle:0.02',
];

/** The points on which AWS's pages differ about events, and about a record that comes again. */
const READINGS: readonly (readonly string[])[] = [
  [],
  [
    'cloudtrail-account-key=customerAWSAccountId',
    'cloudtrail-source=marketplacemetering',
    'cloudtrail-timestamp=narrow-space',
  ],
  ['cloudtrail-timestamp=iso', 'identical-resend=duplicate'],
];

type Result = { usageRecord: Record<string, unknown>; status: string; meteringRecordId?: string };

type TrailEvent = {
  eventID: string;
  eventName: string;
  awsRegion: string;
  errorCode?: string;
  requestParameters: { productCode?: string; usageRecords: Record<string, unknown>[] };
  responseElements: { results: Result[] } | null;
};

const eventsBelow = (folder: string): TrailEvent[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile())
    .flatMap(
      path => (JSON.parse(gunzipSync(readFileSync(path)).toString()) as { Records: TrailEvent[] }).Records,
    )
    .filter(({ eventName }) => eventName === 'BatchMeterUsage');

describe('after an upload through all kinds of trouble', () => {
  for (const [place, behaviours] of READINGS.entries()) {
    test(`all agrees, by LookupEvents and by log files: ${behaviours.join(' ') || 'as published'}`, async () => {
      const [ledger, cloudTrail] = [newLedger(), newFolder()];
      const env = await withEmulator(
        async (_, there) => {
          // Where AWS calls its own records duplicates, a lost reply leaves them unknown; CloudTrail tells.
          const isDoubtful = behaviours.includes('identical-resend=duplicate');
          await upload(there, ledger, 600, isDoubtful ? 4 : 0);
          if (isDoubtful) {
            age(ledger);
            assert.notEqual((await reconcile(there, ledger, '--settle')).document.summary.settled, 0);
          }
          assertAgreed(await reconcile(there, ledger), 600);
          return there;
        },
        { cloudTrail, faults: TROUBLE, seed: place, behaviours },
      );
      assertAgreed(await reconcile(env, ledger, '--cloudtrail', cloudTrail), 600);
      assert.ok(
        eventsBelow(cloudTrail).some(({ errorCode }) => errorCode !== undefined),
        'no call has failed',
      );
    });
  }
});

/** Lets an hour pass: what was answered a moment ago might not show in CloudTrail yet. */
const age = (ledger: string): void => {
  const db = new DatabaseSync(ledger);
  db.exec('UPDATE record SET settled = settled - 3600000');
  db.close();
};

const RECORDS = 30;

const OMITTED = { reason: 'too large', omitted: true, originalSize: 123_456 };

describe('one difference', () => {
  const ledger = newLedger();
  let env: Env = {};
  let events: readonly TrailEvent[] = [];

  before(async () => {
    const cloudTrail = newFolder();
    env = await withEmulator(
      async (_, there) => {
        await upload(there, ledger, RECORDS);
        return there;
      },
      { cloudTrail },
    );
    events = eventsBelow(cloudTrail);
    age(ledger);
  });

  /** What is found when the events are changed so; the first event has records by license. */
  const found = async (change: (events: TrailEvent[]) => TrailEvent[]): Promise<Reconciled> => {
    const changed = change(structuredClone([...events]));
    const file = fileWith(gzipSync(JSON.stringify({ Records: changed })), 'trail.json.gz');
    return reconcile(env, ledger, '--cloudtrail', file);
  };

  const firstResult = ([event]: readonly TrailEvent[]): Result => {
    const [result] = event?.responseElements?.results ?? [];
    assert.ok(result !== undefined);
    return result;
  };

  const licences = (): TrailEvent => {
    const event = events.find(({ requestParameters }) => requestParameters.productCode === undefined);
    assert.ok(event !== undefined);
    return event;
  };

  test('is none when nothing is changed', async () => {
    assertAgreed(await found(all => all), RECORDS);
  });

  test('is none when events come twice, in another order, or are told again', async () => {
    assertAgreed(await found(all => [...all, ...all.toReversed()]), RECORDS);
    assertAgreed(
      await found(all => [...all, ...all.map(one => ({ ...one, eventID: `${one.eventID}-again` }))]),
      RECORDS,
    );
  });

  const sameCustomer = (one: FoundRecord, result: Result): void => {
    const { customerAWSAccountID, customerIdentifier, dimension } = result.usageRecord;
    assert.equal(
      one.CustomerAWSAccountId ?? one.CustomerIdentifier,
      customerAWSAccountID ?? customerIdentifier,
    );
    assert.equal(one.Dimension, dimension);
  };

  const ALTERED: readonly (readonly [
    what: string,
    kind: string,
    alter: (result: Result, event: TrailEvent) => void,
  ])[] = [
    [
      'a quantity',
      'different-quantity',
      (result, event) => {
        const { dimension, customerAWSAccountID, customerIdentifier } = result.usageRecord;
        for (const record of [result.usageRecord, ...event.requestParameters.usageRecords])
          if (
            record['dimension'] === dimension &&
            record['customerAWSAccountID'] === customerAWSAccountID &&
            record['customerIdentifier'] === customerIdentifier
          )
            record['quantity'] = 999;
      },
    ],
    [
      'a status',
      'different-status',
      result => {
        result.status = 'CustomerNotSubscribed';
        delete result.meteringRecordId;
      },
    ],
    [
      'an id',
      'different-id',
      result => {
        result.meteringRecordId = '00000000-0000-4000-8000-000000000000';
      },
    ],
  ];
  for (const [what, kind, alter] of ALTERED) {
    test(`in ${what} is named ${kind}`, async () => {
      const { code, document } = await found(all => {
        const [event] = all;
        assert.ok(event !== undefined);
        alter(firstResult(all), event);
        return all;
      });
      assert.equal(code, 4);
      assert.deepEqual(
        document.differences.map(one => one.kind),
        [kind],
      );
      sameCustomer(document.differences[0] as FoundRecord, firstResult(events));
      assert.equal(document.summary.agreed, RECORDS - 1);
    });
  }

  test('in a whole event that is gone is named for each of its records', async () => {
    const gone = events[0]?.responseElements?.results ?? [];
    const { code, document } = await found(all => all.slice(1));
    assert.equal(code, 4);
    assert.deepEqual(new Set(document.differences.map(one => one.kind)), new Set(['ledger-only']));
    assert.equal(document.differences.length, gone.length);
    assert.equal(document.summary.agreed, RECORDS - gone.length);
  });

  test('in a record that is not in the ledger is named with its sender', async () => {
    const { code, document } = await found(all => {
      const event = structuredClone(licences());
      const [result] = event.responseElements?.results ?? [];
      assert.ok(result !== undefined);
      result.usageRecord['dimension'] = 'strange';
      event.requestParameters.usageRecords = [result.usageRecord];
      event.responseElements = { results: [result] };
      return [...all, { ...event, eventID: 'strange' }];
    });
    assert.equal(code, 4);
    const [only, ...more] = document.differences;
    assert.equal(more.length, 0);
    assert.deepEqual([only?.kind, only?.Dimension, only?.ledger], ['cloudtrail-only', 'strange', null]);
    const [sent] = only?.cloudTrail ?? [];
    assert.match(sent?.principal ?? '', /:user\/example$/);
    assert.equal(sent?.sourceIPAddress, '127.0.0.1');
    assert.match(sent?.userAgent ?? '', /^ampmeter\//);
    assert.equal(document.summary.agreed, RECORDS);
  });

  test('in what is billed twice is named once, by another way and by another Region', async () => {
    for (const [change, note] of [
      [(event: TrailEvent): TrailEvent => ({ ...event, awsRegion: 'eu-west-1' }), /eu-west-1 and us-east-1/],
      [
        (event: TrailEvent): TrailEvent => {
          for (const record of event.requestParameters.usageRecords) delete record['licenseArn'];
          for (const { usageRecord } of event.responseElements?.results ?? [])
            delete usageRecord['licenseArn'];
          event.requestParameters.productCode = PRODUCT;
          return event;
        },
        /with a license and with a product code/,
      ],
    ] as const) {
      const event = licences();
      const { code, document } = await found(all => [
        ...all,
        { ...change(structuredClone(event)), eventID: 'twice' },
      ]);
      assert.equal(code, 4);
      assert.equal(document.differences.length, event.responseElements?.results.length);
      for (const one of document.differences) {
        assert.equal(one.kind, 'billed-twice');
        assert.match(one.note ?? '', note);
      }
      assert.equal(document.summary.agreed, RECORDS);
    }
  });

  test('cannot be told where CloudTrail has left out the answer', async () => {
    const omitted = { reason: 'responseElements too large', omitted: true, originalSize: 123_456 };
    const { code, document } = await found(all =>
      all.map((one, place) => (place === 0 ? { ...one, responseElements: omitted as never } : one)),
    );
    assert.equal(code, 5);
    assert.equal(document.differences.length, 0);
    assert.equal(document.incompleteEvents.length, 1);
    assert.match(document.incompleteEvents[0]?.reason ?? '', /too large/);
  });

  /** Besides the events that agree with the ledger, something of which nobody can tell what it is. */
  const UNJUDGED: readonly (readonly [what: string, more: (event: TrailEvent) => unknown, reason: RegExp])[] =
    [
      [
        'an event that shows neither records nor answer',
        event => ({ ...event, eventID: 'x', requestParameters: OMITTED, responseElements: OMITTED }),
        /too large/,
      ],
      [
        'an event without a Region',
        event => ({ ...event, eventID: 'x', awsRegion: undefined }),
        /no awsRegion/,
      ],
      [
        'an event without a time',
        event => ({ ...event, eventID: 'x', eventTime: 'noon' }),
        /eventTime cannot be read/,
      ],
      [
        'an event with a record that cannot be read',
        event => ({ ...event, eventID: 'x', requestParameters: { usageRecords: [{ timestamp: 'noon' }] } }),
        /timestamp is "noon"/,
      ],
      ['a line of something else', () => ({ level: 'info', message: 'synced' }), /not a CloudTrail event/],
      ['an event without a name', event => ({ ...event, eventName: undefined }), /not a CloudTrail event/],
      [
        'an event of a source that nobody knows',
        event => ({ ...event, eventID: 'x', eventSource: 'marketplace-usage.amazonaws.com' }),
        /its eventSource is marketplace-usage/,
      ],
      [
        'an event within LookupEvents that breaks off',
        event => ({
          EventId: 'x',
          EventName: 'BatchMeterUsage',
          CloudTrailEvent: JSON.stringify(event).slice(0, 99),
        }),
        /not a CloudTrail event/,
      ],
    ];
  for (const [what, more, reason] of UNJUDGED) {
    test(`is not excluded by ${what}: it is counted and told, and the exit code is 5`, async () => {
      const { code, document, stderr } = await found(all => [
        ...all,
        more(structuredClone(licences())) as TrailEvent,
      ]);
      assert.equal(code, 5, stderr);
      const { summary, differences, open, incompleteEvents } = document;
      assert.deepEqual([differences, open], [[], []]);
      assert.deepEqual([summary.agreed, summary.unjudged, incompleteEvents.length], [RECORDS, 1, 1]);
      assert.match(incompleteEvents[0]?.reason ?? '', reason);
    });
  }

  test('is open when a record that is not in the ledger has no answer to be seen', async () => {
    const { code, document } = await found(all => {
      const event = structuredClone(licences());
      event.requestParameters.usageRecords = [
        { ...event.requestParameters.usageRecords[0], dimension: 'strange' },
      ];
      return [...all, { ...event, eventID: 'x', responseElements: OMITTED as never }];
    });
    assert.equal(code, 5);
    assert.deepEqual(
      document.open.map(({ kind, Dimension, ledger: side }) => [kind, Dimension, side]),
      [['unproven', 'strange', null]],
    );
    assert.deepEqual([document.summary.agreed, document.summary.unjudged], [RECORDS, 0]);
  });

  test('cannot stand in an event of another time, of another Region than the one asked for, or in a failed call', async () => {
    const hidden = { requestParameters: OMITTED as never, responseElements: OMITTED as never };
    const { code, document } = await found(all => [
      ...all,
      { ...structuredClone(licences()), ...hidden, eventID: 'old', eventTime: '2020-01-01T00:00:00Z' },
      { ...structuredClone(licences()), ...hidden, eventID: 'failed', errorCode: 'AccessDenied' },
    ]);
    assert.deepEqual([code, document.summary.unjudged], [0, 0]);
    assert.equal(document.summary.incompleteEvents, 1, 'it is told all the same');
    const file = fileWith(
      JSON.stringify({
        Records: [...events, { ...licences(), ...hidden, eventID: 'x', awsRegion: 'eu-west-1' }],
      }),
      'trail.json',
    );
    const here = await reconcile(env, ledger, '--cloudtrail', file, '--region', 'us-east-1');
    assert.deepEqual([here.code, here.document.summary.otherRegionEvents], [0, 1]);
    const all = await reconcile(env, ledger, '--cloudtrail', file);
    assert.deepEqual([all.code, all.document.summary.unjudged], [5, 1]);
  });

  test('may stand in a file of a folder that is no event file by its name', async () => {
    const folder = newFolder();
    const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    put('trail.json', JSON.stringify({ Records: events }));
    assertAgreed(await reconcile(env, ledger, '--cloudtrail', folder), RECORDS);
    put('.DS_Store', '');
    assertAgreed(await reconcile(env, ledger, '--cloudtrail', folder), RECORDS);
    put('trail.json.zst', 'packed');
    const { code, document } = await reconcile(env, ledger, '--cloudtrail', folder);
    assert.deepEqual([code, document.summary.leftOutFiles, document.summary.unjudged], [5, 1, 1]);
    const reconciled = await tool(['reconcile', '--ledger', ledger, '--cloudtrail', folder], { env });
    assert.match(reconciled.stderr, /warning: \S+trail\.json\.zst was not read/);
    assert.match(reconciled.stderr, /not judged +1\n/);
    const args = ['reconcile', '--ledger', ledger, '--cloudtrail', folder, '-o'];
    const csv = await tool([...args, 'csv'], { env });
    assert.equal(csv.code, 5);
    assert.match(csv.stderr, /warning: \S+trail\.json\.zst was not read.*\nnot judged: only \.json/);
    const json = await tool([...args, 'jsonl'], { env });
    assert.match(JSON.parse(json.stderr).message, /trail\.json\.zst was not read/);
  });

  test('cannot be told where an event has a member twice: the file is refused, with the place', async () => {
    const text = JSON.stringify({ Records: events });
    for (const [member, twice] of [
      ['eventID', text.replace(/("eventID":"[^"]*")/, '$1,"eventID":"other"')],
      ['quantity', text.replace(/"quantity":(\d+)/, '"quantity":1$1,"quantity":$1')],
    ] as const) {
      const { code, stderr } = await reconcile(env, ledger, '--cloudtrail', fileWith(twice, 'trail.json'));
      assert.equal(code, 3, stderr);
      const place = new RegExp(`trail\\.json: event 1: the member "${member}" occurs twice`);
      assert.match(JSON.parse(stderr).message, place);
    }
    const elsewhere = text.replace(
      '{"Records":[',
      '{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"Get","a":1,"a":2},',
    );
    assertAgreed(await reconcile(env, ledger, '--cloudtrail', fileWith(elsewhere, 'trail.json')), RECORDS);
  });

  test('is shown to people and to spreadsheets', async () => {
    const changed = structuredClone([...events]);
    const event = structuredClone(licences());
    const agent = '=cmd|"/c calc"!A1\u001b[2J';
    const file = fileWith(
      JSON.stringify({
        Records: [...changed, { ...event, awsRegion: 'eu-west-1', eventID: 'x', userAgent: agent }],
      }),
      'trail.json',
    );
    const args = ['reconcile', '--ledger', ledger, '--cloudtrail', file];
    const table = await tool(args, { env });
    assert.equal(table.code, 4);
    assert.match(table.stdout, /RESULT +HOUR +CUSTOMER +DIMENSION +LEDGER +CLOUDTRAIL/);
    assert.match(table.stdout, /billed-twice/);
    assert.doesNotMatch(table.stdout, /\u001b/);
    assert.match(table.stderr, /billed twice +\d+/);
    assert.match(table.stderr, /agreed +30/);
    const csv = await tool([...args, '-o', 'csv', '--region', 'eu-west-1'], { env });
    assert.match(csv.stdout, /^result,timestamp,/);
    assert.match(csv.stdout, /"'=cmd/);
    const lines = (await tool([...args, '-o', 'jsonl', '--all'], { env })).stdout.trim().split('\n');
    const types = lines.map(line => (JSON.parse(line) as { type: string }).type);
    assert.equal(types.filter(type => type === 'agreed').length, RECORDS);
    assert.equal(types.at(-1), 'summary');
  });
});

describe('what CloudTrail does not show yet', () => {
  test('is pending for fifteen minutes, and no difference', async () => {
    await withEmulator(
      async (_, env) => {
        const ledger = newLedger();
        await upload(env, ledger, 12);
        const young = await reconcile(env, ledger);
        assert.equal(young.code, 5);
        assert.deepEqual([young.document.summary.pending, young.document.differences], [12, []]);
        age(ledger);
        const old = await reconcile(env, ledger);
        assert.equal(old.code, 4);
        assert.equal(old.document.summary.ledgerOnly, 12);
      },
      { cloudTrailDelayMs: 15 * 60_000 },
    );
  });
});

describe('answers that were lost', () => {
  test('are shown by CloudTrail, and settled when that is asked for', async () => {
    await withEmulator(
      async (emulator, env) => {
        const ledger = newLedger();
        await upload(env, ledger, 20, 5);
        const dropped = await fetch(`${emulator.url}/_emulator/faults`, { method: 'DELETE' });
        assert.ok(dropped.ok);
        const before = readFileSync(ledger);

        const plain = await reconcile(env, ledger);
        assert.equal(plain.code, 5, plain.stderr);
        assert.equal(plain.document.summary.unsettled, emulator.records().length);
        assert.ok(plain.document.summary.unsettled > 0);
        assert.equal(plain.document.summary.settled, 0);
        assert.deepEqual(readFileSync(ledger), before, 'nothing is written');

        const settled = await reconcile(env, ledger, '--settle');
        assert.equal(settled.document.summary.settled, plain.document.summary.unsettled);
        assert.equal(settled.document.summary.unsettled, 0);
        assert.equal(settled.code, 0, settled.stderr);
        using reader = LedgerReader.open(ledger, new Date());
        const ids = new Set(emulator.records().map(record => (record as { id?: string }).id));
        const accepted = [...reader.records({})].filter(({ outcome }) => outcome.status === 'accepted');
        assert.equal(accepted.length, settled.document.summary.settled);
        for (const { outcome } of accepted) {
          assert.match(outcome.reason ?? '', /^CloudTrail event /);
          assert.ok(ids.has(undefined) || ids.has(outcome.meteringRecordId));
        }

        const again = await reconcile(env, ledger);
        assert.equal(again.code, 0);
        assert.equal(again.document.summary.agreed, accepted.length);
      },
      { faults: ['reset-after:1'] },
    );
  });

  test('are not settled while an upload goes on', async () => {
    await withEmulator(async (_, env) => {
      const ledger = newLedger();
      await upload(env, ledger, 3);
      const lock = await takeLock(ledger, 0, testWorld());
      try {
        const { code, stderr } = await reconcile(env, ledger, '--settle');
        assert.equal(code, 8);
        assert.match(stderr, /another run is using the ledger/);
        assert.equal((await reconcile(env, ledger)).code, 0, 'without --settle it does not matter');
      } finally {
        lock.release();
      }
    });
  });
});

describe("AWS's published event", () => {
  const dayOf = ['--since', '2018-04-19', '--until', '2018-04-20'];
  const timestamp = Date.UTC(2018, 3, 19, 16) / 1000;
  const identities = [
    { customerAWSAccountId: undefined, customerIdentifier: 'customer1' },
    { customerAWSAccountId: '210987654321', customerIdentifier: undefined },
  ];
  const forms = [
    ...CASINGS.flatMap(casing =>
      identities.map(
        identity =>
          [casing, publishedWith(record => ({ ...record, [casing]: '210987654321' })), identity] as const,
      ),
    ),
    ['the older form', PUBLISHED, identities[0]] as const,
  ];
  for (const [casing, event, identity] of forms) {
    test(`reconciles with the ledger that would have produced it: ${casing}, ${JSON.stringify(identity)}`, async () => {
      const path = newLedger();
      const record = sampleRecord({
        ...identity,
        timestamp,
        dimension: 'Dimension1',
        quantity: 1,
        productCode: 'EXAMPLE_proCode',
      });
      withLedger(path, ledger => {
        const run = uploaded(ledger, [record], () => undefined);
        const meteringRecordId = PUBLISHED.responseElements.results[0].meteringRecordId;
        const outcome = { status: 'accepted', reason: undefined, meteringRecordId } as const;
        run.save({ settled: [{ planned: { record, rows: [] }, outcome }], at: timestamp * 1000 });
      });
      const file = fileWith(JSON.stringify(event), 'event.json');
      assertAgreed(await reconcile({}, path, '--cloudtrail', file, ...dayOf), 1);
    });
  }
});

/** A CloudTrail that gives this page forever; gives how often it was asked. */
const withCloudTrail = async (
  page: object,
  use: (env: Env, ledger: string) => Promise<void>,
): Promise<number> => {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      asked += 1;
      response.writeHead(200, {
        date: new Date(clock.now()).toUTCString(),
        'x-amzn-RequestId': '1',
        'content-type': 'application/x-amz-json-1.1',
      });
      response.end(JSON.stringify(page));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  try {
    await withEmulator(async (_, env) => {
      const ledger = newLedger();
      await upload(env, ledger, 3);
      age(ledger);
      const { port } = server.address() as AddressInfo;
      await use({ ...env, AWS_ENDPOINT_URL_CLOUDTRAIL: `http://127.0.0.1:${port}` }, ledger);
    });
    return asked;
  } finally {
    server.close();
  }
};

test('LookupEvents whose pages lead in a circle is not followed forever, and not compared', async () => {
  const asked = await withCloudTrail({ Events: [], NextToken: 'again' }, async (env, ledger) => {
    const { code, stdout, stderr } = await reconcile(env, ledger);
    assert.deepEqual([code, stdout], [5, ''], stderr);
    const { message, next, exitCode } = JSON.parse(stderr);
    assert.match(message, /LookupEvents .*a page of events again after 2 pages/);
    assert.match(next, /--cloudtrail/);
    assert.equal(exitCode, 5);
  });
  // The time is asked for first.
  assert.equal(asked, 3);
});

test('an event of another Region that CloudTrail shows in this one is not left out in silence', async () => {
  const event = { ...PUBLISHED, awsRegion: 'eu-west-1', eventTime: new Date().toISOString() };
  await withCloudTrail({ Events: [{ CloudTrailEvent: JSON.stringify(event) }] }, async (env, ledger) => {
    const { code, document } = await reconcile(env, ledger, '--until', '-20h');
    assert.equal(code, 5);
    assert.deepEqual([document.summary.otherRegionEvents, document.summary.unjudged], [1, 1]);
  });
});

describe('what cannot be done is named', () => {
  const ledger = newLedger();
  before(() => withLedger(ledger, () => {}));

  const cases: readonly (readonly [args: readonly string[], code: number, pattern: RegExp])[] = [
    [['--since', '-91d'], 2, /90 days/],
    [['--since', 'yesterday'], 2, /--since/],
    [['--since', '2026-11-02', '--until', '2026-11-01'], 2, /--until is not later/],
    [['--wait', '1m'], 2, /--wait needs --settle/],
    [['--cloudtrail', '/nowhere/at/all'], 3, /file or folder not found/],
    [['--cloudtrail', newFolder()], 3, /has no event files/],
    [['--cloudtrail', fileWith('{"a":1}', 'a.json')], 3, /no CloudTrail events/],
    [['--cloudtrail', fileWith('{"Records":[', 'a.json')], 3, /it is incomplete/],
    [['--cloudtrail', fileWith('{"Records":[]}', 'a.json'), '--fips'], 2, /--fips/],
    [['--cloudtrail', fileWith('{"Records":[]}', 'a.json'), '--profile', 'x'], 6, /profile "x"/],
    [['--cloudtrail', fileWith('{"Records":[]}', 'a.json')], 0, /^/],
    [['--ledger', '/nowhere/ledger.db'], 9, /no ledger found/],
  ];
  for (const [args, code, pattern] of cases) {
    test(`${args.join(' ').replaceAll(/\/\S+\//g, '…/')}: ${code}`, async () => {
      const named = args.includes('--ledger') ? args : ['--ledger', ledger, ...args];
      const ended = await tool(['reconcile', ...named]);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, pattern);
    });
  }

  test('without credentials it is said so', async () => {
    const { code, stderr } = await tool([
      'reconcile',
      '--ledger',
      ledger,
      '--endpoint-url',
      'http://127.0.0.1:9',
    ]);
    assert.equal(code, 6, stderr);
  });

  test('events may come from standard input', async () => {
    const input = JSON.stringify({ Events: [{ CloudTrailEvent: JSON.stringify(PUBLISHED) }] });
    const { code, stdout } = await tool(
      [
        'reconcile',
        '--ledger',
        ledger,
        '--cloudtrail',
        '-',
        '--since',
        '2018-04-19',
        '--until',
        '2018-04-20',
      ],
      { input },
    );
    assert.equal(code, 4);
    assert.match(stdout, /cloudtrail-only +2018-04-19T16:00Z +customer1 +Dimension1 +- +1 Success/);
  });
});
