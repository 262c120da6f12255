/** What came of reading a text: the value, or what is wrong with the text and how to mend it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly help: string | undefined };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });

export const unreadable = (message: string, help?: string): Parsed<never> => ({ ok: false, message, help });
