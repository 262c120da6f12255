/** The columns the tool knows, in the spelling of its documentation. */
export const COLUMN_NAMES = [
  'timestamp',
  'customer_aws_account_id',
  'license_arn',
  'customer_identifier',
  'product_code',
  'dimension',
  'quantity',
  'usage_allocations',
] as const;

export type ColumnName = (typeof COLUMN_NAMES)[number];

/** Where the known columns stand in a row. `names` is the header as the file has it. */
export type Columns = {
  readonly names: readonly string[];
  readonly known: { readonly [Name in ColumnName]?: number };
  /** `tag:<Key>` columns. */
  readonly tags: readonly { readonly key: string; readonly index: number }[];
};

/** A place in the input. `line` is the first physical line of the row, from 1. */
export type Place = { readonly file: string; readonly line: number };

/** Where something stands in the text of a line: from this character (1 is the first), so many characters wide. */
export type Span = { readonly column: number; readonly length: number };

/** One line of input. */
export type Row = Place & {
  readonly columns: Columns;
  readonly cells: readonly string[];
  /** Its text as the file has it. */
  readonly raw: string;
  /** Finds a cell in `raw`; undefined when it does not start on the first physical line of the row. */
  readonly locate: (raw: string, cell: number) => Span | undefined;
};

/** Something wrong with the input, as facts; `report/problems` makes the text. */
export type Problem = Place & {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly help: string | undefined;
  /** The text of the line; undefined when the trouble is with the file as a whole. */
  readonly raw: string | undefined;
  readonly span: Span | undefined;
};
