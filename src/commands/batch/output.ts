import { type Forecast, forecastText } from '../../render/text/forecast.ts';
import { counted } from '../../render/text/numbers.ts';
import { outcomeMembers, outcomesTable, problemMembers } from '../../render/text/outcomes.ts';
import { problemsText } from '../../render/text/problems.ts';
import { summaryText } from '../../render/text/summary.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { noticeText, warningText } from '../../render/text/warning.ts';
import type { Found } from '../../upload/problems.ts';
import type { RejectsNews } from '../../upload/rejects.ts';
import type { Summary, Tally } from '../../upload/result.ts';
import { isBilled, type SettledRecord, STATUSES } from '../../usage/outcome.ts';
import type { Problem } from '../../usage/row.ts';
import type { World } from '../../world.ts';
import type { BatchOptions } from './options.ts';
import { rejectsText } from './rejects-text.ts';

/** A table longer than this is no longer read: then it lists only what is not billed. Rows. */
const TABLE_ROWS = 100;

export type End = {
  readonly summary: Summary;
  readonly tally: Tally;
  readonly found: Found;
  /** Nothing was sent, because rows are invalid. */
  readonly refused: boolean;
  readonly destination: string;
  /** What became of the rows that are not billed. */
  readonly rejects: readonly RejectsNews[];
  /** Records of the run that are to be listed. */
  readonly all: () => Iterable<SettledRecord>;
  readonly notBilled: () => Iterable<SettledRecord>;
};

/** What `batch` says, in the format that was asked for; with --quiet errors, and a format that was named. */
export type BatchReporter = {
  readonly problem: (problem: Problem) => void;
  readonly settled: (record: SettledRecord) => void;
  readonly problems: (found: Found) => Promise<void>;
  /** What a dry run shows. */
  readonly plan: (forecast: Forecast, end: End) => Promise<void>;
  readonly warn: (text: string) => Promise<void>;
  /** What has to be done about a run that does not end with exit code 0: it belongs to the error, with --quiet too. */
  readonly remedy: (text: string) => Promise<void>;
  /** With --quiet, where nothing else tells why the run does not end with exit code 0. */
  readonly shortfall: (text: string, next: string) => Promise<void>;
  /** What is no trouble but must be known. */
  readonly notice: (text: string) => Promise<void>;
  readonly end: (end: End) => Promise<void>;
};

const jsonLine = (type: string, members: object): string => `${JSON.stringify({ type, ...members })}\n`;

