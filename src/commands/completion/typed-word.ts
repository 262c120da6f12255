import type { World } from '../../world.ts';

/**
 * The value of a flag in a line that is being typed. The words come as the shell has them: quotes and backslashes are
 * removed, a tilde means the home directory, and nothing else is expanded. Bash splits `--flag=value` into three words.
 */
export const valueInLine = (
  line: readonly string[],
  flag: string,
  { env }: Pick<World, 'env'>,
): string | undefined => {
  for (const [place, word] of line.entries()) {
    if (word === '--') return undefined;
    const value = word.startsWith(`${flag}=`)
      ? word.slice(flag.length + 1)
      : word === flag
        ? line[line[place + 1] === '=' ? place + 2 : place + 1]
        : undefined;
    if (value !== undefined && value !== '') return plain(value, env['HOME']);
  }
  return undefined;
};

const plain = (word: string, home: string | undefined): string => {
  const text = word.replaceAll(
    /'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.)/gs,
    (_, single, double, one) => single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? one,
  );
  return home !== undefined && word.startsWith('~/') ? home + text.slice(1) : text;
};
