import type { WireRecord } from '../../usage/wire.ts';

/** A billed record, with where and when it was received. */
export type StoreEntry = {
  readonly region: string;
  readonly operation: 'BatchMeterUsage' | 'MeterUsage';
  readonly receivedAt: Date;
  readonly meteringRecordId: string;
  readonly productCode: string | undefined;
  /** As it was sent. */
  readonly record: WireRecord;
};

/** The same in one object, as `/_emulator/records` shows it, with the members of the record named as in the API. */
export type StoredRecord = WireRecord & {
  readonly region: string;
  readonly operation: 'BatchMeterUsage' | 'MeterUsage';
  /** RFC 3339, UTC. */
  readonly receivedAt: string;
  readonly ProductCode?: string;
  readonly Quantity: number;
  readonly MeteringRecordId: string;
};

type Store = {
  readonly get: (key: string) => StoreEntry | undefined;
  /** Throws when the key already has a record: the first record of a key is final. */
  readonly add: (key: string, entry: StoreEntry) => void;
  /** In the order they were added. */
  readonly entries: () => Iterable<readonly [key: string, entry: StoreEntry]>;
  /** In the order they were added. */
  readonly records: () => readonly StoredRecord[];
  readonly reset: () => void;
};

/** Records in memory, as long as the emulator runs. */
export const createStore = (): Store => {
  const entries = new Map<string, StoreEntry>();
  return {
    get: key => entries.get(key),
    add: (key, entry) => {
      if (entries.has(key)) throw new Error(`a record of ${key} already exists`);
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
  /** How long AWS remembers a ClientToken is not public; here until the emulator stops. */
  readonly clientTokens: TokenUses;
  /** Registration tokens that have been resolved; one source says that each can be resolved only once. */
  readonly usedTokens: TokenSet;
  /** Tasks and pods that have registered: see `registrationOf`. */
  readonly registered: TokenSet;
};

/** What a ClientToken was first used for. */
export type TokenUse = {
  readonly parameters: string;
  readonly meteringRecordId: string;
  /** The usage had already been recorded before this token; the number of these that are kept is limited. */
  readonly isAgain?: true;
};

/** A `Map` has these methods. */
type TokenUses = {
  readonly get: (token: string) => TokenUse | undefined;
  readonly set: (token: string, use: TokenUse) => void;
};

/** A `Set` has these methods. */
type TokenSet = {
  readonly has: (token: string) => boolean;
  readonly add: (token: string) => void;
};
