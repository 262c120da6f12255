import type { EpochSeconds } from '../../usage/hours.ts';
import { integer, list, optional, required, type Shape, structure, text, timestamp } from '../rules/shape.ts';

/** Source: CloudTrail service model 2013-11-01. */
export const CLOUDTRAIL = {
  signingName: 'cloudtrail',
  target: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
  errorNamespace: 'com.amazonaws.cloudtrail.v20131101#',
} as const;

/** The input of CloudTrail's LookupEvents. Source: CloudTrail service model 2013-11-01. */
export type LookupInput = {
  readonly LookupAttributes?: LookupAttribute[];
  readonly StartTime?: EpochSeconds;
  readonly EndTime?: EpochSeconds;
  readonly EventCategory?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
};

export type LookupAttribute = { readonly AttributeKey: string; readonly AttributeValue: string };

export type LookupRequest = { readonly operation: 'LookupEvents'; readonly input: LookupInput };

/** Only the types: CloudTrail has errors of its own for other invalid members. */
export const LOOKUP_SHAPE: Shape<LookupInput> = structure<LookupInput>({
  LookupAttributes: optional(
    list(
      structure<LookupAttribute>({ AttributeKey: required(text({})), AttributeValue: required(text({})) }),
      {},
    ),
  ),
  StartTime: optional(timestamp),
  EndTime: optional(timestamp),
  EventCategory: optional(text({})),
  MaxResults: optional(integer({ min: -2_147_483_648 })),
  NextToken: optional(text({})),
});

export type LookupOutput = { readonly Events: readonly FoundEvent[]; readonly NextToken?: string };

export type FoundEvent = {
  readonly EventId: string;
  readonly EventName: string;
  /** `true` or `false`. */
  readonly ReadOnly: string;
  readonly AccessKeyId: string;
  readonly EventTime: EpochSeconds;
  readonly EventSource: string;
  readonly Username: string;
  readonly Resources: readonly [];
  /** The event itself, as JSON. */
  readonly CloudTrailEvent: string;
};
