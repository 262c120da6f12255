/** A word of a shell command, in quotes where it needs them. */
export const shellWord = (text: string): string => (IS_PLAIN.test(text) ? text : quoted(text));

const IS_PLAIN = /^[A-Za-z0-9_/:.,@%+=-]+$/;

/** In single quotes, a POSIX shell reads everything literally except the quote itself. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
