import type { KnownDestination } from '../known-record.ts';
import type { LedgerReader } from '../reader.ts';
import type { Selection } from '../selection.ts';

/** What a ledger can list for completion. */
export type LedgerValue = 'customers' | 'dimensions' | 'licenses' | 'products';

/** A run, as far as it helps to recognize it. */
export type RunValue = {
  readonly run: number;
  /** RFC 3339. */
  readonly started: string;
  /** Undefined when the run was killed, or is in progress. */
  readonly exitCode: number | undefined;
  readonly files: readonly string[];
};

/** Of each destination only this many of the newest records are read, however large the ledger is. */
const MAX_READ = 20_000;

/** More than a user would read. */
const MAX_VALUES = 200;

/** The distinct values of the newest records, the most frequent first. */
export const valuesIn = (reader: LedgerReader, what: LedgerValue): readonly string[] => {
  const values = reader
    .all('SELECT id FROM destination ORDER BY id')
    .flatMap(({ id }) => reader.all(QUERIES[what], Number(id)).map(({ value }) => String(value)));
  return [...new Set(values)];
};

/** The origins of endpoints other than AWS's own, the newest first. */
export const endpointsIn = (reader: LedgerReader): readonly string[] =>
  reader
    .all("SELECT DISTINCT endpoint AS value FROM destination WHERE endpoint <> 'aws' ORDER BY id DESC")
    .map(({ value }) => String(value));

/** The newest runs. */
export const newestRuns = (reader: LedgerReader): readonly RunValue[] =>
  reader
    .all(`SELECT id, started, exit_code AS code, files FROM run ORDER BY id DESC LIMIT ${MAX_VALUES}`)
    .map(({ id, started, code, files }) => ({
      run: Number(id),
      started: String(started),
      exitCode: code === null ? undefined : Number(code),
      files: (JSON.parse(String(files)) as readonly unknown[]).map(String),
    }));

/** The newest first, in the order of the primary key, so that only the result is sorted. */
const fromRecords = (expression: string, condition = 'TRUE'): string => `
  SELECT value, count(*) AS records FROM (
    SELECT ${expression} AS value FROM record WHERE destination = ? AND ${condition}
    ORDER BY timestamp DESC LIMIT ${MAX_READ}
  ) WHERE value IS NOT NULL GROUP BY value ORDER BY records DESC, value LIMIT ${MAX_VALUES}`;

const QUERIES: Readonly<Record<LedgerValue, string>> = {
  customers: fromRecords('customer'),
  dimensions: fromRecords('dimension'),
  licenses: fromRecords('offering', "mode = 'licence'"),
  products: fromRecords("iif(mode = 'licence', product, offering)"),
};

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
