import type { Columns } from '../usage/row.ts';
import { columnOf, isRecord, nearest, RECORD_FIRST } from './column-names.ts';
import { NOTHING_TO_FILL } from './csv.ts';
import type { Header } from './header.ts';
import type { HeaderFault } from './header-problems.ts';

/** The columns of a list of subscribers. */
const SUBSCRIBER_COLUMNS = [
  'customer_aws_account_id',
  'license_arn',
  'customer_identifier',
  'product_code',
  'dimension',
  'dimensions',
  'from',
  'until',
] as const;

export type SubscriberColumn = (typeof SUBSCRIBER_COLUMNS)[number];

/** Reads the header of a list of subscribers. It accepts the same spellings as the header of an upload. */
export const subscriberHeader = (names: readonly string[]): Header => ({
  columns: { names, known: {}, tags: [] },
  faults: isRecord(names, name => subscriberColumn(name) !== undefined)
    ? [{ cell: undefined, message: RECORD_FIRST, help: ADD_HEADER }]
    : faultsOf(names),
});

/** The cells of the known columns in a header that was accepted. */
export const subscriberCells = ({ names }: Columns): { readonly [Name in SubscriberColumn]?: number } => {
  const cells: { [Name in SubscriberColumn]?: number } = {};
  for (const [cell, name] of names.entries()) {
    const column = subscriberColumn(name);
    if (column !== undefined) cells[column] = cell;
  }
  return cells;
};

const ADD_HEADER =
  'add a line above it that names each column, for example customer_aws_account_id, product_code and dimension';

const faultsOf = (names: readonly string[]): HeaderFault[] => {
  const faults: HeaderFault[] = [];
  const seen = new Map<SubscriberColumn, number>();
  for (const [cell, name] of names.entries()) {
    const column = subscriberColumn(name);
    if (column === undefined) {
      const near = nearest(name, SUBSCRIBER_COLUMNS);
      // If the column itself is there, a similar name such as `form` may be anything.
      if (near === undefined || names.some(other => subscriberColumn(other) === near)) continue;
      faults.push({
        cell,
        message: `unknown column ${JSON.stringify(name)}: did you mean ${near}?`,
        help: 'fix the name; if it is something else, rename it',
      });
    } else if (seen.has(column)) {
      faults.push({ cell, message: `two columns for ${column}`, help: 'rename or remove one of them' });
    } else {
      seen.set(column, cell);
    }
  }
  const cell = names.indexOf(NOTHING_TO_FILL);
  if (cell !== -1) faults.push({ cell, ...NOT_A_LIST });
  return faults.length === 0 ? missing(seen) : faults;
};

/** Its rows are gaps, not subscribers; without rows it would hide all gaps. */
const NOT_A_LIST = {
  message: 'this file was written by gaps --zero-fill; it is not a list of subscribers',
  help: 'use --subscribers for the list and --zero-fill for the file of zeros',
};

const missing = (seen: ReadonlyMap<SubscriberColumn, number>): HeaderFault[] => {
  const need = (...columns: SubscriberColumn[]): HeaderFault[] =>
    columns.some(column => seen.has(column))
      ? []
      : [
          {
            cell: undefined,
            message: `missing column ${columns.join(' or ')}`,
            help: `the columns of subscribers are ${SUBSCRIBER_COLUMNS.join(', ')}`,
          },
        ];
  const both = seen.get('dimension') === undefined ? undefined : seen.get('dimensions');
  return [
    ...need('customer_aws_account_id', 'customer_identifier'),
    ...need('license_arn', 'product_code'),
    ...need('dimension', 'dimensions'),
    ...(both === undefined
      ? []
      : [
          {
            cell: both,
            message: 'a column dimension and a column dimensions',
            help: 'keep one: a cell of dimensions can list several, separated by ;',
          },
        ]),
  ];
};

export const isSubscriberColumn = (name: string): boolean => subscriberColumn(name) !== undefined;

const subscriberColumn = (name: string): SubscriberColumn | undefined => {
  const plain = name.trim().toLowerCase();
  const word = columnOf(name.trim()) ?? plain;
  return SUBSCRIBER_COLUMNS.find(column => column === word);
};
