/** What is remembered of each function. Names and licenses of an export repeat, most often soon. */
const MOST = 2_000;

/** The same function, which remembers what it gave for the last texts. It must depend on nothing but its text. */
export const remembering = <T>(read: (text: string) => T): ((text: string) => T) => {
  const known = new Map<string, T>();
  return text => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const result = read(text);
    if (known.size === MOST) known.clear();
    known.set(text, result);
    return result;
  };
};
