import { type Explanation, ofKind } from './explanation.ts';

/** Each difference that `reconcile` finds and `ledger import` lists, and nothing else. */
export const FINDINGS: readonly Explanation[] = ofKind('difference', [
  {
    name: 'ledger-only',
    means: "the ledger has AWS's reply to this record, and CloudTrail does not show the record",
    why: [
      'the events of another account, Region or time were read',
      'the ledger is a copy from another machine, or was edited',
    ],
    next: 'check the account and the Region, then look at the files of a trail with --cloudtrail',
  },
  {
    name: 'cloudtrail-only',
    means: 'AWS has replied to this record, and the ledger does not have it',
    why: ['another program or machine of this account sent it', 'it was sent with another ledger'],
    next: 'run ampmeter ledger import, so that batch does not send another quantity for this hour',
  },
  {
    name: 'different-quantity',
    means: 'AWS has another quantity for this hour than the ledger; the one that CloudTrail shows is billed',
    why: [
      'another program sent this hour first, with another quantity',
      'the hour was reported again after it had grown',
    ],
    next: 'report what is missing with a later hour, or ask AWS Support for a refund of what is too much',
  },
  {
    name: 'different-status',
    means: 'the ledger and CloudTrail disagree on whether AWS accepted this record',
    why: [
      'another program sent the same record, before or after this ledger did',
      'the event with the decisive reply is not among those that were read',
    ],
    next: 'if CloudTrail shows Success, the record is billed and must not be sent again; otherwise read more events',
  },
  {
    name: 'different-id',
    means: 'AWS accepted this record, with another metering record id than the ledger has',
    why: ['the record was sent twice with the same quantity, which AWS bills once'],
    next: 'nothing to do for the amount; keep both ids for questions to AWS Support',
  },
  {
    name: 'different-allocations',
    means: 'AWS has the same quantity, and CloudTrail shows it split differently by tags',
    why: ['another program sent this hour with other tags', 'the tags of the rows have changed since'],
    next: "the amount is right; only the buyer's report by tags differs, and AWS does not change it",
  },
  {
    name: 'billed-twice',
    means: 'AWS bills this usage more than once, because it does not compare these records',
    why: [
      'it was reported with a license and with a product code',
      'it was reported through two Regions',
      'AWS accepted two quantities for one hour',
    ],
    next: 'ask AWS Support for a refund of what is billed too much; AWS changes no record through its API',
  },
]);
