import type { RunSummary } from '../../ledger/queries/runs.ts';
import { isBilled, isUnfinished, STATUSES } from '../../usage/outcome.ts';
import { show } from './escape.ts';
import { grouped } from './numbers.ts';
import type { Paint } from './style.ts';
import { type Cell, type Column, renderTable, type TableStyle } from './table.ts';

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

const COLUMNS: readonly Column[] = [
  { title: 'RUN', align: 'right', whenNarrow: 'keep' },
  { title: 'STARTED', align: 'left', whenNarrow: 'keep' },
  { title: 'TOOK', align: 'right', whenNarrow: 'keep' },
  { title: 'EXIT', align: 'right', whenNarrow: 'keep' },
  { title: 'OUTCOMES', align: 'left', whenNarrow: 'keep' },
  { title: 'COMMAND', align: 'left', whenNarrow: 'cut' },
  { title: 'REGION', align: 'left', whenNarrow: 'drop' },
  { title: 'VERSION', align: 'left', whenNarrow: 'drop' },
];

export const runsTable = (runs: readonly RunSummary[], { width, paint, symbols }: TableStyle): string =>
  renderTable(
    COLUMNS,
    runs.map((run): Cell[] => [
      { text: String(run.run) },
      { text: `${run.started.slice(0, 19)}Z` },
      { text: run.seconds === undefined ? '-' : `${run.seconds.toFixed(1)} s` },
      { text: String(run.exitCode ?? '-'), paint: run.exitCode === 0 ? paint.ok : paint.warn },
      outcomesCell(run, paint),
      { text: show(`${run.command} ${run.files.join(' ')}`) },
      { text: show(run.region) },
      { text: show(run.version) },
    ]),
    { width, cutMark: symbols.cut, paintTitle: paint.bold },
  );

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
