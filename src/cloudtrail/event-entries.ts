import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { EpochSeconds } from '../usage/hours.ts';
import { keyOf } from '../usage/key.ts';
import type { IdentityMode } from '../usage/record.ts';
import { eventReader } from './event-database.ts';
import type { EventEntry } from './finding.ts';
import type { ReadEntry } from './read-records.ts';

/** The records of the events, in the temporary database. */
export class EventEntries {
  readonly #db: DatabaseSync;
  readonly #addOne: StatementSync;
  readonly #addMany: StatementSync;
  readonly #shared: SharedValues;
  /** Values of rows that are not written yet. */
  #waiting: SQLInputValue[] = [];

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#addOne = db.prepare(`INSERT INTO entry VALUES ${ROW_MARKS}`);
    this.#addMany = db.prepare(
      `INSERT INTO entry VALUES ${Array(ROWS_PER_INSERT).fill(ROW_MARKS).join(', ')}`,
    );
    this.#shared = sharedValues(db);
  }

  /** `place`: its position in the event. */
  add(entry: ReadEntry, region: string, event: number, place: number): void {
    const { quantity, status, meteringRecordId, allocations } = entry;
    const { hour, customer, dimension, mode, offering } = keyOf(entry.identity);
    this.#waiting.push(
      hour,
      customer,
      dimension,
      event * MAX_PLACES + place,
      this.#shared.idOf(mode, region, status ?? ''),
      offering,
      quantity,
      meteringRecordId ?? null,
      allocations ?? null,
    );
    if (this.#waiting.length < ROWS_PER_INSERT * ROW_VALUES) return;
    this.#addMany.run(...this.#waiting);
    this.#waiting = [];
  }

  /** In order of hour, customer, dimension, event and place. `region`: undefined for all. */
  *all(region: string | undefined): Generator<EventEntry> {
    this.#flush();
    const statement = this.#db.prepare(SELECT_PAGE);
    statement.setReturnArrays(true);
    const events = eventReader(this.#db);
    let after: SQLInputValue[] = [Number.MIN_SAFE_INTEGER, '', '', 0];
    for (let isFull = true; isFull; ) {
      const rows = statement.all(...after) as unknown as EntryRow[];
      for (const row of rows) {
        const shared = this.#shared.at(row[4]);
        if (region === undefined || shared.region === region)
          yield entryOf(row, shared, events(Math.floor(row[3] / MAX_PLACES)));
      }
      isFull = rows.length === PAGE_ROWS;
      after = rows.at(-1)?.slice(0, after.length) ?? after;
    }
  }

  #flush(): void {
    for (let at = 0; at < this.#waiting.length; at += ROW_VALUES)
      this.#addOne.run(...this.#waiting.slice(at, at + ROW_VALUES));
    this.#waiting = [];
  }
}

const ROWS_PER_INSERT = 25;

const ROW_MARKS = '(?, ?, ?, ?, ?, ?, ?, ?, ?)';
const ROW_VALUES = 9;

/** An event of at most 8,000,000 characters has fewer records. */
const MAX_PLACES = 2 ** 20;

/** A page at a time is faster than row by row; these are few enough to be gone before the next ones are read. */
const PAGE_ROWS = 100;

const SELECT_PAGE = `SELECT * FROM entry WHERE (timestamp, customer, dimension, number) > (?, ?, ?, ?)
  ORDER BY timestamp, customer, dimension, number LIMIT ${PAGE_ROWS}`;

/** As an array, because rows as objects take several times as long. */
type EntryRow = readonly [
  timestamp: EpochSeconds,
  customer: string,
  dimension: string,
  number: number,
  shared: number,
  offering: string,
  quantity: number,
  meteringRecordId: string | null,
  allocations: string | null,
];

/** Values of which there are few, each list of them stored once. */
type Shared = {
  readonly mode: IdentityMode;
  readonly region: string;
  readonly status: string | undefined;
};

type SharedValues = {
  readonly idOf: (mode: IdentityMode, region: string, status: string) => number;
  readonly at: (id: number) => Shared;
};

/** As JSON, because these texts may have any character: SQLite of Node 22 reads a text up to its first NUL. */
const sharedValues = (db: DatabaseSync): SharedValues => {
  const add = db.prepare('INSERT INTO shared (found) VALUES (?) RETURNING id');
  const find = db.prepare('SELECT id FROM shared WHERE found = ?');
  const select = db.prepare('SELECT found FROM shared WHERE id = ?');
  const ids = new Map<string, number>();
  const known = new Map<number, Shared>();
  return {
    idOf: (mode, region, status) => {
      // With the length, so that no two lists have one name.
      const name = `${mode} ${region.length} ${region} ${status}`;
      let id = ids.get(name);
      if (id === undefined) {
        const shared: Shared = { mode, region, status: status || undefined };
        const found = JSON.stringify(shared);
        id = Number((find.get(found) ?? add.get(found))?.['id']);
        if (ids.size >= MAX_KNOWN) ids.clear();
        ids.set(name, id);
      }
      return id;
    },
    at: id => {
      let shared = known.get(id);
      if (shared === undefined) {
        const { mode, region, status } = JSON.parse(String(select.get(id)?.['found'])) as Shared;
        shared = { mode, region, status };
        if (known.size >= MAX_KNOWN) known.clear();
        known.set(id, shared);
      }
      return shared;
    },
  };
};

/** A damaged or made-up event may have any status. */
const MAX_KNOWN = 1_000;

const entryOf = (
  [timestamp, customer, dimension, , , offering, quantity, id, allocations]: EntryRow,
  { mode, region, status }: Shared,
  { errorCode, at, eventId, sender, isCut }: ReturnType<ReturnType<typeof eventReader>>,
): EventEntry => {
  const isAccount = mode !== 'customer';
  const isLicense = mode === 'license';
  return {
    identity: {
      timestamp,
      dimension,
      customerAWSAccountId: isAccount ? customer : undefined,
      licenseArn: isLicense ? offering : undefined,
      customerIdentifier: isAccount ? undefined : customer,
      productCode: isLicense ? undefined : offering || undefined,
    },
    region,
    quantity,
    status,
    meteringRecordId: id ?? undefined,
    allocations: allocations ?? undefined,
    errorCode,
    at,
    eventId,
    sender,
    isCut,
  };
};
