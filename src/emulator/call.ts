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
};

/** What the service remembers from call to call. */
export type Memory = {
  readonly store: Store;
  /** How long AWS remembers a ClientToken is not public; here it is until the emulator stops. */
  readonly clientTokens: Map<string, TokenUse>;
};

/** What a ClientToken was first used for. */
export type TokenUse = { readonly parameters: string; readonly meteringRecordId: string };
