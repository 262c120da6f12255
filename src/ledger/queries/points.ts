import type { Status } from '../../usage/outcome.ts';
import type { LedgerReader } from '../reader.ts';
import { type State, statusOf } from '../record-row.ts';
import { PRODUCT_SQL, type Selection } from '../selection.ts';

/** What a record adds to a picture of the ledger, and no more: a million of them are looked at. */
export type RecordCell = {
  /** The hour, epoch seconds. */
  readonly timestamp: number;
  readonly customer: string;
  /** Undefined for records with a license that name no product code. */
  readonly product: string | undefined;
  readonly dimension: string;
  readonly status: Status;
  readonly records: 1;
  readonly quantity: number;
};

/** The records that are selected, oldest hour first, also across destinations. Memory does not grow with them. */
export function* cellsIn(reader: LedgerReader, selection: Selection): Generator<RecordCell> {
  const scopes = reader.scopesOf(selection).map(({ id, where, values }) =>
    reader.eachOf(
      `SELECT timestamp, customer, ${PRODUCT_SQL} AS product, dimension, ${reader.state}, ${reader.quantity}
       FROM record WHERE destination = ? AND ${where} ORDER BY timestamp`,
      [[id, ...values]],
    ),
  );
  const [only, ...others] = scopes;
  const rows = only === undefined || others.length > 0 ? merged(scopes) : only;
  for (const row of rows) {
    const [timestamp, customer, product, dimension, state, quantity] = row as unknown as Row;
    const status = statusOf(state);
    yield { timestamp, customer, product: product ?? undefined, dimension, status, records: 1, quantity };
  }
}

type Row = readonly [
  timestamp: number,
  customer: string,
  product: string | null,
  dimension: string,
  state: State,
  quantity: number,
];

/** Several lists in order as one. */
function* merged(lists: readonly Iterator<unknown>[]): Generator<unknown> {
  const heads = lists.map(list => ({ list, head: list.next() }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const one of heads) {
      if (one.head.done) continue;
      if (first === undefined || hourOf(one.head.value) < hourOf(first.head.value)) first = one;
    }
    if (first === undefined) return;
    yield first.head.value;
    first.head = first.list.next();
  }
}

const hourOf = (row: unknown): number => (row as Row)[0];
