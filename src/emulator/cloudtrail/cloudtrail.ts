import { createQuota, type Quota } from '../quota.ts';
import type { Spelling } from './cloudtrail-event.ts';
import type { EventHistory } from './event-history.ts';
import { createLookup, type Lookup } from './lookup-events.ts';

/** The one operation of CloudTrail that is here, and what its callers may ask of it. */
export type CloudTrail = { readonly lookup: Lookup; readonly quota: Quota };

/** Source: CloudTrail service model 2013-11-01. */
export const CLOUDTRAIL = {
  signingName: 'cloudtrail',
  target: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
  errorNamespace: 'com.amazonaws.cloudtrail.v20131101#',
} as const;

/** Source: CloudTrail API reference, LookupEvents: two a second for each account and Region. */
const LOOKUPS_PER_SECOND = 2;

export const createCloudTrail = (history: EventHistory, spelling: Spelling, delayMs: number): CloudTrail => ({
  lookup: createLookup(history, spelling, delayMs),
  quota: createQuota(LOOKUPS_PER_SECOND),
});
