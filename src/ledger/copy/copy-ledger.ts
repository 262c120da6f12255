import { LedgerError } from '../../errors.ts';
import { isoSeconds } from '../../usage/hours.ts';
import {
  contentOf,
  digestOfAll,
  keyOfNote,
  keyOfRecord,
  type Note,
  type Side,
  shortDigest,
  type Target,
  type WholeRecord,
} from './side.ts';

export type CopyCounts = {
  readonly hours: number;
  readonly records: number;
  readonly runs: number;
  readonly pins: number;
  /** Problems that runs have told. */
  readonly problems: number;
  /** Records that were not there before. */
  readonly copied: number;
  /** Records that only the target has. */
  readonly onlyInTarget: number;
  /** Of all records of the source, in both ledgers. */
  readonly digest: string;
};

/** How often a ledger that nobody else uses is brought up to date with one that is written to meanwhile. */
const ROUNDS = 5;

/**
 * Copies everything that one ledger has to another, hour by hour, then compares both. What is there already is left as it
 * is, so an interrupted copy is continued by the same call. Nothing different is ever replaced: if the target has anything
 * else for a key, nothing is written, and it throws LedgerError. So it does if the ledgers differ in the end.
 */
export const copyLedger = async (from: Side, to: Target): Promise<CopyCounts> => {
  if (!to.isPrivate) await expectNoOther(from, to);
  await to.begin();
  let copied = 0;
  for (let round = 1; ; round += 1) {
    copied += await fill(from, to);
    const compared = await compare(from, to);
    if (compared.different === undefined) {
      await to.end();
      const { different: _, ...counts } = compared;
      return { ...counts, copied };
    }
    if (!to.isPrivate || round === ROUNDS)
      throw new LedgerError(`${from.name} and ${to.name} are different: ${compared.different}`, {
        next: 'one of them was written to during the copy; run the same command again when no upload is running',
      });
  }
};

/** Throws LedgerError if the target has something else for a key. */
const expectNoOther = async (from: Side, to: Target): Promise<void> => {
  let count = 0;
  let first: string | undefined;
  const found = (what: string): void => {
    count += 1;
    first ??= what;
  };
  for (const endpoint of await from.endpoints()) {
    const there = notesByKey(await to.notes(endpoint));
    for (const note of await from.notes(endpoint)) {
      const other = there.get(keyOfNote(note));
      if (other !== undefined && other !== contentOf(note.body)) found(`the ${note.kind} ${note.id}`);
    }
    const hours = new Set(await to.hours(endpoint));
    for (const hour of await from.hours(endpoint)) {
      if (!hours.has(hour)) continue;
      const theirs = await digestsOf(to, endpoint, hour);
      for await (const page of from.records(endpoint, hour))
        for (const record of page) {
          const other = theirs.get(keyDigest(record));
          if (other !== undefined && other !== contentDigest(record))
            found(`a record of ${isoSeconds(hour)}, ${record.usage.customer}, ${record.usage.dimension}`);
        }
    }
  }
  if (first === undefined) return;
  const more = count === 1 ? '' : `, and ${count - 1} more`;
  throw new LedgerError(`${to.name} has something else for ${first}${more}`, {
    because: 'a copy never replaces anything, so nothing was written',
    next: 'copy to a new ledger, or find out which of the two is right with ampmeter history',
  });
};

/** Adds what is missing. Gives how many records that were. */
const fill = async (from: Side, to: Target): Promise<number> => {
  let copied = 0;
  for (const endpoint of await from.endpoints()) {
    const there = notesByKey(await to.notes(endpoint));
    const notes = (await from.notes(endpoint)).filter(
      note => there.get(keyOfNote(note)) !== contentOf(note.body),
    );
    await to.addNotes(endpoint, notes);
    // Where a run that is interrupted here is found again before there is anything of it.
    const openRuns = await from.openRuns(endpoint);
    await to.addOpenRuns(endpoint, openRuns);
    const hours = new Set(await to.hours(endpoint));
    for (const hour of await from.hours(endpoint)) {
      const theirs = hours.has(hour) ? await digestsOf(to, endpoint, hour) : new Map<string, string>();
      for await (const page of from.records(endpoint, hour)) {
        const missing = page.filter(record => theirs.get(keyDigest(record)) !== contentDigest(record));
        if (missing.length > 0) await to.addRecords(endpoint, hour, missing);
        copied += missing.length;
      }
    }
    await to.addOpenRuns(endpoint, openRuns);
  }
  return copied;
};

type Compared = Omit<CopyCounts, 'copied'> & {
  /** The first difference, in words. */
  readonly different: string | undefined;
};

/** Counts both ledgers, and compares a digest of each hour. */
const compare = async (from: Side, to: Side): Promise<Compared> => {
  const counts = { hours: 0, records: 0, runs: 0, pins: 0, problems: 0, onlyInTarget: 0 };
  const digests: string[] = [];
  let different: string | undefined;
  for (const endpoint of await from.endpoints()) {
    const notes = await from.notes(endpoint);
    const there = notesByKey(await to.notes(endpoint));
    const other = notes.find(note => there.get(keyOfNote(note)) !== contentOf(note.body));
    if (other !== undefined) different ??= `the ${other.kind} ${other.id}`;
    counts.runs += notes.filter(({ kind }) => kind === 'run').length;
    counts.pins += notes.filter(({ kind }) => kind === 'pin').length;
    counts.problems += notes.filter(({ kind }) => kind === 'problem').length;
    const hours = await from.hours(endpoint);
    for (const hour of hours) {
      const ours = await digestsOf(from, endpoint, hour);
      const theirs = await digestsOf(to, endpoint, hour);
      const common = [...theirs].flatMap(([key, content]) => (ours.has(key) ? content : []));
      const digest = digestOfAll(ours.values());
      if (digestOfAll(common) !== digest)
        different ??= `the hour ${isoSeconds(hour)} has ${ours.size} ${ours.size === 1 ? 'record' : 'records'}, of which ${common.length} are in both`;
      if (ours.size > 0) counts.hours += 1;
      counts.records += ours.size;
      counts.onlyInTarget += theirs.size - common.length;
      digests.push(`${endpoint} ${hour} ${digest}`);
    }
    const own = new Set(hours);
    for (const hour of await to.hours(endpoint))
      if (!own.has(hour)) counts.onlyInTarget += await countRecords(to, endpoint, hour);
  }
  const own = new Set(await from.endpoints());
  for (const endpoint of await to.endpoints())
    if (!own.has(endpoint))
      for (const hour of await to.hours(endpoint))
        counts.onlyInTarget += await countRecords(to, endpoint, hour);
  return { ...counts, digest: digestOfAll(digests), different };
};

const countRecords = async (side: Side, endpoint: string, hour: number): Promise<number> => {
  let count = 0;
  for await (const page of side.records(endpoint, hour)) count += page.length;
  return count;
};

/** The content of each record by its key: of what may be hundreds of thousands, only digests are in memory. */
const digestsOf = async (side: Side, endpoint: string, hour: number): Promise<Map<string, string>> => {
  const digests = new Map<string, string>();
  for await (const page of side.records(endpoint, hour))
    for (const record of page) digests.set(keyDigest(record), contentDigest(record));
  return digests;
};

const keyDigest = (record: WholeRecord): string => shortDigest(keyOfRecord(record));

const contentDigest = (record: WholeRecord): string => shortDigest(contentOf(record));

const notesByKey = (notes: readonly Note[]): Map<string, string> =>
  new Map(notes.map(note => [keyOfNote(note), contentOf(note.body)]));
