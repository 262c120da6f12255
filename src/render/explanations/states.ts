import type { FindingKind } from '../../cloudtrail/finding.ts';
import type { RecordState } from '../../ledger/record-row.ts';
import type { Status } from '../../usage/outcome.ts';
import { GAP_STATES } from '../../usage/unbilled-hours.ts';
import type { CheckStatus } from '../text/checks.ts';
import { type Explanation, type ExplanationKind, PAGES } from './explanation.ts';

type Texts = Omit<Explanation, 'name' | 'kind'>;

/** What `reconcile` finds beside the differences. */
const RESULTS: Readonly<
  Record<Exclude<FindingKind, `${string}-only` | `different-${string}` | 'billed-twice'>, Texts>
> = {
  agreed: {
    means: 'the ledger and CloudTrail show the same about this record',
    why: ['quantity, status and id agree, and the usage allocations where an event shows them'],
    next: 'nothing to do',
  },
  pending: {
    means: 'CloudTrail may not show this record yet: it was sent less than 15 minutes ago',
    why: ['CloudTrail takes up to 15 minutes to show a call'],
    next: 'run the same command again in 15 minutes',
  },
  unsettled: {
    means: 'the ledger does not know what AWS did with this record: a reply was lost',
    why: ['the connection broke, or the run was killed, before the reply arrived'],
    next: 'run ampmeter batch again, or write what CloudTrail shows to the ledger with ampmeter reconcile --settle',
  },
  unproven: {
    means: 'the event of this record does not show what AWS replied to it',
    why: [
      'CloudTrail truncates events that are too large',
      'the event is incomplete in the files that were read',
    ],
    next: 'read more events, for example the files of a trail with ampmeter reconcile --cloudtrail',
  },
  'not-sent': {
    also: ['never sent'],
    means: 'the ledger says that this record was never sent, and CloudTrail does not show it',
    why: ['it is invalid, expired, unsent or a conflict'],
    next: 'ampmeter history shows the outcome of each record; it is not billed',
  },
};

/** What `gaps` says of an hour; an hour without a subscription is explained as `not-subscribed`. */
const GAPS: Readonly<Record<Exclude<keyof typeof GAP_STATES, 'notSubscribed'>, Texts>> = {
  billable: {
    also: ['billable'],
    means: 'the hour has no billed record, and AWS still accepts usage for it',
    why: ['the export has no row for it yet, or its row was not billed'],
    next: 'send its usage before the deadline; where nothing was used, ampmeter gaps --zero-fill zeros.csv writes rows with 0',
  },
  tooLate: {
    means: 'the hour has no billed record, and AWS no longer accepts usage for it',
    why: ['its window has closed: ampmeter help windows shows the limits', 'its agreement has ended'],
    next: 'add its usage to a later hour if your agreement with the buyer allows that',
  },
  perhapsBilled: {
    means: 'the hour has a record that was sent and got no reply; it may be billed, so it is not a gap',
    why: ['the connection broke, or the run was killed, before the reply arrived'],
    next: 'run ampmeter batch again, then ampmeter reconcile --settle',
  },
};

const GAP: Explanation = {
  name: 'gap',
  also: ['gaps', 'missing', 'no record'],
  kind: 'hour',
  means: 'an hour of a subscription without a billed record, in any Region',
  why: [
    'the export had no row for the customer and dimension, or the row was not billed',
    'no upload ran in time',
  ],
  next: 'ampmeter gaps lists them, each with the time until when it can be billed',
};

/** What `reconcile` counts beside the records. */
const NOT_JUDGED: Explanation = {
  name: 'not judged',
  also: ['unjudged'],
  kind: 'reconcile result',
  means: 'an event, or a file, that may have records of this time which could not be compared',
  why: [
    'CloudTrail truncated the event, because it was too large',
    'the event cannot be read',
    'a file in a folder does not have the ending of an event file',
  ],
  next: 'look at the events in CloudTrail, or read the files of a trail with ampmeter reconcile --cloudtrail',
};

