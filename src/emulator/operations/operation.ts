import type { Circumstances } from '../rules/order.ts';
import type { Store } from '../state/store.ts';
import type { TokenSigner } from './usage-token.ts';

/** What an operation has at hand besides its input. */
export type Call = Circumstances & {
  readonly region: string;
  readonly accessKeyId: string;
  readonly uuid: () => string;
  readonly memory: Memory;
  readonly signer: TokenSigner;
  /** The places of the records that the service does not get to, this time. */
  readonly heldBack: ReadonlySet<number>;
  /** Filled in by the operation: what became of each record, in their order. */
  readonly settled: Settled[];
};

/** What became of one record; the log tells apart what the replies do not. */
export type Settled = {
  readonly outcome: 'recorded' | 'same' | 'duplicate' | 'not-subscribed' | 'unprocessed';
  readonly meteringRecordId?: string;
};

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
