import type { KnownDestination, LedgerReader } from '../reader.ts';

/** A run as the ledger has it. */
export type KnownRun = KnownDestination & {
  readonly run: number;
  /** RFC 3339. */
  readonly started: string;
  /** Undefined when the run was killed, or goes on. */
  readonly ended: string | undefined;
  readonly version: string;
  readonly files: readonly string[];
  readonly exitCode: number | undefined;
  /** What the run said of itself at its end. */
  readonly summary: Readonly<Record<string, unknown>> | undefined;
};

export type RunSelection = {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** Begun at this time or later, epoch milliseconds. */
  readonly since?: number | undefined;
  /** Begun before this time, epoch milliseconds. */
  readonly until?: number | undefined;
  readonly run?: number | undefined;
};

/** The runs that are asked for, oldest first. */
export function* runsIn(reader: LedgerReader, selection: RunSelection): Generator<KnownRun> {
  const { endpoint, region, since, until, run } = selection;
  const rows = reader.each(
    `SELECT run.*, endpoint, region FROM run CROSS JOIN destination ON destination.id = run.destination
     WHERE (?1 IS NULL OR endpoint = ?1) AND (?2 IS NULL OR region = ?2) AND (?3 IS NULL OR started >= ?3)
       AND (?4 IS NULL OR started < ?4) AND (?5 IS NULL OR run.id = ?5) ORDER BY run.id`,
    endpoint ?? null,
    region ?? null,
    textOf(since),
    textOf(until),
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

/** As the ledger writes times, so that they compare as text. */
const textOf = (ms: number | undefined): string | null =>
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
