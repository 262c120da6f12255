/** In single quotes a POSIX shell takes everything literally but the quote itself. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A word of a shell command, in quotes where it needs them. */
export const shellWord = (text: string): string => (IS_PLAIN.test(text) ? text : quoted(text));

const IS_PLAIN = /^[A-Za-z0-9_/:.,@%+=-]+$/;
