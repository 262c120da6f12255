import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { isoSeconds } from '../usage/hours.ts';
import type { EventEntry, IncompleteEvent } from './finding.ts';

/** A temporary database for events and findings, in a transaction that is never committed. */
export const openEventDatabase = (): DatabaseSync => {
  const db = new DatabaseSync('', { allowExtension: false, enableDoubleQuotedStringLiterals: false });
  db.exec(
    `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}; ${SCHEMA} BEGIN`,
  );
  return db;
};

/** Memory for SQLite's pages, in KiB. More goes to a temporary file that SQLite deletes itself. */
const CACHE_KIB = 8_000;

const SCHEMA = `
  CREATE TABLE event (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, at INTEGER, region TEXT,
    principal TEXT, address TEXT, agent TEXT, error TEXT, incomplete TEXT, hides INTEGER NOT NULL,
    is_event INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX hiding ON event (at) WHERE hides = 1;
  CREATE TABLE shared (id INTEGER PRIMARY KEY, found TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE entry (
    timestamp INTEGER NOT NULL, customer TEXT NOT NULL, dimension TEXT NOT NULL, number INTEGER NOT NULL,
    shared INTEGER NOT NULL, offering TEXT NOT NULL, quantity INTEGER NOT NULL, metering_record_id TEXT, allocations TEXT,
    PRIMARY KEY (timestamp, customer, dimension, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ambiguous (event INTEGER NOT NULL, place INTEGER NOT NULL, region TEXT NOT NULL, entry TEXT NOT NULL) STRICT;
  CREATE TABLE finding (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, found TEXT NOT NULL) STRICT;
  CREATE INDEX finding_kind ON finding (kind);
  CREATE TABLE settlement (id INTEGER PRIMARY KEY, found TEXT NOT NULL) STRICT;
`;

/** A row of the temporary database. */
type DatabaseRow = Record<string, SQLOutputValue>;

const textOf = (value: SQLOutputValue | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);

/** What all entries of an event share. */
type EventOfEntry = Pick<EventEntry, 'errorCode' | 'at' | 'eventId' | 'sender' | 'isCut'>;

/** Reads events by their numbers. The entries of neighboring keys are often in the same events, which are remembered. */
export const eventReader = (db: DatabaseSync): ((id: number) => EventOfEntry) => {
  const select = db.prepare('SELECT * FROM event WHERE id = ?');
  const known = new Map<number, EventOfEntry>();
  return id => {
    let event = known.get(id);
    if (event === undefined) {
      if (known.size >= MAX_KNOWN) known.clear();
      event = eventOf(select.get(id) ?? {});
      known.set(id, event);
    }
    return event;
  };
};

const MAX_KNOWN = 2_000;

const eventOf = (row: DatabaseRow): EventOfEntry => ({
  errorCode: textOf(row['error']),
  at: Number(row['at']),
  eventId: String(row['name']),
  sender: {
    principal: textOf(row['principal']),
    address: textOf(row['address']),
    userAgent: textOf(row['agent']),
  },
  isCut: row['incomplete'] !== null,
});

export const incompleteEventOf = (row: DatabaseRow): IncompleteEvent => {
  const { name, at, region, principal, incomplete } = row;
  return {
    eventID: String(name),
    eventTime: at === null ? null : isoSeconds(Number(at)),
    region: textOf(region) ?? null,
    reason: String(incomplete),
    ...(principal !== null && { principal: String(principal) }),
  };
};
