import { chmodSync, lstatSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../errors.ts';
import { makeDraft, takeFreePlace } from '../files/atomic-write.ts';
import { scopeOfRecorded } from '../usage/scope.ts';
import { MAY_BE_BILLED, sameKey } from './fragments.ts';
import { destinationId } from './pins.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';
import { inTransaction, pragma } from './sqlite.ts';

/**
 * Brings a ledger up to date, completely or not at all. A ledger of an earlier version is copied first, to `FILE.v1` and
 * so on: the version that wrote it cannot read the new one. `file`: undefined for one that is deleted with the process.
 */
export const migrate = (db: DatabaseSync, file: string | undefined): void => {
  const version = Number(pragma(db, 'user_version'));
  if (version === MIGRATIONS.length) return;
  if (version > 0 && file !== undefined) keepCopy(db, `${file}.v${version}`);
  inTransaction(db, () => {
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    if (version === 1) renameDestinations(db);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
  });
};

/** A copy that already exists is from an earlier attempt, before anything was changed. */
const keepCopy = (db: DatabaseSync, target: string): void => {
  const facts = lstatSync(target, { throwIfNoEntry: false });
  if (facts === undefined) copyDatabase(db, target);
  if (facts === undefined || facts.isFile()) return;
  throw new LedgerError(`the ledger cannot be upgraded: its copy would be ${target}`, {
    because: 'this path exists and is not a regular file',
    next: 'move it away, then run the same command again',
  });
};

/**
 * Writes a private copy of a database, complete and on the disk before it gets its name. `place`: not a link. Throws
 * Node's EEXIST if it exists.
 */
export const copyDatabase = (db: DatabaseSync, place: string): void => {
  const draft = makeDraft(place);
  try {
    db.prepare('VACUUM INTO ?').run(draft);
    chmodSync(draft, 0o600);
    takeFreePlace(draft, place);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};

/**
 * Version 1 treated each host name of AWS as a destination of its own. From here on they are all `aws`. If two of them
 * have a record of one key, the accepted one is kept, otherwise the one that may be billed, otherwise the one that was
 * read later; the other is deleted. Of two that may be billed, one keeps its old destination.
 */
const renameDestinations = (db: DatabaseSync): void => {
  const all = db.prepare('SELECT id, endpoint, region FROM destination ORDER BY id').all();
  for (const { id, endpoint, region } of all) {
    const named = scopeOfRecorded(String(endpoint), String(region));
    if (named.endpoint === endpoint && named.region === region) continue;
    const to = destinationId(db, named);
    const from = Number(id);
    db.prepare(
      `DELETE FROM record WHERE destination = ?1 AND EXISTS (
         SELECT 1 FROM record AS other WHERE other.destination = ?2 AND ${SAME_KEY}
           AND (${rank('other')} > ${rank('record')}
             OR ${rank('other')} = 0 AND ${rank('record')} = 0 AND other.seen > record.seen))`,
    ).run(to, from);
    db.prepare('UPDATE OR IGNORE record SET destination = ?1 WHERE destination = ?2').run(to, from);
    db.prepare(
      `DELETE FROM record WHERE destination = ?2 AND EXISTS (
         SELECT 1 FROM record AS other WHERE other.destination = ?1 AND ${SAME_KEY}
           AND (${rank('other')} = 2 OR ${rank('record')} = 0))`,
    ).run(to, from);
    db.prepare(
      "UPDATE record SET status = 'unknown', reason = 'a run ended before the reply arrived' WHERE destination = ? AND status = 'sent'",
    ).run(from);
    db.prepare('UPDATE run SET destination = ?1 WHERE destination = ?2').run(to, from);
    db.prepare(
      'DELETE FROM destination WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM record WHERE destination = ?1)',
    ).run(from);
  }
};

const SAME_KEY = sameKey('other', 'record');

const rank = (table: string): string =>
  `CASE WHEN ${table}.status IN ('accepted', 'already-recorded') THEN 2 WHEN ${table}.status IN ${MAY_BE_BILLED} THEN 1 ELSE 0 END`;
