import type { EpochMs } from '../usage/hours.ts';
import { isObject, type JsonObject, parseJson } from '../usage/json.ts';

/** A reply does not have the form of its operation, for example because a proxy sent it. */
class Malformed extends Error {}

/** The value that `read` finds in the JSON text; undefined when the text does not have the form. */
export const decoded = <T>(text: string, read: (value: JsonObject) => T): T | undefined => {
  try {
    return read(objectOf(parseJson(text)));
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** An object of JSON. A missing entry of a list could hide a buyer, so the whole reply is rejected instead. */
export const objectOf = (value: unknown): JsonObject => {
  if (!isObject(value)) throw new Malformed();
  return value;
};

/** The text of a member; undefined when it is absent, null or empty. */
export const textOf = (value: unknown): string | undefined => {
  if (value == null || value === '') return undefined;
  if (typeof value !== 'string') throw new Malformed();
  return value;
};

export const requiredText = (value: unknown): string => {
  const text = textOf(value);
  if (text === undefined) throw new Malformed();
  return text;
};

/** The entries of a list; none when it is absent or null. */
export const listOf = (value: unknown): readonly unknown[] => {
  if (value == null) return [];
  if (!Array.isArray(value)) throw new Malformed();
  return value;
};

/** The range of JavaScript dates. */
const MAX_EPOCH_SECONDS = 8.64e12;

/** An instant in epoch seconds, as AWS JSON has it. */
export const instantOf = (value: unknown): EpochMs | undefined => {
  if (value == null) return undefined;
  if (typeof value !== 'number' || !(Math.abs(value) <= MAX_EPOCH_SECONDS)) throw new Malformed();
  return Math.round(value * 1000);
};
