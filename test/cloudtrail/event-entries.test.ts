import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventDatabase } from '../../src/cloudtrail/event-database.ts';
import { EventEntries } from '../../src/cloudtrail/event-entries.ts';
import { EventStore } from '../../src/cloudtrail/event-store.ts';
import type { EventEntry } from '../../src/cloudtrail/finding.ts';
import type { ReadEntry } from '../../src/cloudtrail/read-records.ts';
import { usageHours } from '../../src/cloudtrail/usage-hour.ts';
import type { Keyed } from '../../src/usage/key.ts';

const HOUR = Date.UTC(2026, 9, 1) / 1000;

const entryOf = (identity: Partial<Keyed>, more: Partial<ReadEntry> = {}): ReadEntry => ({
  identity: {
    timestamp: HOUR,
    dimension: 'gb',
    customerAWSAccountId: '111122223333',
    licenseArn: undefined,
    customerIdentifier: undefined,
    productCode: undefined,
    ...identity,
  },
  quantity: 1,
  status: 'Success',
  meteringRecordId: undefined,
  allocations: undefined,
  lacksProduct: false,
  ...more,
});

type Added = { readonly event: number; readonly region: string; readonly entries: readonly ReadEntry[] };

const storeWith = (added: readonly Added[]): EventStore => {
  const store = new EventStore({ since: HOUR - 86_400, until: HOUR + 86_400 });
  for (const { event, region, entries } of added)
    store.add(
      {
        id: `event ${event}`,
        at: HOUR + event,
        region,
        sender: { principal: 'role', address: undefined, userAgent: undefined },
        errorCode: undefined,
        incomplete: undefined,
        hides: false,
      },
      entries,
    );
  return store;
};

const read = <T>(store: EventStore, reader: (store: EventStore) => T): T => {
  try {
    return reader(store);
  } finally {
    store[Symbol.dispose]();
  }
};

test('many pages are read, each record once and with everything that its event shows', () => {
  const entryAt = (place: number): ReadEntry =>
    entryOf(
      {
        timestamp: HOUR + (place % 3) * 3600,
        customerAWSAccountId: String(111_111_111_111 + (place % 40)),
        dimension: `d${place % 2}`,
        ...(place % 5 === 0
          ? { licenseArn: `arn:aws:license-manager::1:license:l-${place}` }
          : { productCode: 'a' }),
      },
      {
        quantity: place,
        status: place % 7 === 0 ? undefined : place % 11 === 0 ? 'DuplicateRecord' : 'Success',
        meteringRecordId: place % 7 === 0 ? undefined : `id ${place}`,
        allocations: place % 13 === 0 ? '[]' : undefined,
      },
    );
  const all = Array.from({ length: 737 }, (_, place) => entryAt(place));
  const added = Array.from({ length: 30 }, (_, event) => ({
    event,
    region: event % 2 === 0 ? 'us-east-1' : 'eu-west-1',
    entries: all.slice(event * 25, event * 25 + 25),
  }));
  read(storeWith(added), store => {
    const found = [...store.entries(undefined)];
    const orderOf = ({ identity: { timestamp, customerAWSAccountId, dimension }, at }: EventEntry): string =>
      [timestamp, customerAWSAccountId, dimension, at].join(' ');
    assert.deepEqual(found.map(orderOf), found.map(orderOf).sort());
    const byQuantity = found.toSorted((a, b) => a.quantity - b.quantity);
    assert.deepEqual(
      byQuantity.map(({ identity, quantity, status, meteringRecordId, allocations, region, eventId }) => ({
        ...{ identity, quantity, status, meteringRecordId, allocations, lacksProduct: false },
        ...{ region, eventId },
      })),
      all.map((entry, place) => {
        const event = Math.floor(place / 25);
        return { ...entry, region: added[event]?.region, eventId: `event ${event}` };
      }),
    );
    const east = [...store.entries('us-east-1')];
    assert.deepEqual(
      east.map(({ quantity }) => quantity),
      found.filter(({ region }) => region === 'us-east-1').map(({ quantity }) => quantity),
    );
  });
});

test('records are there while they are still waiting to be written, also those that are added later', () => {
  read(storeWith([{ event: 1, region: 'us-east-1', entries: [entryOf({})] }]), store => {
    assert.equal([...store.entries(undefined)].length, 1);
    assert.equal([...store.entries(undefined)].length, 1);
  });
});

test('values that could be taken for others when they are put together stay apart', () => {
  const db = openEventDatabase();
  try {
    const entries = new EventEntries(db);
    const pairs = [
      ['a', 'b c'],
      ['a b', 'c'],
      ['a 1 b', 'c'],
      ['a', '1 b 1 c'],
      ['a\u0000b', 'c'],
      ['a', undefined],
      ['a', 'b c'],
    ] as const;
    for (const [place, [region, status]] of pairs.entries())
      entries.add(entryOf({}, { status }), region, 1, place);
    assert.deepEqual(
      [...entries.all(undefined)].map(({ region, status }) => [region, status]),
      pairs,
    );
  } finally {
    db.close();
  }
});

test('the records of one usage hour come in the order of the ledger, and those of one key by their events', () => {
  const license = (name: string): Partial<Keyed> => ({
    licenseArn: `arn:aws:license-manager::1:license:${name}`,
  });
  const added: Added[] = [
    { event: 1, region: 'us-west-2', entries: [entryOf(license('b')), entryOf({ productCode: 'p' })] },
    { event: 2, region: 'eu-west-1', entries: [entryOf(license('b')), entryOf(license('a'))] },
    { event: 3, region: 'us-west-2', entries: [entryOf({ productCode: 'o' }), entryOf(license('b'))] },
  ];
  read(storeWith(added), store => {
    const [hour, ...others] = [...usageHours([], store.entries(undefined))];
    assert.equal(others.length, 0);
    assert.deepEqual(
      hour?.events.map(({ identity, region, at }) =>
        [identity.productCode ?? identity.licenseArn?.at(-1), region, at - HOUR].join(' '),
      ),
      ['o us-west-2 3', 'p us-west-2 1', 'a eu-west-1 2', 'b eu-west-1 2', 'b us-west-2 1', 'b us-west-2 3'],
    );
  });
});
