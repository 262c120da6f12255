/** The known columns, spelled as in the documentation. */
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

/** The places of the known columns in a row. `names` is the header as in the file. */
export type Columns = {
  readonly names: readonly string[];
  readonly known: { readonly [Name in ColumnName]?: number };
  /** `tag:<Key>` columns. */
  readonly tags: readonly { readonly key: string; readonly index: number }[];
};

/** A place in the input. `line` is the first physical line of the row, from 1. */
export type Place = { readonly file: string; readonly line: number };

/** The line of a record that no row made, but `--late carry`. */
export const NO_LINE = 0;

/** A place in the text of a line: the first character, counted from 1, and the number of characters. */
export type Span = { readonly column: number; readonly length: number };

/** One line of input. */
export type Row = Place & {
  readonly columns: Columns;
  readonly cells: readonly string[];
  /** Its text as in the file. */
  readonly raw: string;
  /** Finds a cell in `raw`; undefined if it does not start on the first physical line of the row. */
  readonly locate: (raw: string, cell: number) => Span | undefined;
};

/** A problem of the input, as facts; `render/text/problems` makes the text. */
export type Problem = Place & {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly help: string | undefined;
  /** The text of the line; undefined if the problem is the file as a whole. */
  readonly raw: string | undefined;
  readonly span: Span | undefined;
};
