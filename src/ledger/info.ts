import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openLedgerForReading } from './open.ts';
import { ledgerError, pragma } from './sqlite.ts';

export type LedgerInfo = {
  readonly ledger: string;
  readonly bytes: number;
  readonly schemaVersion: number;
  readonly journalMode: string;
  readonly sqlite: string;
  readonly records: number;
  /** Counts by the ledger's own states: `planned` is not sent yet, `sent` has no answer yet. */
  readonly states: Readonly<Record<string, number>>;
  /** The first and the last hour with a record, ISO 8601; null without records. */
  readonly firstHour: string | null;
  readonly lastHour: string | null;
  readonly destinations: readonly {
    readonly endpoint: string;
    readonly region: string;
    readonly records: number;
  }[];
  readonly runs: number;
  readonly lastRun: {
    readonly run: number;
    readonly started: string;
    /** Null when the run was killed, or is still running. */
    readonly ended: string | null;
    readonly exitCode: number | null;
  } | null;
};

/** A summary of the ledger at a path. Throws LedgerError. */
export const infoOf = (path: string): LedgerInfo =>
  readLedger(path, db => {
    const one = (sql: string): Record<string, unknown> => db.prepare(sql).get() ?? {};
    const states = db.prepare('SELECT status, count(*) AS count FROM record GROUP BY status').all();
    const hours = one('SELECT min(timestamp) AS first, max(timestamp) AS last FROM record');
    const run = one('SELECT id, started, ended, exit_code FROM run ORDER BY id DESC LIMIT 1');
    return {
      ledger: resolve(path),
      bytes: statSync(path).size,
      schemaVersion: Number(pragma(db, 'user_version')),
      journalMode: String(pragma(db, 'journal_mode')),
      sqlite: String(one('SELECT sqlite_version() AS version').version),
      records: states.reduce((sum, { count }) => sum + Number(count), 0),
      states: Object.fromEntries(states.map(({ status, count }) => [String(status), Number(count)])),
      firstHour: isoHour(hours.first),
      lastHour: isoHour(hours.last),
      destinations: db
        .prepare(
          `SELECT endpoint, region, (SELECT count(*) FROM record WHERE destination = destination.id) AS records
           FROM destination ORDER BY id`,
        )
        .all()
        .map(row => ({ ...row })) as unknown as LedgerInfo['destinations'],
      runs: Number(one('SELECT count(*) AS runs FROM run').runs),
      lastRun:
        run.id === undefined
          ? null
          : {
              run: Number(run.id),
              started: String(run.started),
              ended: run.ended as string | null,
              exitCode: run.exit_code as number | null,
            },
    };
  });

/**
 * Reads from the ledger at a path. What was read is discarded when another program wrote to the file meanwhile: then it
 * throws LedgerError. `use` calls `check` to find out earlier.
 */
export const readLedger = <T>(
  path: string,
  use: (db: DatabaseSync, check: () => void) => T,
  waitMs?: number,
): T => {
  const { db, check, close } = openLedgerForReading(path, waitMs);
  try {
    const found = use(db, check);
    check();
    return found;
  } catch (error) {
    check();
    throw ledgerError(path, error);
  } finally {
    close();
  }
};

export const isoHour = (timestamp: unknown): string | null =>
  typeof timestamp === 'number' ? new Date(timestamp * 1000).toISOString() : null;
