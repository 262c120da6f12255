import type { Market } from '../market/market.ts';
import type { CheckContext } from '../rules/check.ts';
import type { TokenSigner } from './usage-token.ts';

/** What an operation may use besides its input. */
export type Call = CheckContext & {
  readonly market: Market;
  readonly region: string;
  readonly accessKeyId: string;
  readonly uuid: () => string;
  readonly signer: TokenSigner;
  /** The positions of the records that the service leaves unprocessed this time. */
  readonly withheld: ReadonlySet<number>;
  /** Filled in by the operation: the outcome of each record, in their order. */
  readonly settled: SettledEntry[];
};

/** The outcome of one record; the log distinguishes what replies do not. */
export type SettledEntry = {
  readonly outcome: 'recorded' | 'same' | 'duplicate' | 'not-subscribed' | 'unprocessed';
  readonly meteringRecordId?: string;
};
