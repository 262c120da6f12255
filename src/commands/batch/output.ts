import type { Connection } from '../../cli/connection/connect.ts';
import { jsonDocument, jsonLines, writeAll } from '../../cli/stream-json.ts';
import { forecastText } from '../../render/text/forecast.ts';
import { counted } from '../../render/text/numbers.ts';
import { outcomesTable, plannedMembers, plannedTable } from '../../render/text/outcomes.ts';
import { problemsText } from '../../render/text/problems.ts';
import { createProgress } from '../../render/text/progress.ts';
import { summaryText } from '../../render/text/summary.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { noticeText, warningText } from '../../render/text/terminal.ts';
import { toldIn } from '../../upload/execute.ts';
import type { Forecast } from '../../upload/preview.ts';
import type { RejectsNews } from '../../upload/rejects.ts';
import { isRejected, type Summary, type Tally } from '../../upload/result.ts';
import type { Plan, Reporter, ToldRecord } from '../../upload/upload.ts';
import { isBilled, type PlannedRecord, STATUSES } from '../../usage/outcome.ts';
import type { World } from '../../world.ts';
import { foundMembers, listingOf, recordMembers } from './listing.ts';
import type { BatchOptions } from './options.ts';
import { rejectsText } from './rejects-text.ts';

/** A longer table is hard to read: then only the records that are not billed are listed. */
const MAX_TABLE_ROWS = 100;

/** The end of a run. */
type RunReport = {
  readonly plan: Plan;
  readonly tally: Tally;
  /** Of these, what an earlier run has shown. */
  readonly known: Tally;
  readonly summary: Summary;
  /** Where the rows that are not billed are. */
  readonly rejects: readonly RejectsNews[];
};

/** Prints what `batch` reports, in the format that was asked for; with --quiet errors, and a format that was named. */
export type BatchReporter = Reporter & {
  /** What a dry run shows. */
  readonly plan: (forecast: Forecast, report: RunReport) => Promise<void>;
  readonly warn: (text: string) => Promise<void>;
  /** What to do about a run that does not end with exit code 0: it is part of the error, with --quiet too. */
  readonly remedy: (text: string) => Promise<void>;
  /** With --quiet, if nothing else explains why the run does not end with exit code 0. */
  readonly shortfall: (text: string, next: string) => Promise<void>;
  /** Not a problem, but good to know. */
  readonly notice: (text: string) => Promise<void>;
  readonly end: (report: RunReport) => Promise<void>;
};

/** Never aborted. */
const NEVER = new AbortController().signal;

const jsonLine = (type: string, members: object): string => `${JSON.stringify({ type, ...members })}\n`;

