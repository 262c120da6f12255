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
  /**
   * The file seems to come from a place with a decimal comma, where 1.340 is more than a thousand: its cells are separated
   * by `;`, or a quantity before this row has a decimal comma.
   */
  readonly pointIsUnclear?: boolean;
};

/** A place in the input. `line` is the first physical line of the row, from 1. */
export type Place = { readonly file: string; readonly line: number };

/** The line of a record that no row made: `--late carry` did, or it was imported. */
export const NO_LINE = 0;

/** In place of the file of a record that was imported from CloudTrail. It has no line either. */
export const IMPORT_FILE = 'CloudTrail';

/** A place in the text of a line: the first character, counted from 1, and the number of characters. */
export type Span = { readonly column: number; readonly length: number };

/** A file of JSON may have several rows on one line. */
type RowPlace = Place & {
  /** Rows before it on its line; absent for the first. */
  readonly before?: number | undefined;
};

export const isSameRow = (one: RowPlace, other: RowPlace): boolean =>
  one.line === other.line && one.file === other.file && one.before === other.before;

/** A row of the input. */
export type Row = RowPlace & {
  readonly columns: Columns;
  readonly cells: readonly string[];
  /** Its text as in the file. */
  readonly raw: string;
  /** Finds a cell in `raw`; undefined if it does not start on the first physical line of the row. */
  readonly locate: (raw: string, cell: number) => Span | undefined;
  /** What it says if it is a row that could not be read, in a file of rejected rows that is submitted as it is. */
  readonly readings?: (() => readonly Row[]) | undefined;
};

/** A problem of the input, as facts; `render/text/problems` makes the text. */
export type Problem = RowPlace & {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly help: string | undefined;
  /** The text of the line; undefined if the problem is the file as a whole. */
  readonly raw: string | undefined;
  readonly span: Span | undefined;
};
