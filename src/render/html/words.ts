import type { Status } from '../../usage/outcome.ts';

/** What a status means, for people who do not know the words of the tool. */
export const MEANING: Readonly<Record<Status, string>> = {
  accepted: 'AWS took the record and bills it.',
  'already-recorded': 'AWS had this very record before; it is billed once.',
  duplicate: 'AWS has another quantity for the hour; the first one stays billed.',
  conflict: 'The ledger has another quantity for the hour; not sent.',
  'not-subscribed': 'The customer has no active agreement.',
  refused: 'AWS refused the record.',
  invalid: 'It cannot be a record; never sent.',
  expired: 'Too old for AWS before it could be sent.',
  unsent: 'The run ended first; running the same command again continues.',
  unknown: 'Sent, and no answer proves what became of it; running again or CloudTrail can tell.',
};

/** `not-subscribed` as `not subscribed`. */
export const spoken = (status: Status): string => status.replaceAll('-', ' ');
