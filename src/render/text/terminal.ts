import type { World } from '../../world.ts';
import { show } from './escape.ts';
import type { OutputFormat } from './members.ts';
import { type ColorFlag, type Paint, paintFor, type Symbols, symbolsFor, wantsColor } from './style.ts';

/** How to write to the two streams; decided once for each command. */
export type Terminal = {
  readonly out: Paint;
  readonly err: Paint;
  readonly symbols: Symbols;
  /** Columns of standard output; undefined if it is not a terminal: nothing is cut then. */
  readonly width: number | undefined;
  readonly errWidth: number | undefined;
};

export const terminalFor = (
  { env, stdout, stderr }: Pick<World, 'env' | 'stdout' | 'stderr'>,
  color: ColorFlag,
): Terminal => ({
  out: paintFor(wantsColor(color, env, stdout.isTTY)),
  err: paintFor(wantsColor(color, env, stderr.isTTY)),
  symbols: symbolsFor(env),
  width: stdout.isTTY ? stdout.columns() : undefined,
  errWidth: stderr.isTTY ? stderr.columns() : undefined,
});

/** A warning for standard error: a line for people, or JSON for scripts. */
export const warningText = (message: string, format: OutputFormat, paint: Paint): string =>
  format === 'table'
    ? `${paint.warn('warning:')} ${show(message)}\n`
    : `${JSON.stringify({ type: 'warning', message })}\n`;

/** The same for information that is not a problem. `members`: facts that scripts would otherwise have to parse. */
export const noticeText = (
  message: string,
  format: OutputFormat,
  paint: Paint,
  members: object = {},
): string =>
  format === 'table'
    ? `${paint.dim(show(message))}\n`
    : `${JSON.stringify({ type: 'notice', message, ...members })}\n`;
