import { LedgerReader } from '../../ledger/reader.ts';
import type { Candidate } from './candidate.ts';
import type { DynamicValue } from './values.ts';

/** Somebody waits with a finger on Tab; a ledger that another program holds is passed over. Milliseconds. */
const WAIT_MS = 100;

/** No status is asked for, which alone depends on the time. */
const ANY_TIME = new Date(0);

/** Of each destination only so many of the newest records are looked at, however large the ledger is. */
const LOOKED_AT = 20_000;

/** More are never read through. */
const OFFERED = 200;

type Kept = Extract<
  DynamicValue,
  'customers' | 'dimensions' | 'endpoints' | 'licenses' | 'products' | 'runs'
>;

const RUNS = `SELECT id AS value, started, exit_code AS code, files FROM run ORDER BY id DESC LIMIT ${OFFERED}`;

/** The newest first, in the order of the primary key, so that nothing is sorted but what is found. */
const fromRecords = (expression: string, condition = 'TRUE'): string => `
  SELECT value, count(*) AS records FROM (
    SELECT ${expression} AS value FROM record WHERE destination = ? AND ${condition}
    ORDER BY timestamp DESC LIMIT ${LOOKED_AT}
  ) WHERE value IS NOT NULL GROUP BY value ORDER BY records DESC, value LIMIT ${OFFERED}`;

/** `aws` is what is called when no endpoint is named. */
const ENDPOINTS =
  "SELECT DISTINCT endpoint AS value FROM destination WHERE endpoint <> 'aws' ORDER BY id DESC";

const QUERIES: Readonly<Record<Exclude<Kept, 'endpoints' | 'runs'>, string>> = {
  customers: fromRecords('customer'),
  dimensions: fromRecords('dimension'),
  licenses: fromRecords('offering', "mode = 'licence'"),
  products: fromRecords("iif(mode = 'licence', product, offering)"),
};

/** What the ledger knows. Throws LedgerError when it cannot be read. */
export const fromLedger = (what: Kept, path: string): readonly Candidate[] => {
  const reader = LedgerReader.open(path, ANY_TIME, WAIT_MS);
  try {
    switch (what) {
      case 'runs':
        return runsOf(reader);
      case 'endpoints':
        return reader.all(ENDPOINTS).map(({ value }) => ({ value: String(value), says: '' }));
      default:
        return valuesOf(reader, QUERIES[what]);
    }
  } finally {
    reader[Symbol.dispose]();
  }
};

const runsOf = (reader: LedgerReader): readonly Candidate[] =>
  reader.all(RUNS).map(({ value, started, code, files }) => ({
    value: String(value),
    says: `${started}, ${code === null ? 'not ended' : `exit code ${code}`}, ${filesOf(files)}`,
  }));

const valuesOf = (reader: LedgerReader, query: string): readonly Candidate[] => {
  const values = reader
    .all('SELECT id FROM destination ORDER BY id')
    .flatMap(({ id }) => reader.all(query, Number(id)).map(({ value }) => String(value)));
  return [...new Set(values)].map(value => ({ value, says: '' }));
};

const filesOf = (json: unknown): string => (JSON.parse(String(json)) as readonly unknown[]).join(' ');
