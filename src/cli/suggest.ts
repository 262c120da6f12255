import { distance, EDIT } from '../input/column-names.ts';

/** A shorter word resembles too many others, a longer one is not a name. Characters. */
const MIN_LENGTH = 3;
const MAX_LENGTH = 64;

const MAX_GUESSES = 3;

/** Suggests names for a mistyped one, the likeliest first: similar names, else those with words that begin with it. */
export const guessNames = (typed: string, names: readonly string[]): string[] => {
  const word = plain(typed);
  if (word.length < MIN_LENGTH || word.length > MAX_LENGTH) return [];
  const spellings = new Map([...names].reverse().map(name => [plain(name), name]));
  const known = [...spellings].reverse().map(([near, name]) => ({ near, name }));
  const similar = known
    .map(({ near, name }) => ({ name, edits: distance(word, near) }))
    .filter(({ edits }) => edits <= limitFor(word));
  const least = Math.min(...similar.map(({ edits }) => edits));
  const found =
    similar.length > 0
      ? similar.filter(({ edits }) => edits === least)
      : known.filter(({ name }) => fromEachWord(name).some(rest => rest.startsWith(word)));
  return found.slice(0, MAX_GUESSES).map(({ name }) => name);
};

/** A name from each of its words on: `InvalidToken`, `Token`. */
const fromEachWord = (name: string): string[] => {
  const words = name
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter(word => word !== '');
  return words.map((_, start) => plain(words.slice(start).join('')));
};

/** One typing error makes a short word another one; a long word may have three. */
const limitFor = ({ length }: string): number => {
  if (length <= MIN_LENGTH) return EDIT.swap;
  return length < 8 ? 2 * EDIT.insert : 3 * EDIT.insert;
};

/** `Throttling` and `ThrottlingException` count as one name. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')
    .replace(/exception$/, '');
