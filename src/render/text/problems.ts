import type { Problem } from '../../usage/row.ts';
import { show } from './escape.ts';
import { counted } from './numbers.ts';
import type { Paint } from './style.ts';
import { characterWidth, cut, displayWidth, wrapAfter } from './width.ts';

export type ProblemsView = {
  /** In the order of the input; some may be missing. */
  readonly problems: readonly Problem[];
  /** The number of all problems. */
  readonly total: number;
  /** Columns of the terminal; undefined without one: then only very long lines are cut. */
  readonly width: number | undefined;
  readonly paint: ProblemPaint;
  /** Replaces text that is cut off. */
  readonly cutMark?: string;
};

/**
 * The problems of the input, each with its place, the line and a caret below the cell. At most twenty rows: those with
 * errors before those that have only warnings, and the problems of a row together. Empty if there are none.
 *
 *     usage.csv:4:17: error: quantity must be a whole number, 0 or more
 *       |
 *     4 | 123456789012,gb,oops,2026-08-24T10:00:00Z
 *       |                 ^^^^
 *       = help: leave the cell empty only if the dimension allows it
 */
export const problemsText = ({ problems, total, width, paint, cutMark = '…' }: ProblemsView): string => {
  const rows = selectRows(byRow(problems));
  const blocks = rows.map(row => row.map(problem => block(problem, { width, paint, cutMark })).join(''));
  const more = total - rows.reduce((sum, row) => sum + row.length, 0);
  if (more > 0) {
    blocks.push(
      `${paint.dim(`${cutMark} and ${counted(more, 'more problem')} (use -o jsonl to see all)`)}\n`,
    );
  }
  return blocks.join('\n');
};

type ProblemPaint = Pick<Paint, 'fail' | 'warn' | 'dim' | 'bold'>;

type Style = { readonly width: number | undefined; readonly paint: ProblemPaint; readonly cutMark: string };

const MAX_ROWS = 20;
/** Columns of a message that quotes a cell. */
const MAX_MESSAGE = 400;
/** Columns of a line of the file without a terminal: enough to find the place, and no megabyte in cron's mail. */
const MAX_LINE = 240;
const MIN_LINE = 20;

const byRow = (problems: readonly Problem[]): readonly Problem[][] => {
  const rows = new Map<string, Problem[]>();
  for (const problem of problems) {
    const place = `${problem.line}:${problem.file}`;
    const row = rows.get(place);
    if (row === undefined) rows.set(place, [problem]);
    else row.push(problem);
  }
  return [...rows.values()];
};

/** Errors stop the run, so warnings must not displace them. */
const selectRows = (rows: readonly Problem[][]): readonly Problem[][] => {
  if (rows.length <= MAX_ROWS) return rows;
  const wrong = rows.filter(row => row.some(({ severity }) => severity === 'error'));
  const others = rows.filter(row => row.every(({ severity }) => severity !== 'error'));
  const kept = new Set([...wrong, ...others].slice(0, MAX_ROWS));
  return rows.filter(row => kept.has(row));
};

const block = (problem: Problem, style: Style): string => {
  const { file, line, severity, message, help, raw, span } = problem;
  const { paint } = style;
  const place = span === undefined ? `${file}:${line}` : `${file}:${line}:${span.column}`;
  const level = severity === 'error' ? paint.fail('error:') : paint.warn('warning:');
  const lines = [`${paint.bold(show(place))}: ${level} ${paint.bold(messageText(message, style))}`];
  const gutter = ' '.repeat(String(line).length);
  if (raw !== undefined) {
    const room = style.width === undefined ? MAX_LINE : Math.max(MIN_LINE, style.width - gutter.length - 3);
    const { text, offset, length } = excerpt(raw, span, room, style.cutMark);
    const mark = severity === 'error' ? paint.fail : paint.warn;
    lines.push(`${gutter} ${paint.dim('|')}`, `${paint.dim(`${line} |`)} ${text}`);
    if (length > 0)
      lines.push(`${gutter} ${paint.dim('|')} ${' '.repeat(offset)}${mark('^'.repeat(length))}`);
  }
  if (help !== undefined) {
    const label = `${gutter} = help: `;
    const text = messageText(help, style);
    const shown = style.width === undefined ? text : wrapAfter(label, text, style.width);
    lines.push(`${gutter} ${paint.dim('=')} ${paint.bold('help:')} ${shown}`);
  }
  return `${lines.join('\n')}\n`;
};

const messageText = (text: string, { cutMark }: Style): string => cut(show(text), MAX_MESSAGE, cutMark);

type Excerpt = {
  readonly text: string;
  /** The first column of the caret, from 0, and its width; 0 columns without a span. */
  readonly offset: number;
  readonly length: number;
};

/** The first line of `raw` in `room` columns, cut around the span. */
const excerpt = (raw: string, span: Problem['span'], room: number, cutMark: string): Excerpt => {
  const [line = ''] = raw.split(/\r\n|\n|\r/, 1);
  const at = unitOf(line, (span?.column ?? 1) - 1);
  // A line may be a megabyte long: only what is near the place is needed.
  const low = unitOf(line, 0, Math.max(0, at - 2 * room));
  const high = unitOf(line, 0, at + 2 * room);
  const characters = Array.from(line.slice(low, high));
  const from = Array.from(line.slice(low, at)).length;
  const to = from + (span?.length ?? 0);
  const shown = characters.map(show);
  const widths = shown.map((text, index) =>
    text === characters[index] ? characterWidth(text) : displayWidth(text),
  );
  const open = { left: low > 0, right: high < raw.length };
  const { start, end } = fit(widths, from, room, { ...open, mark: displayWidth(cutMark) });
  const before = start > 0 || open.left ? cutMark : '';
  const after = end < shown.length || open.right ? cutMark : '';
  return {
    text: before + shown.slice(start, end).join('') + after,
    offset: displayWidth(before) + sum(widths.slice(start, from)),
    length: span === undefined ? 0 : Math.max(1, sum(widths.slice(from, Math.min(to, end)))),
  };
};

/** The UTF-16 unit at which code point number `points` starts, or the one that covers unit `atLeast`. */
const unitOf = (text: string, points: number, atLeast = 0): number => {
  let unit = 0;
  for (let point = 0; unit < text.length && (point < points || unit < atLeast); point++) {
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  }
  return unit;
};

const sum = (widths: readonly number[]): number => widths.reduce((total, width) => total + width, 0);

/** The characters from `start` to `end` that fit into `room` columns: `from` is one of them, a third of the room is before it. */
const fit = (
  widths: readonly number[],
  from: number,
  room: number,
  open: { readonly left: boolean; readonly right: boolean; readonly mark: number },
): { start: number; end: number } => {
  const openEnds = (open.left ? open.mark : 0) + (open.right ? open.mark : 0);
  if (sum(widths) + openEnds <= room) return { start: 0, end: widths.length };
  const widthAt = (index: number): number => widths[index] ?? 0;
  let left = room - 2 * open.mark;
  let start = from;
  const context = left - Math.floor(left / 3);
  while (start > 0 && left - widthAt(start - 1) >= context) left -= widthAt(--start);
  let end = from;
  while (end < widths.length && left - widthAt(end) >= 0) left -= widthAt(end++);
  while (start > 0 && left - widthAt(start - 1) >= 0) left -= widthAt(--start);
  return { start, end };
};
