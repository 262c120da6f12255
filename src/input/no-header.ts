/** An account id, a number, a time or an ARN: what stands in a row, and names no column. A spreadsheet may guard it. */
export const isValue = (name: string): boolean => {
  const bare = name.trim().replace(/^(?:="|['"])|"$/g, '');
  return NUMBER.test(bare) || DATE.test(bare) || bare.startsWith('arn:aws');
};

const NUMBER = /^[-+]?[0-9][0-9.,]*(?:e[-+]?[0-9]+)?$/i;

/** With or without a time of day. */
const DATE = /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4})(?:[T ,]|$)/;

/** Whether what is read as a header is the first record of a file without one, which would not be billed. */
export const isRecord = (names: readonly string[], isKnown: (name: string) => boolean): boolean =>
  names.some(isValue) && !names.some(isKnown);

export const RECORD_FIRST = 'the first line looks like a record: the file has no header';
