/** A command of a line of a shell. */
export type ShellCommand = {
  readonly words: readonly string[];
  /** The file that its standard output goes to. */
  readonly output: string | undefined;
  /** The file that its standard input comes from. */
  readonly input: string | undefined;
  /** What stands before it: it runs always, or after exit code 0, or after any other. */
  readonly after: ';' | '&&' | '||';
};

type Env = Readonly<Record<string, string | undefined>>;

/** The commands of a line, or undefined where only a shell knows what it means: pipes, substitutions, patterns. */
export const commandsOf = (line: string, env: Env = {}): readonly ShellCommand[] | undefined => {
  const tokens = tokensOf(line, env);
  if (tokens === undefined) return undefined;
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let [output, input, after]: [string?, string?, ShellCommand['after']?] = [];
  const end = (): void => {
    if (words.length > 0) commands.push({ words, output, input, after: after ?? ';' });
    [words, output, input] = [[], undefined, undefined];
  };
  for (let place = 0; place < tokens.length; place++) {
    const token = tokens[place];
    if (token?.operator === '>') output = tokens[++place]?.word;
    else if (token?.operator === '<') input = tokens[++place]?.word;
    else if (token?.operator !== undefined) {
      end();
      after = token.operator;
    } else if (token !== undefined) words.push(token.word);
  }
  end();
  return commands;
};

type Token =
  | { readonly word: string; readonly operator?: undefined }
  | { readonly word?: undefined; readonly operator: '>' | '<' | ShellCommand['after'] };

/** Blanks, operators, and pieces of words: in quotes or not. A backslash and what it escapes are for a shell. */
const PIECE = /\s+|&&|\|\||[;<>]|'[^']*'|"[^"`\\]*"|[^\s'"&|;<>()`*?\\{}~#!]+/y;

const tokensOf = (line: string, env: Env): Token[] | undefined => {
  const tokens: Token[] = [];
  let word: string | undefined;
  const end = (): void => {
    if (word !== undefined) tokens.push({ word });
    word = undefined;
  };
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < line.length) {
    const piece = PIECE.exec(line)?.[0];
    if (piece === undefined) return undefined;
    if (/^(\s|&&$|\|\|$|[;<>]$)/.test(piece)) {
      end();
      const operator = piece.trim();
      if (operator !== '') tokens.push({ operator: operator as '>' });
      continue;
    }
    const bare = piece.replace(/^(['"])(.*)\1$/s, '$2');
    const text = piece.startsWith("'") ? bare : expanded(bare, env);
    if (text === undefined || (word === undefined && /^\w+=/.test(piece) && isFirst(tokens)))
      return undefined;
    word = (word ?? '') + text;
  }
  end();
  return tokens;
};

/** An assignment there is for a shell. */
const isFirst = (tokens: readonly Token[]): boolean => tokens.at(-1)?.word === undefined;

const expanded = (text: string, env: Env): string | undefined => {
  const done = text.replaceAll(/\$(\w+)/g, (_, name: string) => env[name] ?? '');
  return /\$[({]/.test(done) ? undefined : done;
};
