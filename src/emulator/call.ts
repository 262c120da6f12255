import type { Store } from './store.ts';
import type { TokenSigner } from './usage-token.ts';

/** What an operation has at hand besides its input. */
export type Call = {
  readonly now: Date;
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
  readonly clientTokens: Map<string, TokenUse>;
};

/** What a ClientToken was first used for. */
export type TokenUse = { readonly parameters: string; readonly meteringRecordId: string };
