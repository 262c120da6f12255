import { distance, EDIT } from '../input/column-names.ts';

/** A shorter word could be a slip of too many others, a longer one is none. Characters. */
const SHORTEST = 3;
const LONGEST = 64;

/** At most this many are offered. */
const MOST = 3;

/** What a mistyped name may have meant, the likeliest first: names a few slips away, else those with words that begin with it. */
export const guessNames = (typed: string, names: readonly string[]): string[] => {
  const word = plain(typed);
  if (word.length < SHORTEST || word.length > LONGEST) return [];
  const spellings = new Map([...names].reverse().map(name => [plain(name), name]));
  const known = [...spellings].reverse().map(([near, name]) => ({ near, name }));
  const weighed = known
    .map(({ near, name }) => ({ name, mistakes: distance(word, near) }))
    .filter(({ mistakes }) => mistakes <= limitFor(word));
  const least = Math.min(...weighed.map(({ mistakes }) => mistakes));
  const found =
    weighed.length > 0
      ? weighed.filter(({ mistakes }) => mistakes === least)
      : known.filter(({ name }) => fromEachWord(name).some(rest => rest.startsWith(word)));
  return found.slice(0, MOST).map(({ name }) => name);
};

/** A name from each of its words on: `InvalidToken`, `Token`. */
const fromEachWord = (name: string): string[] => {
  const words = name
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter(word => word !== '');
  return words.map((_, start) => plain(words.slice(start).join('')));
};

/** A slip in a short word makes another word; in a long one there may be three. */
const limitFor = ({ length }: string): number => {
  if (length <= SHORTEST) return EDIT.swap;
  return length < 8 ? 2 * EDIT.insert : 3 * EDIT.insert;
};

/** `Throttling` and `ThrottlingException` are one name, in the spelling that comes first. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')
    .replace(/exception$/, '');
