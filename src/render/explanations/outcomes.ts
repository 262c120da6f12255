import type { Status } from '../../usage/outcome.ts';
import { type Explanation, PAGES } from './explanation.ts';

/** Each outcome that a record can have, and nothing else. */
const BY_STATUS: Readonly<Record<Status, Omit<Explanation, 'name' | 'kind'>>> = {
  accepted: {
    means: 'AWS said Success: the record is billed',
    why: ['AWS has recorded it now, under the MeteringRecordId beside it'],
    next: 'nothing is left to do',
    link: PAGES.usageRecordResult,
  },
  'already-recorded': {
    means: 'AWS has this very record already: it is billed, once',
    why: [
      'the ledger has the answer that an earlier run got to it',
      'CloudTrail shows it (ampmeter reconcile --settle)',
    ],
    next: 'nothing is left to do',
    link: PAGES.batchMeterUsage,
  },
  duplicate: {
    means: 'AWS has another quantity for this customer, dimension and hour; that one stays billed',
    why: ['the hour was reported before, with another quantity, by this or another program'],
    next: 'report the difference in a later hour; AWS changes and deletes nothing through its API',
    link: PAGES.usageRecordResult,
  },
  conflict: {
    means:
      'the ledger has another quantity for this customer, dimension and hour, or AWS would bill it twice',
    why: [
      'the input has changed since the hour was sent',
      'the same usage goes once by license and once by product code',
      'the same usage goes through two Regions, each of which bills it',
    ],
    next: 'the first quantity counts: report the difference in a later hour, in the way and Region of the first',
    link: PAGES.batchMeterUsage,
  },
  'not-subscribed': {
    also: ['notSubscribed'],
    means: 'AWS: the customer has no active agreement; the record is not billed',
    why: [
      'the customer has never subscribed, or the agreement has ended',
      "the buyer's AWS account is suspended",
      'the identifier is not valid, or belongs to another product',
      "the record came before the subscription was in force (AWS's agent skill)",
    ],
    next: 'check the agreement in the AWS Marketplace Management Portal; sending it again does not help',
    link: PAGES.usageRecordResult,
  },
  refused: {
    means: 'AWS refused the record itself; the error code and message stand beside it',
    why: ['the record holds something AWS does not take, such as an unknown dimension'],
    next: 'see ampmeter explain with the error code; correct the row in the rejects file and submit that',
    link: PAGES.batchMeterUsage,
  },
  invalid: {
    means: 'the row cannot be a record, or two rows claim the same hour; it was never sent',
    why: ['a cell is empty, misspelt or out of range', 'two rows of one customer, dimension and hour'],
    next: 'correct the row, or add rows of one hour up with --merge sum; see ampmeter help csv',
  },
  expired: {
    means: 'the usage is older than AWS takes; it is not billed',
    why: ['the hour was too old already, or became so before it could be sent', 'see ampmeter help windows'],
    next: 'AWS no longer accepts usage for this hour; add it to a later hour if your agreement with the buyer allows that',
    link: PAGES.batchMeterUsage,
  },
  unsent: {
    means: 'the run ended before the record was sent; nothing is billed yet',
    why: ['the run was stopped, gave up, or met an error that ends it'],
    next: 'run the same command again; it goes on where it stopped',
  },
  unknown: {
    means: 'a request with the record left, and no answer proves what became of it: it may be billed',
    why: [
      'the connection broke, or the run was killed, between request and answer',
      'sent again after that, AWS answered DuplicateRecord or refused it, or its window had closed',
    ],
    next: 'run the same command again: the record is sent unchanged; if that cannot tell, the run names the ampmeter reconcile --settle to look it up in CloudTrail',
    link: PAGES.batchMeterUsage,
  },
};

export const OUTCOMES: readonly Explanation[] = Object.entries(BY_STATUS).map(([name, rest]) => ({
  name,
  kind: 'outcome',
  ...rest,
}));

/** What AWS says of each record in a reply that is no error. Source: UsageRecordResult. */
export const RECORD_STATUSES: readonly Explanation[] = [
  {
    name: 'Success',
    kind: 'AWS record status',
    means: 'AWS has recorded the usage; ampmeter calls it accepted',
    why: ['the record was new', 'or it was identical to one that AWS has'],
    next: 'nothing is left to do',
    link: PAGES.usageRecordResult,
  },
  {
    name: 'CustomerNotSubscribed',
    kind: 'AWS record status',
    means: 'the customer cannot be billed for the product; ampmeter calls it not-subscribed',
    why: [
      'the identifier is not valid',
      'the customer has no active agreement for the product',
      "the customer's AWS account is suspended",
    ],
    next: 'check the agreement in the AWS Marketplace Management Portal; sending it again does not help',
    unsaid: 'how this parts from InvalidCustomerIdentifierException and InvalidLicenseException',
    link: PAGES.usageRecordResult,
  },
  {
    name: 'DuplicateRecord',
    kind: 'AWS record status',
    means:
      'AWS has a record of the same customer, dimension and time, with another quantity; that one counts',
    why: ['the hour was reported before'],
    next: 'report the difference in a later hour; AWS changes and deletes nothing through its API',
    unsaid:
      'whether an identical record gives Success or this; ampmeter calls it unknown when the reply to an earlier attempt was lost',
    link: PAGES.usageRecordResult,
  },
  {
    name: 'UnprocessedRecords',
    kind: 'AWS record status',
    means: 'AWS has not got round to these records of a request that otherwise succeeded',
    why: ['a passing failure inside the service'],
    next: 'run the same command again; a run resends such records by itself until it gives up',
    link: PAGES.batchMeterUsage,
  },
];
