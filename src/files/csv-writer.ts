/** One line of CSV (RFC 4180), in quotes where they are needed. */
export const csvLine = (cells: readonly string[], delimiter = ','): string => {
  const quoted = cells.map(text =>
    /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text,
  );
  return `${quoted.join(delimiter)}\n`;
};

/**
 * A line that is read by people and spreadsheets. A spreadsheet runs a text that begins like a formula (OWASP, CSV
 * injection), so that gets an apostrophe; a number is none. Only the columns of an input that are written to be submitted
 * again (results, rejects, hours to fill) stay as they are.
 */
export const safeLine = (values: readonly (string | number | undefined)[], delimiter = ','): string =>
  csvLine(
    values.map(value => (typeof value === 'string' ? cell(value) : String(value ?? ''))),
    delimiter,
  );

/** A text of ours or of AWS's beside columns that stay as they are. */
export const cell = (text: string): string => (LIKE_A_FORMULA.test(text) ? `'${text}` : text);

/** In East Asian editions the wide forms count as well. */
const LIKE_A_FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
