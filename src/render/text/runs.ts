import type { RunSummary } from '../../ledger/queries/runs.ts';
import { isBilled, isUnfinished, STATUSES } from '../../usage/outcome.ts';
import { show } from './escape.ts';
import { grouped } from './numbers.ts';
import type { Paint } from './style.ts';
import { type Cell, type Column, GAP, renderTable, type TableStyle, tableWidth } from './table.ts';
import { wrap } from './width.ts';

/** A run for scripts; a contract. Unknown values are null. */
export const runMembers = (run: RunSummary) => ({
  run: run.run,
  command: run.command,
  files: run.files,
  started: run.started,
  ended: run.ended ?? null,
  seconds: run.seconds ?? null,
  exitCode: run.exitCode ?? null,
  records: run.records ?? null,
  requests: run.requests ?? null,
  statuses:
    run.counts === undefined
      ? null
      : Object.fromEntries(STATUSES.map(status => [status, run.counts?.[status] ?? 0])),
  version: run.version,
  region: run.region,
  endpoint: run.endpoint,
});

const FACTS: readonly Column[] = [
  { title: 'RUN', align: 'right', whenNarrow: 'keep' },
  { title: 'STARTED', align: 'left', whenNarrow: 'keep' },
  { title: 'TOOK', align: 'right', whenNarrow: 'keep' },
  { title: 'EXIT', align: 'right', whenNarrow: 'keep' },
];
const OUTCOMES: Column = { title: 'OUTCOMES', align: 'left', whenNarrow: 'keep' };
const COMMAND: Column = { title: 'COMMAND', align: 'left', whenNarrow: 'keep' };
const PLACES: readonly Column[] = [
  { title: 'REGION', align: 'left', whenNarrow: 'drop' },
  { title: 'VERSION', align: 'left', whenNarrow: 'drop' },
];

/** A line for each run. Where that is too wide, outcomes and commands share a column: each has lines of its own there. */
export const runsTable = (runs: readonly RunSummary[], { width, paint, symbols }: TableStyle): string => {
  const layout = { width, cutMark: symbols.cut, paintTitle: paint.bold };
  const wide = runs.map((run): Cell[] => [
    ...factCells(run, paint),
    outcomesCell(run, paint),
    { text: show(run.region) },
    { text: show(run.version) },
    { text: commandText(run) },
  ]);
  const needed = tableWidth(
    [...FACTS, OUTCOMES, COMMAND],
    wide.map(cells => cells.filter((_, place) => place < FACTS.length + 1 || place === cells.length - 1)),
  );
  if (width === undefined || needed <= width)
    return renderTable([...FACTS, OUTCOMES, ...PLACES, COMMAND], wide, layout);

  const facts = runs.map(run => factCells(run, paint));
  const room = Math.max(MIN_SHARED, width - tableWidth(FACTS, facts) - GAP.length);
  const rows = runs.flatMap((run, place) =>
    [
      ...cellLines(outcomesCell(run, paint), room),
      ...cellLines({ text: commandText(run), paint: paint.dim }, room),
    ].map((cell, line): Cell[] => [...(line === 0 ? (facts[place] ?? []) : FACTS.map(() => EMPTY)), cell]),
  );
  const shared: Column = { title: 'OUTCOMES, COMMAND', align: 'left', whenNarrow: 'cut' };
  return renderTable([...FACTS, shared], rows, layout);
};

const MIN_SHARED = 20;
const EMPTY: Cell = { text: '' };

const factCells = (run: RunSummary, paint: Paint): Cell[] => [
  { text: String(run.run) },
  { text: `${run.started.slice(0, 19)}Z` },
  { text: run.seconds === undefined ? '-' : `${run.seconds.toFixed(1)} s` },
  { text: String(run.exitCode ?? '-'), paint: run.exitCode === 0 ? paint.ok : paint.warn },
];

const commandText = ({ command, files }: RunSummary): string => show(`${command} ${files.join(' ')}`);

/** A cell in lines of at most `room` columns. A number stays with its status; a longer word is cut by the table. */
const cellLines = ({ text, paint }: Cell, room: number): Cell[] =>
  wrap(text.replace(/(?<![^ ])([0-9,]+) /g, '$1\u00a0'), room)
    .split('\n')
    .map(line => ({ text: line.replaceAll('\u00a0', ' '), paint }));

const outcomesCell = ({ counts, ended }: RunSummary, paint: Paint): Cell => {
  if (counts === undefined)
    return { text: ended === undefined ? 'running, or killed' : '-', paint: paint.warn };
  const present = STATUSES.filter(status => (counts[status] ?? 0) > 0);
  if (present.length === 0) return { text: 'no records' };
  const color = present.every(isBilled)
    ? paint.ok
    : present.some(status => !isBilled(status) && !isUnfinished(status))
      ? paint.fail
      : paint.warn;
  return {
    text: present.map(status => `${grouped(counts[status] ?? 0)} ${status}`).join(', '),
    paint: color,
  };
};
