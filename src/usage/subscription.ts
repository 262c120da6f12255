import type { EpochSeconds } from './hours.ts';
import type { Identity } from './key.ts';
import type { Status } from './outcome.ts';
import type { UsageRecord } from './record.ts';

/** A customer who is billed for a dimension. */
export type Subscriber = Identity & Pick<UsageRecord, 'dimension'>;

/** A customer who is to be billed for a dimension in each of these hours. */
export type Subscription = Subscriber & {
  /** The first hour. */
  readonly from: EpochSeconds;
  /** The end, which is no longer part of it. */
  readonly until: EpochSeconds;
};

/** What is known about one hour of a customer and dimension. */
export type HourRecord = Subscriber & { readonly status: Status };
