import { isObject } from '../usage/json.ts';
/** The members of a JSON object by their lower-case names. */
export type EventMembers = Readonly<Record<string, unknown>>;

/** If a name is there in two spellings, the first one with a value counts. */
export const lowered = (object: Readonly<Record<string, unknown>>): EventMembers => {
  const members: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(object)) {
    const key = name.toLowerCase();
    const known = members[key];
    if (known === undefined || known === null || known === '') members[key] = value;
  }
  return members;
};

/** A name in two spellings with two values, so that the right value is not known. `members`: the object `lowered`. */
export const contradictionIn = (
  object: Readonly<Record<string, unknown>>,
  members: EventMembers,
): string | undefined =>
  Object.keys(object).find(name => {
    const value = object[name];
    const counts = members[name.toLowerCase()];
    return value !== counts && value !== undefined && value !== null && value !== '' && !isObject(value);
  });

/** Some clients write an empty text where others omit the member. */
export const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** What CloudTrail writes instead of a secret value. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';
