import type { EpochMs } from '../../usage/hours.ts';
import { MEMBER_OF, STATUSES, type Status } from '../../usage/outcome.ts';
import type { KnownDestination } from '../known-record.ts';
import type { LedgerReader } from '../reader.ts';

/** A run of the ledger. */
type KnownRun = KnownDestination & {
  readonly run: number;
  /** RFC 3339. */
  readonly started: string;
  /** Undefined when the run was killed, or is still running. */
  readonly ended: string | undefined;
  readonly version: string;
  readonly files: readonly string[];
  readonly exitCode: number | undefined;
  /** The summary that the run wrote at its end. */
  readonly summary: Readonly<Record<string, unknown>> | undefined;
};

/** A run with the figures of its summary. */
export type RunSummary = Omit<KnownRun, 'summary'> & {
  readonly command: 'batch' | 'ledger import';
  readonly seconds: number | undefined;
  readonly records: number | undefined;
  readonly requests: number | undefined;
  /** Undefined when the run did not finish. */
  readonly counts: { readonly [S in Status]?: number } | undefined;
};

type RunSelection = {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** Started at this time or later. */
  readonly sinceMs?: EpochMs | undefined;
  /** Started before this time. */
  readonly untilMs?: EpochMs | undefined;
  readonly run?: number | undefined;
};

/** The selected runs, oldest first. */
export function* runsIn(reader: LedgerReader, selection: RunSelection): Generator<KnownRun> {
  const { endpoint, region, sinceMs, untilMs, run } = selection;
  const rows = reader.each(
    `SELECT run.*, endpoint, region FROM run CROSS JOIN destination ON destination.id = run.destination
     WHERE (?1 IS NULL OR endpoint = ?1) AND (?2 IS NULL OR region = ?2) AND (?3 IS NULL OR started >= ?3)
       AND (?4 IS NULL OR started < ?4) AND (?5 IS NULL OR run.id = ?5) ORDER BY run.id`,
    endpoint ?? null,
    region ?? null,
    textOf(sinceMs),
    textOf(untilMs),
    run ?? null,
  );
  for (const row of rows) {
    const { id, started, ended, version, files, exit_code, summary } = row as unknown as RunRow;
    yield {
      endpoint: String(row['endpoint']),
      region: String(row['region']),
      run: id,
      started,
      ended: ended ?? undefined,
      version,
      files: JSON.parse(files),
      exitCode: exit_code ?? undefined,
      summary: summary === null ? undefined : JSON.parse(summary),
    };
  }
}

/** A killed run has no summary, and the summary of an older version may lack a member. */
export const runSummary = ({ summary, ...run }: KnownRun): RunSummary => {
  const number = (member: string): number | undefined => {
    const value = summary?.[member];
    return typeof value === 'number' ? value : undefined;
  };
  return {
    ...run,
    command: summary?.['imported'] === true ? 'ledger import' : 'batch',
    seconds: number('seconds'),
    records: number('records'),
    requests: number('requests'),
    counts:
      summary === undefined || run.ended === undefined
        ? undefined
        : Object.fromEntries(STATUSES.map(status => [status, number(MEMBER_OF[status]) ?? 0])),
  };
};

/** In the format of the ledger, so that times compare as text. */
const textOf = (ms: EpochMs | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

type RunRow = {
  readonly id: number;
  readonly started: string;
  readonly ended: string | null;
  readonly version: string;
  readonly files: string;
  readonly exit_code: number | null;
  readonly summary: string | null;
};
