/** The result of reading a text: the value, or what is wrong with the text and how to fix it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly message: string;
      readonly help: string | undefined;
      /** The message without its subject, for a caller that names the text itself: `has no time zone`. */
      readonly predicate?: string;
      /** The text is what a program writes for a missing value; where any text is possible it may be a name. */
      readonly missing?: 'value' | 'name';
    };

export const valid = <T>(value: T): Parsed<T> => ({ ok: true, value });

export const invalid = (message: string, help?: string): Parsed<never> => ({ ok: false, message, help });
