/** The words of a command line, as a shell would split it, and the file that its output goes to. */
export const wordsOf = (
  line: string,
): { readonly words: readonly string[]; readonly output: string | undefined } => {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)].map(
    ([whole, single, double]) => single ?? double ?? whole,
  );
  const at = words.indexOf('>');
  return at < 0 ? { words, output: undefined } : { words: words.toSpliced(at, 2), output: words[at + 1] };
};
