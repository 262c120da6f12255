import type { Status } from '../../usage/outcome.ts';
import { type Explanation, ofKind, PAGES } from './explanation.ts';

/** Each outcome that a record can have, and nothing else. */
const BY_STATUS: Readonly<Record<Status, Omit<Explanation, 'name' | 'kind'>>> = {
  accepted: {
    means: 'AWS accepted the record and bills it',
    why: ['AWS replied Success; the MeteringRecordId shown with it is the receipt'],
    next: 'nothing to do',
    link: PAGES.usageRecordResult,
  },
  'already-recorded': {
    means: 'AWS already has this exact record; it is billed once',
    why: [
      'an earlier run received the reply, and the ledger has it',
      'CloudTrail shows the record (ampmeter reconcile --settle)',
    ],
    next: 'nothing to do',
    link: PAGES.batchMeterUsage,
  },
  duplicate: {
    means:
      'AWS already has another quantity for this customer, dimension and hour; that quantity stays billed',
    why: ['the hour was reported before with another quantity, by ampmeter or by another program'],
    also: ['BatchCreateBillingAdjustmentRequest', 'INCORRECT_METERING'],
    next: 'report what is missing in a later hour; if too much was billed, refund it with BatchCreateBillingAdjustmentRequest (aws marketplace-agreement), reason INCORRECT_METERING',
    link: PAGES.usageRecordResult,
  },
  conflict: {
    means:
      'not sent: the ledger has another quantity for this customer, dimension and hour, or AWS would bill it twice',
    why: [
      'the input has changed since the hour was sent',
      'the same usage was reported with a license and with a product code',
      'the same usage was reported through two Regions, and each of them bills it',
    ],
    next: 'if the hour has grown, run the same command with --late carry: it bills the difference, and only that, with another hour',
    link: PAGES.batchMeterUsage,
  },
  'not-subscribed': {
    also: ['notSubscribed'],
    means: 'the customer has no active agreement; the record is not billed',
    why: [
      'the customer never subscribed, or the agreement has ended',
      "the buyer's AWS account is suspended",
      'the identifier is invalid, or belongs to another product',
      "the usage is from before the subscription started (AWS's agent skill)",
    ],
    next: 'check the agreement in the AWS Marketplace Management Portal; sending the record again does not help',
    link: PAGES.usageRecordResult,
  },
  refused: {
    means: 'AWS rejected the record; the error code and message are shown with it',
    why: ['the record contains something that AWS does not accept, for example an unknown dimension'],
    next: 'run ampmeter explain with the error code, fix the row in the rejects file, and submit that file',
    link: PAGES.batchMeterUsage,
  },
  invalid: {
    means: 'the row is not a valid record, or two rows are for the same hour; never sent',
    why: [
      'a cell is empty, misspelled or out of range',
      'two rows have the same customer, dimension and hour',
    ],
    next: 'fix the row, or use --merge sum to add up the rows of one hour; see ampmeter help csv',
  },
  expired: {
    means: 'the usage is older than AWS accepts; it is not billed',
    why: [
      'the hour was too old already, or became too old before it could be sent',
      'ampmeter help windows shows the limits',
    ],
    next: 'AWS no longer accepts usage for this hour; add it to a later hour if your agreement with the buyer allows that',
    link: PAGES.batchMeterUsage,
  },
  unsent: {
    means: 'the run ended before the record was sent; it is not billed yet',
    why: ['the run was stopped, gave up, or ended with an error'],
    next: 'run the same command again; it continues where it stopped',
  },
  unknown: {
    means: 'the record was sent, but no reply confirms the result; it may be billed',
    why: [
      'the connection broke, or the run was killed, before the reply arrived',
      'when it was sent again, AWS replied DuplicateRecord or rejected it, or its window had closed',
    ],
    next: 'run the same command again; if that does not decide it, the run prints the ampmeter reconcile --settle command that looks the record up in CloudTrail',
    link: PAGES.batchMeterUsage,
  },
};

export const OUTCOMES: readonly Explanation[] = Object.entries(BY_STATUS).map(([name, rest]) => ({
  name,
  kind: 'outcome',
  ...rest,
}));

/** `not-subscribed` as `not subscribed`. */
export const statusText = (status: Status): string => status.replaceAll('-', ' ');

/** The meaning as a sentence. */
export const meaningOf = (status: Status): string => {
  const { means } = BY_STATUS[status];
  return `${means.slice(0, 1).toUpperCase()}${means.slice(1)}.`;
};

/** The statuses of records in a successful reply. Source: UsageRecordResult. */
export const RECORD_STATUSES: readonly Explanation[] = ofKind('AWS record status', [
  {
    name: 'Success',
    means: 'AWS recorded the usage; ampmeter calls this accepted',
    why: ['the record was new', 'the record was identical to one that AWS already has'],
    next: 'nothing to do',
    link: PAGES.usageRecordResult,
  },
  {
    name: 'CustomerNotSubscribed',
    means: 'the customer cannot be billed for the product; ampmeter calls this not-subscribed',
    why: [
      'the identifier is invalid',
      'the customer has no active agreement for the product',
      "the customer's AWS account is suspended",
    ],
    next: 'check the agreement in the AWS Marketplace Management Portal; sending the record again does not help',
    unsaid: 'how this differs from InvalidCustomerIdentifierException and InvalidLicenseException',
    link: PAGES.usageRecordResult,
  },
  {
    name: 'DuplicateRecord',
    means:
      'AWS already has a record for the same customer, dimension and time with another quantity; that one counts',
    why: ['the hour was reported before'],
    next: 'report the difference in a later hour; AWS does not change or delete records through its API',
    unsaid:
      'whether AWS replies Success or DuplicateRecord to an identical record; ampmeter reports unknown if the reply to an earlier attempt was lost',
    link: PAGES.usageRecordResult,
  },
  {
    name: 'UnprocessedRecords',
    means: 'AWS did not process these records of a request that otherwise succeeded',
    why: ['a temporary failure inside the service'],
    next: 'run the same command again; a run resends such records until it gives up',
    link: PAGES.batchMeterUsage,
  },
]);
