import type { EpochSeconds } from '../../usage/hours.ts';
import { joinKey } from '../../usage/key.ts';
import { COUNTS } from '../fragments.ts';
import { prepare, type Statement } from '../sqlite.ts';
import type { StreamKey } from '../stream-statements.ts';
import { bodyOf } from './item-body.ts';
import { STREAM_HEAD, streamPartition, type Usage } from './keys.ts';
import type { NewItem } from './table.ts';
import type { WorkingCopy } from './working-copy.ts';

/** A stream whose fractions are carried (`usage/carry`), in its Region. */
export type RegionStream = StreamKey & { readonly region: string };

/** What a record leaves to the others of its stream. `counts`: it is billed or may be. */
export type StreamEntry = {
  readonly hour: EpochSeconds;
  readonly quantity: number;
  readonly used?: string;
  readonly carriedIn: string;
  readonly run: number;
  readonly counts: boolean;
};

/**
 * The streams of a table. A balance is the sum over all records of a stream, so each of them has an entry in the partition
 * of the stream as well, and two machines must not add to it at once: whoever changes it writes its head too, on condition
 * that nobody has since it was read.
 */
export class Streams {
  readonly #copy: WorkingCopy;
  /** Revisions of the heads of the streams that were read. */
  readonly #heads = new Map<string, number>();
  /** How often each stream was read: what was planned before the last time has amounts that may be wrong. */
  readonly #readings = new Map<string, number>();
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(copy: WorkingCopy) {
    this.#copy = copy;
    this.#sql = prepareStatements(copy.database.sqlite);
  }

  /**
   * Reads a stream as it is now. Gives the usages whose records this copy does not have as the stream has them: they are to
   * be read again before anything is planned.
   */
  async read(stream: RegionStream): Promise<readonly Usage[]> {
    const { customer, dimension, mode, offering } = stream;
    const destination = this.#copy.destination(stream.region);
    const stale: Usage[] = [];
    let head = 0;
    for await (const page of this.#copy.table.query(this.#partition(stream))) {
      for (const item of page) {
        const { sort, revision } = item;
        if (sort === STREAM_HEAD) {
          head = revision;
          continue;
        }
        const { hour, quantity, used, carriedIn, run, counts } = bodyOf<StreamEntry>(
          item,
          this.#copy.table.name,
          'hour',
          'quantity',
        );
        const key = [destination, hour, customer, dimension, mode, offering] as const;
        const known = this.#sql.amounts.get(...key);
        const isKnown =
          known !== undefined &&
          known.counts === (counts ? 1 : 0) &&
          (!counts || (known.quantity === quantity && known.used === (used ?? null)));
        if (isKnown || (known === undefined && !counts)) continue;
        if (known !== undefined || this.#copy.hasHour(hour)) stale.push({ hour, customer, dimension });
        else this.#sql.addBilled.run(...key, quantity, used ?? null, carriedIn, run, run);
      }
    }
    const text = textOf(stream);
    this.#heads.set(text, head);
    this.#readings.set(text, (this.#readings.get(text) ?? 0) + 1);
    return stale;
  }

  /** How often these were read, all together. */
  readings(streams: readonly RegionStream[]): number {
    return streams.reduce((sum, stream) => sum + (this.#readings.get(textOf(stream)) ?? 0), 0);
  }

  /** What is to be written with the record of an hour of this stream, so that both change or neither does. */
  itemsOf(stream: RegionStream, hour: EpochSeconds): readonly NewItem[] {
    const { customer, dimension, mode, offering } = stream;
    const key = [this.#copy.destination(stream.region), hour, customer, dimension, mode, offering] as const;
    const row = this.#sql.amounts.get(...key);
    if (row === undefined) throw new Error('a record of a stream is gone');
    const entry: StreamEntry = {
      hour,
      quantity: row.quantity,
      ...(row.used !== null && { used: row.used }),
      carriedIn: row.carried_in ?? '0',
      run: row.run,
      counts: row.counts === 1,
    };
    return withHead(this.#partition(stream), this.#heads.get(textOf(stream)) ?? 0, entry);
  }

  /** The head was written. */
  wrote(stream: RegionStream): void {
    const text = textOf(stream);
    this.#heads.set(text, (this.#heads.get(text) ?? 0) + 1);
  }

  #partition(stream: RegionStream): string {
    return streamPartition({ endpoint: this.#copy.endpoint, region: stream.region }, stream);
  }
}

/** An entry, and the head that must be as it was `seen`. */
export const withHead = (partition: string, seen: number, entry: StreamEntry): readonly NewItem[] => [
  { partition, sort: STREAM_HEAD, seen, body: '{}' },
  { partition, sort: String(entry.hour), seen: undefined, body: JSON.stringify(entry) },
];

export const textOf = ({ region, customer, dimension, mode, offering }: RegionStream): string =>
  joinKey(region, customer, dimension, mode, offering);

type Amounts = {
  readonly quantity: number;
  readonly used: string | null;
  readonly carried_in: string | null;
  readonly run: number;
  readonly counts: 0 | 1;
};

const prepareStatements = (db: WorkingCopy['database']['sqlite']) => ({
  amounts: prepare<Amounts>(
    db,
    `SELECT quantity, used, carried_in, run, ${COUNTS} AS counts
     FROM record WHERE destination = ? AND timestamp = ? AND customer = ? AND dimension = ? AND mode = ? AND offering = ?`,
  ) as Statement<Amounts>,
  /** Only the sum of the stream needs it: all other members are left out. */
  addBilled: db.prepare(
    `INSERT INTO record (destination, timestamp, customer, dimension, mode, offering, quantity, used, carried_in, run, seen, file, line, status)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 'accepted')`,
  ),
});
