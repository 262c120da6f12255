import type { EpochSeconds } from '../../usage/hours.ts';
import { joinKey } from '../../usage/key.ts';
import type { Status } from '../../usage/outcome.ts';
import type { LedgerReader } from '../reader.ts';
import { type RecordState, statusOf } from '../record-row.ts';
import type { Selection } from '../selection.ts';

/**
 * The open question about the usage of a customer and dimension in an hour, if there is one: a row that is not billed, or
 * may not be. A zero would close the hour, and the row could not be billed once it is fixed.
 */
export type QuestionOf = (usage: {
  readonly customer: string;
  readonly dimension: string;
}) => Status | undefined;

/**
 * What is open in an hour, in all Regions, with any license or product: a row with the wrong license is fixed for another.
 * A zero that was not sent is no question. A row without a dimension, or with one that AWS has refused, may be about any
 * dimension of its customer; a file that was stopped, about any usage of the hour.
 */
export const questionsAtHour = (
  reader: LedgerReader,
  { endpoint }: Selection,
): ((hour: EpochSeconds) => QuestionOf) => {
  const scopes = reader.scopesOf({ endpoint });
  return hour => {
    const ofUsage = new Map<string, Status>();
    const ofCustomer = new Map<string, Status>();
    let ofHour: Status | undefined;
    for (const { id } of scopes) {
      for (const row of reader.eachOf(RECORDS(reader.state), [[id, hour]])) {
        const [customer, dimension, state] = row as RecordValues;
        const status = statusOf(state);
        ofUsage.set(joinKey(customer, dimension), status);
        if (status === 'refused') ofCustomer.set(customer, status);
      }
      for (const row of reader.eachOf(PROBLEMS, [[id, hour]])) {
        const [customer, dimension, status] = row as ProblemValues;
        if (customer === null) ofHour = status === 'unsent' ? status : ofHour;
        else if (dimension === null) ofCustomer.set(customer, status);
        else ofUsage.set(joinKey(customer, dimension), status);
      }
    }
    return ({ customer, dimension }) =>
      ofUsage.get(joinKey(customer, dimension)) ?? ofCustomer.get(customer) ?? ofHour;
  };
};

type RecordValues = [customer: string, dimension: string, state: RecordState];
type ProblemValues = [customer: string | null, dimension: string | null, status: Status];

const RECORDS = (state: string): string =>
  `SELECT customer, dimension, ${state} FROM record
   WHERE destination = ? AND timestamp = ? AND status NOT IN ('accepted', 'already-recorded', 'duplicate')
     AND NOT (status = 'planned' AND quantity = 0 AND coalesce(used, '0') = '0' AND answer IS NULL)`;

/** Other problems are records as well. */
const PROBLEMS =
  "SELECT customer, dimension, status FROM problem WHERE destination = ? AND timestamp = ? AND status IN ('invalid', 'conflict', 'unsent')";