/** What only the ledger says of a record. */
const STATES: Readonly<Record<Exclude<RecordState, Status>, Texts>> = {
  planned: {
    means: 'the ledger has the record, and it was not sent yet; other commands call this unsent',
    why: ['a run is about to send it', 'a run was stopped or killed before it did'],
    next: 'run the same command again; it continues where it stopped',
  },
  sent: {
    means: 'the record was sent, and the reply is not in the ledger; other commands call this unknown',
    why: ['a run is waiting for the reply', 'a run was killed before the reply arrived'],
    next: 'wait for the run to end, or run the same command again',
  },
};

const CHECKS: Readonly<Record<CheckStatus, Texts>> = {
  ok: {
    means: 'ampmeter doctor found nothing wrong',
    why: ['the setting is valid, or the service replied'],
    next: 'nothing to do',
  },
  warn: {
    means: 'ampmeter doctor found something that does not stop a run, but may be a mistake',
    why: ['a setting is unusual, or something could not be found out'],
    next: 'read the step after it; the run works without it',
  },
  fail: {
    means: 'ampmeter doctor found something that stops a run',
    why: ['a setting is invalid, or something cannot be reached or is not permitted'],
    next: 'take the step that it shows, then run ampmeter doctor again',
  },
  skipped: {
    means: 'ampmeter doctor could not check this',
    why: ['it depends on another check, which failed'],
    next: 'take the step of the check that failed, then run ampmeter doctor again',
  },
};

const LAST_HOUR = 'send the usage of its last hour within one hour of the end; AWS accepts nothing later';
const NEWER = 'nothing to do: the agreement that is in force now is listed too';

/** What `subscribers` says of an agreement that has just ended. */
const IN_LAST_HOUR: Explanation = {
  name: 'last hour',
  kind: 'hour',
  means: 'the agreement has ended, and AWS accepts usage from before its end until the time that is shown',
  why: ['the buyer has canceled, or the agreement has ended on its end date'],
  next: LAST_HOUR,
};

/** The statuses of agreements in the list of `subscribers`. Source: Agreement API reference, SearchAgreements. */
const AGREEMENTS: Readonly<Record<string, Pick<Texts, 'means' | 'next'>>> = {
  ACTIVE: { means: 'the agreement is in force', next: 'send a record for each dimension every hour' },
  ARCHIVED: { means: 'the agreement has ended, without a specified reason', next: LAST_HOUR },
  CANCELLED: { means: 'the buyer has ended the agreement before its defined end', next: LAST_HOUR },
  EXPIRED: { means: 'the agreement has ended on its defined end date', next: LAST_HOUR },
  RENEWED: { means: 'the agreement was renewed into a new agreement', next: NEWER },
  REPLACED: { means: 'the agreement was replaced by another agreement', next: NEWER },
  ROLLED_BACK: {
    means: 'this revision of the agreement was rolled back; an earlier one is in force',
    next: NEWER,
  },
  SUPERSEDED: { means: 'another revision of the agreement is in force', next: NEWER },
  TERMINATED: {
    means: 'AWS has ended the agreement before its defined end, for example after a failed payment',
    next: LAST_HOUR,
  },
};

const named = (kind: ExplanationKind, of: Readonly<Record<string, Texts>>): Explanation[] =>
  Object.entries(of).map(([name, { also, ...rest }]) => ({ name, ...(also && { also }), kind, ...rest }));

/** Each word that a command prints as the state of something, beside outcomes and differences. */
export const STATE_WORDS: readonly Explanation[] = [
  ...named('reconcile result', RESULTS),
  NOT_JUDGED,
  GAP,
  ...named('hour', GAPS).map(one => ({ ...one, name: GAP_STATES[one.name as keyof typeof GAP_STATES] })),
  IN_LAST_HOUR,
  ...named('ledger state', STATES),
  ...named('check result', CHECKS),
  ...Object.entries(AGREEMENTS).map(
    ([name, rest]): Explanation => ({
      name,
      kind: 'AWS agreement status',
      ...rest,
      why: ['SearchAgreements lists the agreement with this status'],
      link: PAGES.agreements,
    }),
  ),
];
