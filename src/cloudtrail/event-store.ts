import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Outcome } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import { incompleteEventOf, sightingOf } from './event-rows.ts';
import type { EventEntry, FindingKind, FoundRecord, Identity, IncompleteEvent } from './finding.ts';
import type { EventFacts } from './read-event.ts';
import type { Entry } from './read-records.ts';
import { customerOf, modeOf, offeringOf } from './usage-hour.ts';

/** Hours that are compared, epoch seconds: from `since` on, before `until`. */
export type Range = { readonly since: number; readonly until: number };

/** The time and the Region of the calls that are looked at; without a Region all of them. */
export type Looked = { readonly from: number; readonly to: number; readonly region: string | undefined };

/** What of the ledger tells the ways apart in which an entry can be read. */
export type LedgerKnows = {
  /** Whether it has any record of this customer, named in this way. */
  readonly customer: (identity: Identity, region: string) => boolean;
  /** Its records of this customer, dimension and hour. */
  readonly records: (
    identity: Identity,
    region: string,
  ) => readonly { readonly identity: Identity; readonly meteringRecordId: string | undefined }[];
};

/** A record of the ledger, and what CloudTrail shows of it. */
export type EvidentSettlement = {
  readonly region: string;
  readonly record: UsageRecord;
  readonly outcome: Outcome;
};

/** Pages that SQLite may hold in memory, in KiB; what is more goes to a file that deletes itself. */
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
    quantity INTEGER NOT NULL, status TEXT, metering_record_id TEXT,
    PRIMARY KEY (timestamp, customer, dimension, mode, offering, region, event, place)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ambiguous (event INTEGER NOT NULL, place INTEGER NOT NULL, region TEXT NOT NULL, entry TEXT NOT NULL) STRICT;
  CREATE TABLE finding (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, found TEXT NOT NULL) STRICT;
  CREATE INDEX finding_kind ON finding (kind);
  CREATE TABLE settlement (id INTEGER PRIMARY KEY, found TEXT NOT NULL) STRICT;
