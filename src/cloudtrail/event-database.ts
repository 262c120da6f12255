import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { isoSeconds } from '../usage/hours.ts';
import { identityOf } from '../usage/key.ts';
import type { IdentityMode } from '../usage/record.ts';
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
  CREATE TABLE entry (
    timestamp INTEGER NOT NULL, customer TEXT NOT NULL, dimension TEXT NOT NULL, mode TEXT NOT NULL,
    offering TEXT NOT NULL, region TEXT NOT NULL, event INTEGER NOT NULL, place INTEGER NOT NULL,
    quantity INTEGER NOT NULL, status TEXT, metering_record_id TEXT, allocations TEXT,
    PRIMARY KEY (timestamp, customer, dimension, mode, offering, region, event, place)
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

export const eventEntryOf = (row: DatabaseRow): EventEntry => {
  const key = {
    customer: String(row['customer']),
    mode: String(row['mode']) as IdentityMode,
    offering: String(row['offering']),
  };
  const identity = identityOf(key);
  return {
    identity: {
      timestamp: Number(row['timestamp']),
      dimension: String(row['dimension']),
      ...identity,
      productCode: identity.productCode || undefined,
    },
    region: String(row['region']),
    quantity: Number(row['quantity']),
    status: textOf(row['status']),
    errorCode: textOf(row['error']),
    meteringRecordId: textOf(row['metering_record_id']),
    allocations: textOf(row['allocations']),
    at: Number(row['at']),
    eventId: String(row['name']),
    isCut: row['incomplete'] !== null,
    sender: {
      principal: textOf(row['principal']),
      address: textOf(row['address']),
      userAgent: textOf(row['agent']),
    },
  };
};

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
