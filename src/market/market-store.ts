import { DatabaseSync } from 'node:sqlite';
import type { Agreement } from './agreement-api.ts';
import type { MarketSubscriber } from './subscriber.ts';

/**
 * The agreements of a search and the buyers in them, in a temporary database: a marketplace may have more of them than fit
 * into memory, and AWS returns them in no order.
 */
export class MarketStore {
  readonly #db: DatabaseSync;
  readonly #put: (id: string, offer: string, found: string) => void;
  readonly #add: (account: string, product: string, license: string, found: string) => void;

  constructor() {
    this.#db = new DatabaseSync('', { allowExtension: false, enableDoubleQuotedStringLiterals: false });
    this.#db.exec(
      `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}; ${SCHEMA} BEGIN`,
    );
    const put = this.#db.prepare('INSERT OR REPLACE INTO agreement VALUES (?, ?, ?)');
    const add = this.#db.prepare(
      'INSERT INTO subscriber (account, product, license, found) VALUES (?, ?, ?, ?)',
    );
    this.#put = (...values) => void put.run(...values);
    this.#add = (...values) => void add.run(...values);
  }

  /** The last one with an id counts: it may have ended since it was found the first time. */
  put(agreement: Agreement): void {
    this.#put(agreement.id, agreement.offerId ?? agreement.id, JSON.stringify(agreement));
  }

  /** Those of one offer one after the other. */
  agreements(): Generator<Agreement> {
    return this.#each<Agreement>('SELECT found FROM agreement ORDER BY offer, id');
  }

  add(one: MarketSubscriber): void {
    this.#add(one.account, one.productCode ?? '', one.licenseArn ?? '', JSON.stringify(one));
  }

  /** By account, product and license. May be read any number of times. */
  subscribers(): Generator<MarketSubscriber> {
    return this.#each<MarketSubscriber>(
      'SELECT found FROM subscriber ORDER BY account, product, license, id',
    );
  }

  *#each<T>(sql: string): Generator<T> {
    for (const row of this.#db.prepare(sql).iterate()) yield JSON.parse(String(row['found'])) as T;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

/** Memory for SQLite's pages, in KiB. More goes to a temporary file that SQLite deletes itself. */
const CACHE_KIB = 8_000;

const SCHEMA = `
  CREATE TABLE agreement (id TEXT PRIMARY KEY, offer TEXT NOT NULL, found TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX offers ON agreement (offer, id);
  CREATE TABLE subscriber (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, product TEXT NOT NULL, license TEXT NOT NULL, found TEXT NOT NULL
  ) STRICT;
  CREATE INDEX subscribers ON subscriber (account, product, license, id);
`;
