import type { KnownDestination, LedgerReader } from '../reader.ts';
import type { Selection } from '../selection.ts';

type KnownCustomer = Pick<KnownDestination, 'region'> & {
  readonly customer: string;
  /** False for a customer identifier. */
  readonly isAccount: boolean;
};

/** The customers of the selected records, once for each Region. */
export function* customersIn(reader: LedgerReader, selection: Selection): Generator<KnownCustomer> {
  for (const { id, region, where, values } of reader.scopesOf(selection)) {
    const sql = `SELECT DISTINCT customer, mode <> 'customer' AS account FROM record WHERE destination = ? AND ${where}`;
    for (const { customer, account } of reader.each(sql, id, ...values))
      yield { region, customer: String(customer), isAccount: account === 1 };
  }
}
