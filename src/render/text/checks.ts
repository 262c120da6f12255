import { show } from './escape.ts';
import type { OutputFormat } from './members.ts';
import type { Paint, Symbols } from './style.ts';
import type { Terminal } from './terminal.ts';
import { PROSE_WIDTH, wrap } from './width.ts';

/** `skipped`: it could not be checked; another check says why. */
export const CHECK_STATUSES = ['ok', 'warn', 'fail', 'skipped'] as const;

export type CheckStatus = (typeof CHECK_STATUSES)[number];

export type CheckDocument = {
  readonly check: string;
  readonly status: CheckStatus;
  /** The result. A contract, as all of this: `doctor -o json` prints it. */
  readonly says: string;
  /** What to do. */
  readonly next?: string | undefined;
  /** For scripts: the result as data. */
  readonly facts?: Readonly<Record<string, unknown>>;
};

/** `unknown`: what no check can find out. `policy`: an IAM policy to copy. */
export type DoctorDocument = {
  readonly exitCode: number;
  readonly checks: readonly CheckDocument[];
  readonly unknown: readonly string[];
  readonly policy: object;
};

export const checkedJson = (
  { exitCode, checks, unknown, policy }: DoctorDocument,
  format: OutputFormat,
): string => {
  if (format === 'json') return `${JSON.stringify({ exitCode, checks, unknown, policy }, null, 2)}\n`;
  const lines = [
    ...checks.map(check => ({ type: 'check', ...check })),
    { type: 'summary', exitCode, unknown, policy },
  ];
  return lines.map(line => `${JSON.stringify(line)}\n`).join('');
};

export const checkedText = ({ checks, unknown, policy }: DoctorDocument, terminal: Terminal): string => {
  const { out: paint, symbols } = terminal;
  const nameWidth = Math.max(...checks.map(({ check }) => check.length));
  const indent = ' '.repeat(STATUS_WIDTH + nameWidth + 2);
  const width = Math.max(PROSE_WIDTH, Math.min(terminal.width ?? MAX_WIDTH, MAX_WIDTH));
  const room = width - indent.length;
  const lines = checks.map(({ check, status, says, next }) => {
    const head = `${markOf(status, paint, symbols)}${paint.bold(check.padEnd(nameWidth))}  `;
    const found = wrap(show(says), room, indent);
    const remedy =
      next === undefined
        ? ''
        : `\n${indent}${paint.dim('next:')} ${wrap(show(next), room - 6, `${indent}      `)}`;
    return `${head}${found}${remedy}\n`;
  });
  const open = unknown.map(text => `  ${wrap(text, width - 2, '  ')}\n`);
  return `${lines.join('')}
Not checked (would require a real call):
${open.join('')}
An IAM policy that allows the command:
${JSON.stringify(policy, null, 2)}
`;
};

/** Columns. */
const MAX_WIDTH = 110;

/** The symbol, a space and the longest word. */
const STATUS_WIDTH = 11;

const markOf = (status: CheckStatus, paint: Paint, symbols: Symbols): string => {
  const word = (symbol: string): string => `${symbol} ${status}`.padEnd(STATUS_WIDTH);
  switch (status) {
    case 'ok':
      return paint.ok(word(symbols.ok));
    case 'warn':
      return paint.warn(word(symbols.warn));
    case 'fail':
      return paint.fail(word(symbols.fail));
    case 'skipped':
      return paint.dim(word('-'));
    default:
      return status satisfies never;
  }
};
