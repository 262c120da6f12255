import { Chalk } from 'chalk';
import type { Env } from '../../world.ts';

export type ColorFlag = 'auto' | 'always' | 'never';

/** Colors by their meaning. A symbol and a word always say the same, so that nothing is lost without color. */
export type Paint = {
  readonly ok: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly fail: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
};

export type Symbols = {
  readonly ok: string;
  readonly warn: string;
  readonly fail: string;
  readonly cut: string;
  /** Parts of a character cell that a bar fills, the smallest first, the whole cell last. */
  readonly bar: readonly string[];
  /** A cell of the part of a bar that counts less. */
  readonly faint: string;
};

/**
 * Whether a stream gets color, in the same order as in Commander: the flag, NO_COLOR, FORCE_COLOR, a dumb terminal,
 * any terminal. Chalk itself does not respect NO_COLOR.
 */
export const wantsColor = (flag: ColorFlag, env: Env, isTTY: boolean): boolean => {
  if (flag !== 'auto') return flag === 'always';
  if (env.NO_COLOR) return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTTY && env.TERM !== 'dumb';
};

export const paintFor = (color: boolean): Paint => {
  if (!color) return UNPAINTED;
  const chalk = new Chalk({ level: 1 });
  return { ok: chalk.green, warn: chalk.yellow, fail: chalk.red, dim: chalk.dim, bold: chalk.bold };
};

const asItIs = (text: string): string => text;

const UNPAINTED: Paint = { ok: asItIs, warn: asItIs, fail: asItIs, dim: asItIs, bold: asItIs };

/** By the locale of the environment, in the order of POSIX: LC_ALL, LC_CTYPE, LANG. */
export const symbolsFor = (env: Env): Symbols => {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale)
    ? { ok: '✓', warn: '!', fail: '✗', cut: '…', bar: [...'▏▎▍▌▋▊▉█'], faint: '░' }
    : { ok: '+', warn: '!', fail: 'x', cut: '~', bar: ['#'], faint: '.' };
};