`;

/** So many events that are not whole are told one by one; they all count. */
const INCOMPLETE_TOLD = 1_000;

/**
 * What CloudTrail's events say, and what is found of it, in a temporary database: memory does not grow with the events,
 * and an event that comes twice counts once.
 */
export class EventStore {
  readonly #db = new DatabaseSync('', { allowExtension: false, enableDoubleQuotedStringLiterals: false });
  readonly #range: Range;
  readonly #addEvent: StatementSync;
  readonly #addUnreadable: StatementSync;
  readonly #addEntry: StatementSync;
  readonly #addAmbiguous: StatementSync;
  readonly #addFinding: StatementSync;
  readonly #addSettlement: StatementSync;
  readonly #hides: StatementSync;
  readonly #regions = new Set<string>();

  constructor(range: Range) {
    this.#range = range;
    const db = this.#db;
    db.exec(
      `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}; ${SCHEMA} BEGIN`,
    );
    this.#addEvent = db.prepare(
      `INSERT OR IGNORE INTO event (name, at, region, principal, address, agent, error, incomplete, hides, is_event)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1) RETURNING id`,
    );
    this.#addUnreadable = db.prepare(
      'INSERT OR IGNORE INTO event (name, incomplete, hides, is_event) VALUES (?, ?, 0, 0)',
    );
    this.#addEntry = db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#addAmbiguous = db.prepare('INSERT INTO ambiguous VALUES (?, ?, ?, ?)');
    this.#addFinding = db.prepare('INSERT INTO finding (kind, found) VALUES (?, ?)');
    this.#addSettlement = db.prepare('INSERT INTO settlement (found) VALUES (?)');
    this.#hides = db.prepare(
      'SELECT 1 FROM event WHERE hides = 1 AND (at IS NULL OR at BETWEEN ?1 AND ?2) AND (region IS NULL OR region = ?3) LIMIT 1',
    );
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  /** Takes an event in; false when it was there already. */
  add(event: EventFacts, entries: readonly Entry[]): boolean {
    const { id, at, region, sender, errorCode, incomplete, hides } = event;
    const added = this.#addEvent.get(
      id,
      at ?? null,
      region ?? null,
      sender.principal ?? null,
      sender.address ?? null,
      sender.userAgent ?? null,
      errorCode ?? null,
      incomplete ?? null,
      hides ? 1 : 0,
    );
    if (added === undefined) return false;
    if (region === undefined) return true;
    this.#regions.add(region);
    const number = Number(added['id']);
    for (const [place, entry] of entries.entries()) {
      const { timestamp, customerAWSAccountId, customerIdentifier, licenseArn } = entry.identity;
      if (timestamp < this.#range.since || timestamp >= this.#range.until) continue;
      const hasTwoNames =
        licenseArn === undefined && customerAWSAccountId !== undefined && customerIdentifier !== undefined;
      if (hasTwoNames || entry.lacksProduct)
        this.#addAmbiguous.run(number, place, region, JSON.stringify(entry));
      else this.#insert(entry, region, number, place);
    }
    return true;
  }

  /** Takes in that something is no event that could be read; what it says of billing, and of when, nobody knows. */
  addUnreadable(name: string, reason: string): void {
    this.#addUnreadable.run(name, reason);
  }

  #insert(
    { identity, quantity, status, meteringRecordId }: Entry,
    region: string,
    event: number,
    place: number,
  ): void {
    this.#addEntry.run(
      identity.timestamp,
      customerOf(identity),
      identity.dimension,
      modeOf(identity),
      offeringOf(identity),
      region,
      event,
      place,
      quantity,
      status ?? null,
      meteringRecordId ?? null,
    );
  }

  /** Regions in which events were found. */
  get regions(): readonly string[] {
    return [...this.#regions].sort();
  }

  /**
   * Reads the entries that can be read in more than one way. A record that names its customer twice is what the ledger
   * has, else that of the account. One without its product is the ledger's record with its very id, or stays hidden.
   */
  settleAmbiguous(ledger: LedgerKnows): void {
    const hide = this.#db.prepare('UPDATE event SET hides = 1 WHERE id = ?');
    for (const row of this.#db.prepare('SELECT * FROM ambiguous').iterate()) {
      const entry = JSON.parse(String(row['entry'])) as Entry;
      const [event, place, region] = [Number(row['event']), Number(row['place']), String(row['region'])];
      const identity = entry.lacksProduct ? byId(entry, region, ledger) : byCustomer(entry, region, ledger);
      if (identity === undefined) hide.run(event);
      else this.#insert({ ...entry, identity }, region, event, place);
    }
    this.#db.exec('DELETE FROM ambiguous');
  }

  /** Whether an event of these seconds may have had records of which it shows nothing. */
  mayHide(from: number, to: number, region: string): boolean {
    return this.#hides.get(from, to, region) !== undefined;
  }

  /** What the events say, in order of hour, customer and dimension. */
  *sightings(region: string | undefined): Generator<EventEntry> {
    const sql = `SELECT entry.*, name, at, principal, address, agent, error FROM entry CROSS JOIN event ON event.id = entry.event
      ${region === undefined ? '' : 'WHERE entry.region = ?'} ORDER BY timestamp, customer, dimension, mode, offering, entry.region, event, place`;
    const values = region === undefined ? [] : [region];
    for (const row of this.#db.prepare(sql).iterate(...values)) yield sightingOf(row);
  }

  note(kind: FindingKind, found: FoundRecord): void {
    this.#addFinding.run(kind, JSON.stringify(found));
  }

  /** Remembers what a record is to be settled as. */
  noteSettlement(settlement: EvidentSettlement): void {
    this.#addSettlement.run(JSON.stringify(settlement));
  }

  *settlements(): Generator<EvidentSettlement> {
    for (const row of this.#db.prepare('SELECT found FROM settlement ORDER BY id').iterate())
      yield JSON.parse(String(row['found'])) as EvidentSettlement;
  }

  /** What was noted, in its order. */
  *noted(kinds: readonly FindingKind[]): Generator<FoundRecord> {
    const marks = kinds.map(() => '?').join(', ');
    const sql = `SELECT found FROM finding WHERE kind IN (${marks}) ORDER BY id`;
    for (const row of this.#db.prepare(sql).iterate(...kinds))
      yield JSON.parse(String(row['found'])) as FoundRecord;
  }

  incompleteEvents(): IncompleteEvent[] {
    const sql = `SELECT * FROM event WHERE incomplete IS NOT NULL ORDER BY at, id LIMIT ${INCOMPLETE_TOLD}`;
    return this.#db.prepare(sql).all().map(incompleteEventOf);
  }

  counts(): { readonly failedCalls: number; readonly incompleteEvents: number } {
    const row = this.#db
      .prepare('SELECT count(error) AS failed, count(incomplete) AS incomplete FROM event')
      .get();
    return { failedCalls: Number(row?.['failed']), incompleteEvents: Number(row?.['incomplete']) };
  }

  /**
   * Events that may have had records of this time (epoch seconds) and Region, and do not show them; with what is no event
   * that could be read.
   */
  unjudged({ from, to, region }: Looked): number {
    const sql = `SELECT count(*) AS events FROM event WHERE is_event = 0 OR (hides = 1
      AND (at IS NULL OR at BETWEEN ?1 AND ?2) AND (?3 IS NULL OR region IS NULL OR region = ?3))`;
    return Number(this.#db.prepare(sql).get(from, to, region ?? null)?.['events']);
  }

  /** Events of other Regions than the one that is looked at. */
  elsewhere(region: string | undefined): number {
    if (region === undefined) return 0;
    const row = this.#db.prepare('SELECT count(*) AS events FROM event WHERE region <> ?').get(region);
    return Number(row?.['events']);
  }
}

/** The ways in which an entry may name its customer, the account last. */
const readingsOf = ({ customerAWSAccountId, customerIdentifier, ...rest }: Identity): Identity[] => [
  ...(customerIdentifier === undefined
    ? []
    : [{ ...rest, customerIdentifier, customerAWSAccountId: undefined }]),
  ...(customerAWSAccountId === undefined
    ? []
    : [{ ...rest, customerAWSAccountId, customerIdentifier: undefined }]),
];

const byId = ({ identity, meteringRecordId }: Entry, region: string, ledger: LedgerKnows) =>
  readingsOf(identity)
    .flatMap(reading => ledger.records(reading, region))
    .find(known => known.meteringRecordId !== undefined && known.meteringRecordId === meteringRecordId)
    ?.identity;

/** Most sellers name their customers in one way: then no record need be looked for. */
const byCustomer = ({ identity }: Entry, region: string, ledger: LedgerKnows): Identity | undefined => {
  const readings = readingsOf(identity);
  const likely = readings.filter(reading => ledger.customer(reading, region));
  if (likely.length === 1) return likely[0];
  const found = likely.find(reading =>
    ledger.records(reading, region).some(known => isSameKey(known.identity, reading)),
  );
  return found ?? readings.at(-1);
};

const isSameKey = (a: Identity, b: Identity): boolean =>
  modeOf(a) === modeOf(b) && customerOf(a) === customerOf(b) && offeringOf(a) === offeringOf(b);
