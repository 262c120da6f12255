import { isObject } from '../usage/json.ts';

/** The members of a JSON object by their lower-case names. */
export type EventMembers = Readonly<Record<string, unknown>>;

/** If a name is there in two spellings, the first one with a value counts. */
export const lowered = (object: Readonly<Record<string, unknown>>): EventMembers => {
  const members: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(object)) {
    const key = lowerCaseOf(name);
    const known = members[key];
    if (known === undefined || known === null || known === '') members[key] = object[name];
  }
  return members;
};

const lowerCase = new Map<string, string>();

/** The same few names come millions of times. */
const lowerCaseOf = (name: string): string => {
  let lower = lowerCase.get(name);
  if (lower === undefined) {
    lower = name.toLowerCase();
    if (lowerCase.size < MAX_NAMES) lowerCase.set(name, lower);
  }
  return lower;
};

const MAX_NAMES = 1_000;

/** A name in two spellings with two values, so that the right value is not known. `members`: the object `lowered`. */
export const contradictionIn = (
  object: Readonly<Record<string, unknown>>,
  members: EventMembers,
): string | undefined =>
  Object.keys(object).find(name => {
    const value = object[name];
    const counts = members[lowerCaseOf(name)];
    return value !== counts && value !== undefined && value !== null && value !== '' && !isObject(value);
  });

/** Some clients write an empty text where others omit the member. */
export const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** What CloudTrail writes instead of a secret value. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** The name of a column, in any spelling: `eventJson`, `event_json`. */
export const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/**
 * A struct as Athena writes it in a cell, `{type=IAMUser, arn=arn:aws:iam::1:user/us, sessioncontext={…}}`: its members that
 * are texts.
 */
export const structIn = (text: string): EventMembers | undefined => {
  if (!/^\{[a-z]+=.*\}$/s.test(text)) return undefined;
  const members: Record<string, unknown> = Object.create(null);
  let depth = 0;
  let start = 1;
  for (let at = 1; at < text.length; at += 1) {
    const mark = text[at];
    if (mark === '{' || mark === '[') depth += 1;
    const isEnd = depth === 0 && (at === text.length - 1 || text.startsWith(', ', at));
    if (isEnd) {
      const [, name = '', value = ''] = /^\s*([a-z]+)=(.*)$/s.exec(text.slice(start, at)) ?? [];
      if (name !== '' && value !== 'null' && !value.startsWith('{')) members[name] = value;
      start = at + 1;
    }
    if (mark === '}' || mark === ']') depth -= 1;
  }
  return members;
};
