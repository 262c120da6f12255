import { endOfString } from '../usage/json.ts';

/**
 * The index at which a text stops being JSON; its length if only the end is missing. `JSON.parse` names the place of some
 * errors, and only in its messages.
 */
export const faultPlace = (text: string): number => {
  const open: ('{' | '[')[] = [];
  let next: Next = 'value';
  for (let at = skip(text, 0); at < text.length; at = skip(text, at)) {
    const sign = text[at] ?? '';
    const isName: boolean = next === 'name' || next === 'name or end';
    const isFirst: boolean = next === 'name or end' || next === 'value or end';
    if (sign === '}' || sign === ']') {
      const opened = open.pop();
      if (opened !== (sign === '}' ? '{' : '[') || !(isFirst || next === 'more')) return at;
      next = 'more';
      at += 1;
    } else if (next === 'more') {
      const inner = open.at(-1);
      if (sign !== ',' || inner === undefined) return at;
      next = inner === '{' ? 'name' : 'value';
      at += 1;
    } else if (next === 'colon') {
      if (sign !== ':') return at;
      next = 'value';
      at += 1;
    } else if (sign === '"') {
      const end = endOfString(text, at);
      const bad = badCharacter(text.slice(at + 1, end === -1 ? undefined : end - 1));
      if (bad !== undefined) return at + 1 + bad;
      if (end === -1) return text.length;
      next = isName ? 'colon' : 'more';
      at = end;
    } else if (isName) return at;
    else if (sign === '{' || sign === '[') {
      open.push(sign);
      next = sign === '{' ? 'name or end' : 'value or end';
      at += 1;
    } else {
      PLAIN.lastIndex = at;
      const plain = PLAIN.exec(text)?.[0];
      if (plain === undefined) return CUT_WORD.test(text.slice(at)) ? text.length : at;
      next = 'more';
      at += plain.length;
    }
  }
  return text.length;
};

/** What may follow. `more`: a comma or the end of the list or object. */
type Next = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'more';

const PLAIN = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

const CUT_WORD = /^(?:-|t|tr|tru|f|fa|fal|fals|n|nu|nul)$/;

const skip = (text: string, from: number): number => {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? 'x')) at += 1;
  return at;
};

/** The index of a character that a string must not have as it stands: a control character, or a backslash of no escape. */
const badCharacter = (text: string): number | undefined => {
  for (const found of text.matchAll(ESCAPE_OR_BAD)) if (found[1] !== undefined) return found.index;
  return undefined;
};

const ESCAPE_OR_BAD = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|([\\\u0000-\u001f])/g;
