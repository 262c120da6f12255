import type { EpochSeconds } from '../../usage/hours.ts';
import type { Status } from '../../usage/outcome.ts';
import type { LedgerReader } from '../reader.ts';
import { type RecordState, statusOf } from '../record-row.ts';
import { PRODUCT_SQL, type Selection } from '../selection.ts';

/** Usage of one customer, dimension and hour with one outcome, as a chart needs it: there may be millions. */
export type RecordPoint = {
  /** The hour. */
  readonly timestamp: EpochSeconds;
  readonly customer: string;
  /** Undefined for records with a license that name no product code. */
  readonly product: string | undefined;
  readonly dimension: string;
  readonly status: Status;
  readonly records: number;
  readonly quantity: number;
};

/**
 * The selected records, oldest hour first across all destinations; all, or those of some customers. Memory use does not
 * depend on their number.
 */
export function* pointsIn(
  reader: LedgerReader,
  selection: Selection,
  customers?: readonly string[],
): Generator<RecordPoint> {
  const ofCustomers =
    customers === undefined ? 'TRUE' : `customer IN (${customers.map(() => '?').join(', ')})`;
  const scopes = reader.scopesOf(selection).map(({ id, where, values }) =>
    reader.eachOf(
      `SELECT timestamp, customer, ${PRODUCT_SQL} AS product, dimension, ${reader.state}, ${reader.quantity}
       FROM record WHERE destination = ? AND ${where} AND ${ofCustomers} ORDER BY timestamp`,
      [[id, ...values, ...(customers ?? [])]],
    ),
  );
  const [only, ...others] = scopes;
  const rows = only === undefined || others.length > 0 ? merged(scopes) : only;
  for (const row of rows) {
    const [timestamp, customer, product, dimension, state, quantity] = row as unknown as PointValues;
    const status = statusOf(state);
    yield { timestamp, customer, product: product ?? undefined, dimension, status, records: 1, quantity };
  }
}

type PointValues = readonly [
  timestamp: EpochSeconds,
  customer: string,
  product: string | null,
  dimension: string,
  state: RecordState,
  quantity: number,
];

/** Merges sorted lists into one. */
function* merged(lists: readonly Iterator<unknown>[]): Generator<unknown> {
  const heads = lists.map(list => ({ list, head: list.next() }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const candidate of heads) {
      if (candidate.head.done) continue;
      if (first === undefined || timestampOf(candidate.head.value) < timestampOf(first.head.value))
        first = candidate;
    }
    if (first === undefined) return;
    yield first.head.value;
    first.head = first.list.next();
  }
}

const timestampOf = (row: unknown): number => (row as PointValues)[0];
