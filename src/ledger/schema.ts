/** `amp1`, so that another program's database is never mistaken for a ledger. */
export const APPLICATION_ID = 0x616d7031;

/**
 * A record's primary key is what AWS recognizes it by (`usage/key`), for each destination, with the time first: the
 * order of the table is the order of sending. `offering` is the license ARN, or the product code if there is no license;
 * `product` keeps licensed products apart in requests.
 *
 * `run` is the run that planned the record last, `seen` the last run that had it in its input, at `file` and `line`.
 * `status` is an outcome, or `planned` (not sent yet), or `sent` (may have left, no reply yet). `unsettled` of a run is
 * 1 while something may be open that a run can send, 2 while something is left that no run can settle, otherwise 0.
 *
 * AWS bills the first quantity forever, so a quantity that may have been sent is frozen.
 */
const SCHEMA_1 = `
  CREATE TABLE destination (
    id INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL,
    region TEXT NOT NULL,
    UNIQUE (endpoint, region)
  ) STRICT;

  CREATE TABLE file (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    destination INTEGER NOT NULL REFERENCES destination,
    started TEXT NOT NULL,
    ended TEXT,
    version TEXT NOT NULL,
    files TEXT NOT NULL,
    exit_code INTEGER,
    summary TEXT,
    unsettled INTEGER NOT NULL DEFAULT 1
  ) STRICT;

  CREATE TABLE record (
    destination INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    customer TEXT NOT NULL,
    dimension TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('licence', 'account', 'customer')),
    offering TEXT NOT NULL,
    product TEXT,
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 0 AND 2147483647),
    allocations TEXT,
    status TEXT NOT NULL,
    run INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    file INTEGER NOT NULL,
    line INTEGER NOT NULL,
    metering_record_id TEXT,
    reason TEXT,
    settled INTEGER,
    PRIMARY KEY (destination, timestamp, customer, dimension, mode, offering)
  ) STRICT, WITHOUT ROWID;

  CREATE TRIGGER what_may_be_billed_is_frozen
  BEFORE UPDATE OF quantity, allocations ON record
  WHEN OLD.status IN ('sent', 'unknown', 'accepted', 'already-recorded', 'duplicate')
    AND (NEW.quantity <> OLD.quantity OR NEW.allocations IS NOT OLD.allocations)
  BEGIN
    SELECT RAISE(ABORT, 'a quantity that may be billed cannot change');
  END;
`;

/**
 * `doubt` of an `unknown` record is why sending it again cannot settle it; of a billed record it is a mark that AWS gave
 * its id to another record as well. `answer` keeps, as JSON, what AWS replied to a record that is planned again: it is
 * restored when the new attempt is too late.
 *
 * A pin is the instant (epoch milliseconds) that a relative time meant when an input was first read with it: the usage
 * keeps its hour however often it is sent, until a run of this input has billed all of it. `input` is a digest,
 * `file` identifies the file (null for a stream), `run` is the run that planned it last, and `compared` is 0 if the
 * instant is by a clock that was not compared with AWS's. When it is compared later, `named` keeps the instant from
 * before: a run has printed it, and a user may type it.
 */
const SCHEMA_2 = `
  ALTER TABLE record ADD COLUMN doubt TEXT;
  ALTER TABLE record ADD COLUMN answer TEXT;

  CREATE TABLE pin (
    destination INTEGER NOT NULL REFERENCES destination,
    input TEXT NOT NULL,
    file TEXT,
    at INTEGER NOT NULL,
    run INTEGER,
    compared INTEGER NOT NULL,
    named INTEGER,
    PRIMARY KEY (destination, input)
  ) STRICT, WITHOUT ROWID;

  UPDATE run SET unsettled = 1 WHERE id IN (SELECT run FROM record WHERE status IN ('planned', 'sent', 'unknown'));
`;

/**
 * Used, carried, sent (`usage/carry`). `quantity` and `allocations` are what is sent. `used` is what the file says where it
 * differs, as a decimal text, and `parts` the same of the allocations. `carried_in` is null for a record that does not
 * carry; otherwise the balance of its stream when it was planned. The balance is computed from the records of the index.
 * `used_when_sent` is what the file said before the hour has grown; null if it has not. A record at line 0 was made by no
 * row: it sends what another hour has grown by.
 *
 * `source` of a record that was imported from CloudTrail is who sent it; null for what a run of this ledger planned.
 *
 * A problem is what a run has told (`usage/told`): an invalid row, which is no record, or a record that was not billed.
 * `digest` is what it is recognized by, for an invalid row with a mark of the files in which it was met first. `timestamp`,
 * `customer` and `dimension` are null where the row does not name them; status `unsent` stands for all usage of an hour in a
 * file that was not sent because of other rows, `already-recorded` for an invalid row that was corrected in another file.
 * `told_by`, `listed_by` and `met_by` are the runs that told it first, listed it last and met it last, 0 for one that was not
 * kept; `listed` is the time of the second, in epoch milliseconds.
 */
const SCHEMA_3 = `
  ALTER TABLE record ADD COLUMN used TEXT;
  ALTER TABLE record ADD COLUMN parts TEXT;
  ALTER TABLE record ADD COLUMN carried_in TEXT;
  ALTER TABLE record ADD COLUMN used_when_sent TEXT;
  ALTER TABLE record ADD COLUMN source INTEGER;

  CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

  CREATE INDEX stream ON record (destination, customer, dimension, mode, offering, timestamp)
  WHERE carried_in IS NOT NULL;

  CREATE TRIGGER what_was_carried_is_frozen
  BEFORE UPDATE OF carried_in ON record
  WHEN OLD.carried_in IS NOT NULL AND NEW.carried_in IS NOT OLD.carried_in
    AND OLD.status IN ('accepted', 'already-recorded', 'duplicate', 'sent', 'unknown')
  BEGIN
    SELECT RAISE(ABORT, 'what was carried into a record that may be billed cannot change');
  END;

  CREATE TABLE problem (
    destination INTEGER NOT NULL REFERENCES destination,
    digest TEXT NOT NULL,
    status TEXT NOT NULL,
    timestamp INTEGER,
    customer TEXT,
    dimension TEXT,
    told_by INTEGER NOT NULL,
    listed_by INTEGER NOT NULL,
    met_by INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    PRIMARY KEY (destination, digest)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX question ON problem (destination, timestamp);
`;

/** The statements that lead from each version to the next; the first ones turn an empty file into a ledger. */
export const MIGRATIONS: readonly string[] = [SCHEMA_1, SCHEMA_2, SCHEMA_3];
