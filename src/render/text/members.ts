import { show } from './escape.ts';
import type { Paint } from './style.ts';

export type OutputFormat = 'table' | 'json' | 'jsonl';

/** The result of a single call, with AWS's own member names. A member that AWS omitted is undefined. */
export type Members = Readonly<Record<string, unknown>>;

/** For people one line a member, `-` if AWS omitted it; for scripts JSON without it. */
export const renderMembers = (members: Members, format: OutputFormat, paint: Paint): string => {
  if (format !== 'table') return `${JSON.stringify(members, null, format === 'json' ? 2 : undefined)}\n`;
  const width = Math.max(...Object.keys(members).map(name => name.length));
  const lines = Object.entries(members).map(
    ([name, value]) => `${paint.bold(name.padEnd(width))}  ${textOf(value)}\n`,
  );
  return lines.join('');
};

const textOf = (value: unknown): string => {
  if (value === undefined) return '-';
  return show(typeof value === 'string' ? value : JSON.stringify(value));
};
