import type { StatementSync } from 'node:sqlite';
import type { Settlement } from '../ledger/settle.ts';
import type { EpochSeconds } from '../usage/hours.ts';
import { isAmbiguous, type LedgerLookup, resolveEntry } from './ambiguous-entry.ts';
import { incompleteEventOf, openEventDatabase } from './event-database.ts';
import { EventEntries } from './event-entries.ts';
import type { EventEntry, FindingKind, FoundRecord, IncompleteEvent } from './finding.ts';
import type { EventFacts } from './read-event.ts';
import type { ReadEntry } from './read-records.ts';

/** The hours to compare, from `since` on and before `until`. */
export type HourRange = { readonly since: EpochSeconds; readonly until: EpochSeconds };

/** The time of the calls to examine, and their Region; undefined: all Regions. */
type CallRange = {
  readonly from: EpochSeconds;
  readonly to: EpochSeconds;
  readonly region: string | undefined;
};

/** Incomplete events that are listed; all are counted. */
const MAX_INCOMPLETE_LISTED = 1_000;

/**
 * The events of CloudTrail and the findings of the comparison, in a temporary database. Memory does not grow with the
 * events, and an event that occurs twice counts once.
 */
export class EventStore {
  readonly #db = openEventDatabase();
  readonly #entries = new EventEntries(this.#db);
  readonly #range: HourRange;
  readonly #addEvent: StatementSync;
  readonly #addUnreadable: StatementSync;
  readonly #addAmbiguous: StatementSync;
  readonly #addFinding: StatementSync;
  readonly #addSettlement: StatementSync;
  readonly #hides: StatementSync;
  readonly #regions = new Set<string>();

  constructor(range: HourRange) {
    this.#range = range;
    const db = this.#db;
    this.#addEvent = db.prepare(
      `INSERT OR IGNORE INTO event (name, at, region, principal, address, agent, error, incomplete, hides, is_event)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1) RETURNING id`,
    );
    this.#addUnreadable = db.prepare(
      'INSERT OR IGNORE INTO event (name, incomplete, hides, is_event) VALUES (?, ?, 0, 0)',
    );
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

  /** Adds an event; false if it is there already. */
  add(event: EventFacts, entries: readonly ReadEntry[]): boolean {
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
      const { timestamp } = entry.identity;
      if (timestamp < this.#range.since || timestamp >= this.#range.until) continue;
      if (isAmbiguous(entry)) this.#addAmbiguous.run(number, place, region, JSON.stringify(entry));
      else this.#entries.add(entry, region, number, place);
    }
    return true;
  }

  /** Adds something that cannot be read as an event. Its time and its records are unknown. */
  addUnreadable(name: string, reason: string): void {
    this.#addUnreadable.run(name, reason);
  }

  /** The Regions of the events. */
  get regions(): readonly string[] {
    return [...this.#regions].sort();
  }

  /** Decides with the ledger how to read ambiguous entries. An event with an unresolved entry may hide a record. */
  resolveAmbiguous(ledger: LedgerLookup): void {
    const hide = this.#db.prepare('UPDATE event SET hides = 1 WHERE id = ?');
    for (const row of this.#db.prepare('SELECT * FROM ambiguous').iterate()) {
      const entry = JSON.parse(String(row['entry'])) as ReadEntry;
      const [event, place, region] = [Number(row['event']), Number(row['place']), String(row['region'])];
      const identity = resolveEntry(entry, region, ledger);
      if (identity === undefined) hide.run(event);
      else this.#entries.add({ ...entry, identity }, region, event, place);
    }
    this.#db.exec('DELETE FROM ambiguous');
  }

  /** Whether an event of this time may have had records that it does not show. */
  mayHide(from: EpochSeconds, to: EpochSeconds, region: string): boolean {
    return this.#hides.get(from, to, region) !== undefined;
  }

  /** The entries of the events, in order of hour, customer and dimension, then of the events. */
  entries(region: string | undefined): Generator<EventEntry> {
    return this.#entries.all(region);
  }

  addFinding(kind: FindingKind, found: FoundRecord): void {
    this.#addFinding.run(kind, JSON.stringify(found));
  }

  /** Notes the outcome to settle a record with. */
  addSettlement(settlement: Settlement): void {
    this.#addSettlement.run(JSON.stringify(settlement));
  }

  settlementCount(): number {
    return Number(this.#db.prepare('SELECT count(*) AS count FROM settlement').get()?.['count']);
  }

  *settlements(): Generator<Settlement> {
    for (const row of this.#db.prepare('SELECT found FROM settlement ORDER BY id').iterate())
      yield JSON.parse(String(row['found'])) as Settlement;
  }

  /** The findings of these kinds, in the order in which they were added. */
  *findings(kinds: readonly FindingKind[]): Generator<FoundRecord> {
    const marks = kinds.map(() => '?').join(', ');
    const sql = `SELECT found FROM finding WHERE kind IN (${marks}) ORDER BY id`;
    for (const row of this.#db.prepare(sql).iterate(...kinds))
      yield JSON.parse(String(row['found'])) as FoundRecord;
  }

  incompleteEvents(): IncompleteEvent[] {
    const sql = `SELECT * FROM event WHERE incomplete IS NOT NULL ORDER BY at, id LIMIT ${MAX_INCOMPLETE_LISTED}`;
    return this.#db.prepare(sql).all().map(incompleteEventOf);
  }

  counts(): { readonly failedCalls: number; readonly incompleteEvents: number } {
    const row = this.#db
      .prepare('SELECT count(error) AS failed, count(incomplete) AS incomplete FROM event')
      .get();
    return { failedCalls: Number(row?.['failed']), incompleteEvents: Number(row?.['incomplete']) };
  }

  /** The number of events that may hide records of this time and Region, including what cannot be read as an event. */
  unjudgedEvents({ from, to, region }: CallRange): number {
    const sql = `SELECT count(*) AS events FROM event WHERE is_event = 0 OR (hides = 1
      AND (at IS NULL OR at BETWEEN ?1 AND ?2) AND (?3 IS NULL OR region IS NULL OR region = ?3))`;
    return Number(this.#db.prepare(sql).get(from, to, region ?? null)?.['events']);
  }

  /** The number of events of other Regions. */
  otherRegionEvents(region: string | undefined): number {
    if (region === undefined) return 0;
    const row = this.#db.prepare('SELECT count(*) AS events FROM event WHERE region <> ?').get(region);
    return Number(row?.['events']);
  }
}
