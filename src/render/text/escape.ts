/**
 * Text from outside (a file, its name, the service), safe for a terminal. Characters that could move the cursor, or
 * colour, reorder or hide text, are written out: `\x1b`, `\u202e`. The result has no invisible characters and no line
 * breaks.
 */
export const show = (text: string): string => (PLAIN.test(text) ? text : text.replace(unsafe(), escaped));

/** Most texts. The other expression takes longer to create than many commands run. */
const PLAIN = /^[ -~]*$/;

/** Controls, format characters (bidi, zero width), other invisible characters, all spaces but the plain one, lone surrogates. */
const unsafe = (): RegExp => /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]|(?! )\p{Zs}/gu;
const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

const escaped = (character: string): string => {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
};
