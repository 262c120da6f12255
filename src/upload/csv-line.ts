/** One line of CSV (RFC 4180), in quotes where they are needed. */
export const csvLine = (cells: readonly string[], delimiter = ','): string => {
  const quoted = cells.map(text =>
    /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text,
  );
  return `${quoted.join(delimiter)}\n`;
};

/**
 * A text of ours or of AWS's as a cell: a spreadsheet would run what begins like a formula (OWASP, CSV injection), so
 * that gets an apostrophe. Cells of the input are left as they are, because they are submitted again.
 */
export const cell = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