export const batchReporter = (options: BatchOptions, world: World, terminal: Terminal): BatchReporter => {
  const { stdout, stderr } = world;
  const { output, quiet } = options;
  const { err, out, symbols } = terminal;

  const table = async ({ tally, all, notBilled, refused, summary }: End): Promise<void> => {
    const total = Object.values(tally).reduce((sum, count) => sum + count, 0) - tally.invalid;
    if (refused || total === 0) return;
    const isShort = total <= TABLE_ROWS;
    const listed = isShort ? byPlace(all(), summary.files) : firstOf(notBilled(), TABLE_ROWS);
    if (listed.length > 0) {
      const view = { width: terminal.width, paint: out, symbols, manyFiles: summary.files.length > 1 };
      await stdout.write(outcomesTable(listed, view));
    }
    const rest = total - listed.length;
    if (rest > 0) {
      await stderr.write(
        `${symbols.cut} ${counted(rest, 'record')} not listed; -o jsonl has all, and so has a file named with --results\n`,
      );
    }
  };

  const text = async (end: End): Promise<void> => {
    if (quiet) return;
    await table(end);
    const { run, rows, records, requests, retries, seconds } = end.summary;
    const facts = {
      tally: end.tally,
      rows,
      records,
      requests,
      retries,
      seconds,
      destination: end.destination,
      run,
    };
    await stderr.write(`\n${summaryText(facts, err)}`);
  };

  const document = async (
    { summary, found, notBilled, refused }: End,
    forecast?: Forecast,
  ): Promise<void> => {
    const member = (name: string, value: object): string =>
      `  "${name}": ${JSON.stringify(value, null, 2).replaceAll('\n', '\n  ')},\n`;
    const plan = forecast === undefined ? '' : member('plan', forecast);
    await stdout.write(`{\n${member('summary', summary)}${plan}  "problems": [`);
    let separator = '\n    ';
    const list = async (members: object): Promise<void> => {
      await stdout.write(`${separator}${JSON.stringify(members)}`);
      separator = ',\n    ';
    };
    for (const problem of found.problems)
      if (problem.severity === 'error') await list(problemMembers(problem));
    if (!refused) for (const record of notBilled()) await list(outcomeMembers(record));
    await stdout.write(separator === '\n    ' ? ']\n}\n' : '\n  ]\n}\n');
  };

  return {
    problem: problem => {
      if (output !== 'jsonl') return;
      if (problem.severity === 'error') void stdout.write(jsonLine('outcome', problemMembers(problem)));
    },
    settled: record => {
      if (output === 'jsonl') void stdout.write(jsonLine('outcome', outcomeMembers(record)));
    },
    problems: async found => {
      const { problems, total } = quiet ? errorsOf(found) : found;
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
    plan: async (forecast, end) => {
      switch (output) {
        case 'json':
          return document(end, forecast);
        case 'jsonl':
          for (const record of settledIn(end))
            await stdout.write(jsonLine('outcome', outcomeMembers(record)));
          await stdout.write(jsonLine('plan', forecast));
          return stdout.write(jsonLine('summary', end.summary));
        case 'table': {
          if (quiet) return;
          await stdout.write(forecastText(forecast, end.tally, out));
          const settled = firstOf(settledIn(end), TABLE_ROWS);
          if (settled.length === 0) return;
          const view = {
            width: terminal.width,
            paint: out,
            symbols,
            manyFiles: end.summary.files.length > 1,
          };
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
    end: async end => {
      switch (output) {
        case 'json':
          await document(end);
          break;
        case 'jsonl':
          await stdout.write(jsonLine('summary', end.summary));
          break;
        case 'table':
          await text(end);
          break;
        default:
          output satisfies never;
      }
      await stderr.write(rejectsText(end.rejects, options, err));
    },
  };
};

/** How many records are not billed, and what became of them. */
export const shortfallText = (tally: Tally): string => {
  const counts = STATUSES.filter(status => !isBilled(status) && tally[status] > 0);
  const total = counts.reduce((sum, status) => sum + tally[status], 0);
  const kinds = counts.map(status => `${tally[status]} ${status}`).join(', ');
  return `${counted(total, 'record')} ${total === 1 ? 'is' : 'are'} not billed: ${kinds}`;
};

/** How many of those that are not kept are warnings is not known: they count as errors. */
const errorsOf = ({ problems, total }: Found): Pick<Found, 'problems' | 'total'> => {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return { problems: errors, total: total - (problems.length - errors.length) };
};

/** What is settled without being sent: conflicts, and what is too old. */
function* settledIn({ notBilled }: End): Generator<SettledRecord> {
  for (const record of notBilled()) if (record.outcome.status !== 'unsent') yield record;
}

const firstOf = <T>(items: Iterable<T>, count: number): T[] => {
  const first: T[] = [];
  for (const item of items) {
    first.push(item);
    if (first.length === count) break;
  }
  return first;
};

const byPlace = (records: Iterable<SettledRecord>, files: readonly string[]): SettledRecord[] => {
  const order = new Map(files.map((file, index) => [file, index]));
  const fileOf = ({ rows: [place] }: SettledRecord): number =>
    (place?.run === undefined ? order.get(place?.file ?? '') : undefined) ?? files.length;
  const lineOf = ({ rows }: SettledRecord): number => rows[0]?.line ?? 0;
  return [...records].sort((a, b) => fileOf(a) - fileOf(b) || lineOf(a) - lineOf(b));
};
