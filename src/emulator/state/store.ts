import type { WireRecord } from '../../usage/wire.ts';

/** A record that is billed, with where and when it came. */
export type Entry = {
  readonly region: string;
  readonly operation: 'BatchMeterUsage' | 'MeterUsage';
  readonly receivedAt: Date;
  readonly meteringRecordId: string;
  readonly productCode: string | undefined;
  /** As it was sent. */
  readonly record: WireRecord;
};

/** The same in one object, for people and scripts: the record's own members in the API's spelling. */
export type StoredRecord = WireRecord & {
  readonly region: string;
  readonly operation: 'BatchMeterUsage' | 'MeterUsage';
  /** RFC 3339, UTC. */
  readonly receivedAt: string;
  readonly ProductCode?: string;
  readonly Quantity: number;
  readonly MeteringRecordId: string;
};

export type Store = {
  readonly get: (key: string) => Entry | undefined;
  /** Only for a key that has none yet: the first record of a key stays for ever. */
  readonly add: (key: string, entry: Entry) => void;
  /** In the order they were added. */
  readonly entries: () => Iterable<readonly [key: string, entry: Entry]>;
  /** In the order they were added. */
  readonly records: () => readonly StoredRecord[];
  readonly reset: () => void;
};

/** Records in memory, for as long as the emulator runs: it is no ledger. */
export const createStore = (): Store => {
  const entries = new Map<string, Entry>();
  return {
    get: key => entries.get(key),
    add: (key, entry) => {
      if (entries.has(key)) throw new Error(`there is a record of ${key} already`);
      entries.set(key, entry);
    },
    entries: () => entries.entries(),
    records: () => Array.from(entries.values(), storedRecord),
    reset: () => entries.clear(),
  };
};

const storedRecord = ({
  region,
  operation,
  receivedAt,
  meteringRecordId,
  productCode,
  record,
}: Entry): StoredRecord => ({
  region,
  operation,
  receivedAt: receivedAt.toISOString(),
  ...(productCode !== undefined && { ProductCode: productCode }),
  ...record,
  Quantity: record.Quantity ?? 0,
  MeteringRecordId: meteringRecordId,
});
