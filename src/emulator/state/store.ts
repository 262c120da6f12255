import type { WireRecord } from '../../usage/wire.ts';

/** A record that is billed, with where and when it came. */
export type StoreEntry = {
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
  readonly get: (key: string) => StoreEntry | undefined;
  /** Only for a key that has none yet: the first record of a key stays for ever. */
  readonly add: (key: string, entry: StoreEntry) => void;
  /** In the order they were added. */
  readonly entries: () => Iterable<readonly [key: string, entry: StoreEntry]>;
  /** In the order they were added. */
  readonly records: () => readonly StoredRecord[];
  readonly reset: () => void;
};

/** Records in memory, for as long as the emulator runs: it is no ledger. */
export const createStore = (): Store => {
  const entries = new Map<string, StoreEntry>();
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
}: StoreEntry): StoredRecord => ({
  region,
  operation,
  receivedAt: receivedAt.toISOString(),
  ...(productCode !== undefined && { ProductCode: productCode }),
  ...record,
  Quantity: record.Quantity ?? 0,
  MeteringRecordId: meteringRecordId,
});

/** What the service remembers from call to call. */
export type Memory = {
  readonly store: Store;
  /** How long AWS remembers a ClientToken is not public; here it is until the emulator stops. */
  readonly clientTokens: TokenUses;
  /** Registration tokens that have been resolved: some say that each may be only once. */
  readonly usedTokens: Tokens;
  /** Tasks and pods that have registered: see `registrationOf`. */
  readonly registered: Tokens;
};

/** What a ClientToken was first used for. */
export type TokenUse = {
  readonly parameters: string;
  readonly meteringRecordId: string;
  /** The usage was recorded before the token came: what is kept of those must not grow for ever. */
  readonly isAgain?: true;
};

/** A `Map` will do. */
export type TokenUses = {
  readonly get: (token: string) => TokenUse | undefined;
  readonly set: (token: string, use: TokenUse) => void;
};

/** A `Set` will do. */
export type Tokens = {
  readonly has: (token: string) => boolean;
  readonly add: (token: string) => void;
};
