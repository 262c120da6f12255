/** One line of CSV (RFC 4180), with quotes where they are needed. */
export const csvLine = (cells: readonly string[], delimiter = ','): string => {
  const quoted = cells.map(text =>
    /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text,
  );
  return `${quoted.join(delimiter)}\n`;
};

/**
 * A line for people and spreadsheets. A spreadsheet runs a text that begins like a formula (OWASP, CSV injection), so such
 * a text gets an apostrophe; a number does not. Only the columns of an input that are written to be submitted again
 * (results, rejects, hours to fill) are never changed.
 */
export const safeLine = (values: readonly (string | number | undefined)[], delimiter = ','): string =>
  csvLine(
    values.map(value => (typeof value === 'string' ? cell(value) : String(value ?? ''))),
    delimiter,
  );

/** A text of ours or of AWS's beside the columns of an input. */
export const cell = (text: string): string =>
  LIKE_A_FORMULA.test(text) && !NEGATIVE.test(text) ? `'${text}` : text;

/** East Asian editions also recognize the wide forms. */
const LIKE_A_FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** A difference or a balance below 0, as an exact decimal. */
const NEGATIVE = /^-[0-9]+(?:\.[0-9]+)?$/;
