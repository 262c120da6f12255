/** What no honest file of usage reaches; beyond it a file is refused instead of being read into memory. */
export const INPUT_LIMITS = {
  columns: 64,
  /** Characters of one cell. `usage_allocations` may fill its row: 2,500 allocations are more than this. */
  cell: 65_536,
  /** Characters of one row. */
  record: 1_048_576,
} as const;

export const CELL_TOO_LONG = {
  message: 'the cell is longer than 64 kB',
  help: 'a quote or a line break may be missing',
};

export const RECORD_TOO_LONG = {
  message: 'the row is longer than 1 MB',
  help: 'is this a CSV or JSON Lines file?',
};