export const batchReporter = (
  options: BatchOptions,
  connection: Pick<Connection, 'destination' | 'local'>,
  world: World,
  terminal: Terminal,
): BatchReporter => {
  const { stdout, stderr } = world;
  const { output, quiet, knownProblems } = options;
  const { err, out, symbols } = terminal;
  const listing = listingOf(options);
  const progress = createProgress(world, output === 'table' && !quiet && !options.debug);
  const sent = { total: 0, settled: 0, notBilled: 0 };
  let traffic: { readonly requests: number } = { requests: 0 };
  /** The members of a hundred thousand records take a while, so they are built only to be printed. */
  const printRecord = (record: ToldRecord): void => {
    if (output === 'jsonl' && listing.isListedRecord(record))
      void stdout.write(jsonLine('outcome', recordMembers(record)));
  };

  const table = async ({ plan: { run, isInvalid }, tally, summary }: RunReport): Promise<void> => {
    const total = Object.values(tally).reduce((sum, count) => sum + count, 0) - tally.invalid;
    if (isInvalid || total === 0) return;
    const isShort = total <= MAX_TABLE_ROWS;
    const records = toldIn(run, isShort ? run.results.outcomes() : run.results.notBilled());
    const shown = records.filter(listing.isListedRecord);
    const listed = isShort ? byPlace(shown, summary.files) : firstOf(shown, MAX_TABLE_ROWS);
    if (listed.length > 0) {
      const view = { width: terminal.width, paint: out, symbols, manyFiles: summary.files.length > 1 };
      await stdout.write(outcomesTable(listed, view));
    }
    const rest = isShort ? 0 : total - listed.length;
    if (rest > 0) {
      await stderr.write(
        `${symbols.cut} ${counted(rest, 'record')} not listed; to get all, use -o jsonl or --results\n`,
      );
    }
  };

  const text = async (report: RunReport): Promise<void> => {
    if (quiet) return;
    await table(report);
    const { run, rows, records, requests, retries, seconds } = report.summary;
    const destination = destinationText(connection);
    const { tally, known } = report;
    const facts = { tally, known, rows, records, requests, retries, seconds, destination, run };
    await stderr.write(`\n${summaryText(facts, err)}`);
  };

  const document = async (
    { summary, plan: { run, found, isInvalid } }: RunReport,
    forecast?: Forecast,
  ): Promise<void> => {
    const problems = function* (): Generator<object> {
      yield* listing.errors(found).problems.map(foundMembers);
      if (isInvalid) return;
      for (const record of toldIn(run, run.results.notBilled()))
        if (listing.isListedRecord(record)) yield recordMembers(record);
    };
    await writeWhole(
      jsonDocument({
        summary: () => summary,
        ...(forecast !== undefined && { plan: () => forecast }),
        problems: problems(),
      }),
    );
  };

  /** Also when the program is asked to stop: what became of the records is what a script waits for. */
  const writeWhole = (parts: Iterable<string>): Promise<void> =>
    writeAll(parts, { stdout, sleep: world.sleep, stop: NEVER });

  /** The lines of a dry run. */
  function* planLines(forecast: Forecast, report: RunReport): Generator<string> {
    for (const record of settledIn(report))
      if (listing.isListedRecord(record)) yield jsonLine('outcome', recordMembers(record));
    if (hasAmounts(forecast)) yield* jsonLines('planned', plannedIn(report.plan.run).map(plannedMembers));
    yield jsonLine('plan', forecast);
    yield jsonLine('summary', report.summary);
  }

  return {
    problem: problem => {
      if (output === 'jsonl' && listing.isListedError(problem))
        void stdout.write(jsonLine('outcome', foundMembers(problem)));
    },
    checked: async found => {
      const { problems, total } = quiet ? listing.errors(found) : listing.problems(found);
      if (output === 'table') {
        const view = { problems, total, width: terminal.errWidth, paint: err, cutMark: symbols.cut };
        if (problems.length > 0) await stderr.write(problemsText(view));
        return;
      }
      // Scripts get the errors of the input with the outcomes, and the warnings here.
      for (const { severity, file, line, span, message } of problems) {
        if (severity !== 'warning') continue;
        await stderr.write(jsonLine('warning', { file, line, column: span?.column, message }));
      }
    },
    sending: (total, counts) => {
      sent.total = total;
      traffic = counts;
    },
    settled: record => {
      sent.settled += 1;
      if (!isBilled(record.outcome.status)) sent.notBilled += 1;
      progress.update({ ...sent, requests: traffic.requests });
      printRecord(record);
    },
    notSent: records => {
      progress.clear();
      if (output === 'jsonl') for (const record of records) printRecord(record);
    },
    plan: async (forecast, report) => {
      switch (output) {
        case 'json':
          return document(report, forecast);
        case 'jsonl':
          return writeWhole(planLines(forecast, report));
        case 'table': {
          if (quiet) return;
          await stdout.write(forecastText(forecast, report.tally, out));
          const view = {
            width: terminal.width,
            paint: out,
            symbols,
            manyFiles: report.summary.files.length > 1,
          };
          if (hasAmounts(forecast)) {
            const planned = firstOf(plannedIn(report.plan.run), MAX_TABLE_ROWS);
            await stdout.write(`\n${plannedTable(planned, view)}`);
            if (forecast.records > planned.length)
              await stderr.write(
                `${symbols.cut} ${counted(forecast.records - planned.length, 'record')} not listed; to get all, use -o jsonl\n`,
              );
          }
          const settled = firstOf(settledIn(report).filter(listing.isListedRecord), MAX_TABLE_ROWS);
          if (settled.length === 0) return;
          return stdout.write(`\n${outcomesTable(settled, view)}`);
        }
        default:
          return output satisfies never;
      }
    },
    warn: async text => {
      if (!quiet) await stderr.write(warningText(text, output, err));
    },
    remedy: text => stderr.write(warningText(text, output, err)),
    shortfall: async (text, next) => {
      if (quiet && output === 'table')
        await stderr.write(`${err.fail('error:')} ${text}\n  ${err.dim('next:')}  ${next}\n`);
    },
    notice: async text => {
      if (!quiet) await stderr.write(noticeText(text, output, err));
    },
    end: async report => {
      switch (output) {
        case 'json':
          await document(report);
          break;
        case 'jsonl':
          await stdout.write(jsonLine('summary', report.summary));
          break;
        case 'table':
          await text(report);
          break;
        default:
          output satisfies never;
      }
      // Quiet, a run with nothing new has nothing to say.
      if (!(quiet && knownProblems === 'ok' && !hasNews(report)))
        await stderr.write(rejectsText(report.rejects, options, err));
    },
  };
};

/** What is settled without being sent: conflicts, and what is too old. */
const settledIn = ({ plan: { run } }: RunReport): IteratorObject<ToldRecord> =>
  toldIn(run, run.results.notPlanned());

/** Whether anything is not billed that no earlier run has shown. */
const hasNews = ({ tally, known }: RunReport): boolean =>
  STATUSES.some(status => isRejected(status) && tally[status] > known[status]);

/** Whether a record is not sent as the file says it: then a dry run lists what would be sent. */
const hasAmounts = ({ dimensions }: Forecast): boolean => dimensions.some(({ used }) => used !== undefined);

function* plannedIn(run: Plan['run']): Generator<PlannedRecord> {
  for (const state of ['unknown', 'planned'] as const) yield* run.pending(state);
}

const firstOf = <T>(items: Iterable<T>, count: number): T[] => {
  const first: T[] = [];
  for (const item of items) {
    first.push(item);
    if (first.length === count) break;
  }
  return first;
};

const byPlace = (records: Iterable<ToldRecord>, files: readonly string[]): ToldRecord[] => {
  const order = new Map(files.map((file, index) => [file, index]));
  const fileOf = ({ rows: [place] }: ToldRecord): number =>
    (place?.run === undefined ? order.get(place?.file ?? '') : undefined) ?? files.length;
  const lineOf = ({ rows }: ToldRecord): number => rows[0]?.line ?? 0;
  return [...records].sort((a, b) => fileOf(a) - fileOf(b) || lineOf(a) - lineOf(b));
};

/** A named endpoint is shown: a forgotten variable sends a month of usage to an emulator. */
const destinationText = ({ destination, local }: Pick<Connection, 'destination' | 'local'>): string => {
  if (local) return 'the private emulator (--local)';
  const { region, url, endpointSource } = destination;
  return endpointSource === undefined ? region : `${region} at ${url.origin} (${endpointSource})`;
};
