import { fileTarget } from '../copy/file-side.ts';
import type { Note, WholeRecord } from '../copy/side.ts';
import { tableSide } from '../copy/table-side.ts';
import { type DataProblem, dataProblemsIn, problemText } from '../maintenance.ts';
import { openTemporaryLedger } from '../open.ts';
import type { StoredMode } from '../record-row.ts';
import { inParallel } from './in-parallel.ts';
import { bodyOf } from './item-body.ts';
import { hourPartition, streamPartition, usageKey } from './keys.ts';
import { isInBalance, type StoredRecord } from './stored-record.ts';
import type { Item, Table } from './table.ts';
import { checkTable } from './table-ledger.ts';
import { createTexts, DamagedText, type Texts } from './texts.ts';
import type { UsageBody } from './working-copy.ts';

/**
 * Checks every item of a table: that it can be read, has its own key and its long texts, and what the records of a file are
 * checked for; and that each record whose fractions are carried is in its stream. Returns the problems, a sentence each.
 */
export const verifyTable = async (table: Table): Promise<string[]> => {
  await checkTable(table);
  const side = tableSide(table);
  const problems = new Map<string, DataProblem>();
  const note = ({ problem, count, first }: DataProblem): void => {
    const before = problems.get(problem);
    problems.set(problem, { problem, count: count + (before?.count ?? 0), first: before?.first ?? first });
  };
  for (const endpoint of await side.endpoints()) {
    const db = openTemporaryLedger();
    try {
      const scratch = fileTarget(db, table.name, true);
      const known = new Set<number>();
      const readRuns = async (): Promise<void> => {
        const runs = (await side.notes(endpoint)).filter(isRun);
        await scratch.addNotes(endpoint, runs);
        for (const { id } of runs) known.add(Number(id));
        const open = db.prepare('UPDATE run SET unsettled = 1 WHERE id = ?');
        for (const { run } of await side.openRuns(endpoint)) open.run(run);
      };
      await readRuns();
      for (const hour of await side.hours(endpoint)) {
        const found = await readHour(table, endpoint, hour, note);
        // Another machine may have started a run meanwhile.
        if (found.some(({ stored }) => !known.has(Number(stored['run'])))) await readRuns();
        await scratch.addRecords(endpoint, hour, found);
        for (const one of dataProblemsIn(db)) note(one);
        db.exec('DELETE FROM record');
        await inParallel(found, async record => {
          if (!(await isInStream(table, endpoint, record)))
            note({ problem: NOT_IN_STREAM, count: 1, first: { timestamp: hour, ...record.usage } });
        });
      }
    } finally {
      db.close();
    }
  }
  return [...problems.values()].map(problemText);
};

const NOT_IN_STREAM = 'a record whose fractions are carried, but which its stream does not have';

const isRun = ({ kind }: Note): boolean => kind === 'run';

const readHour = async (
  table: Table,
  endpoint: string,
  hour: number,
  note: (problem: DataProblem) => void,
): Promise<readonly WholeRecord[]> => {
  const found: WholeRecord[] = [];
  const texts = createTexts(table);
  for await (const page of table.query(hourPartition(endpoint, hour)))
    for (const item of page) {
      const body = usageOf(item);
      if (body === undefined) {
        const first = { timestamp: hour, customer: '?', dimension: item.sort };
        note({ problem: 'an item that cannot be read', count: 1, first });
        continue;
      }
      const { records, ...usage } = body;
      const first = { timestamp: hour, ...usage };
      const own = usageKey(endpoint, usage);
      if (own.partition !== item.partition || own.sort !== item.sort)
        note({ problem: 'an item under the key of another usage', count: 1, first });
      const restored = await restoredFrom(records, texts);
      if (restored === undefined) {
        note({ problem: 'a long text that is missing or changed', count: 1, first });
        continue;
      }
      for (const stored of restored) found.push({ usage, stored });
    }
  return found;
};

const usageOf = ({ body }: Item): UsageBody | undefined => {
  try {
    const found = JSON.parse(body) as UsageBody;
    return Array.isArray(found.records) ? found : undefined;
  } catch {
    return undefined;
  }
};

/** Undefined: a text is not what its name says. */
const restoredFrom = async (
  records: readonly StoredRecord[],
  texts: Texts,
): Promise<readonly StoredRecord[] | undefined> => {
  try {
    return await texts.restore(records);
  } catch (error) {
    if (error instanceof DamagedText) return undefined;
    throw error;
  }
};

/** Whether the stream has the amounts of the record, if it is billed or may be. */
const isInStream = async (
  table: Table,
  endpoint: string,
  { usage, stored }: WholeRecord,
): Promise<boolean> => {
  if (!isInBalance(stored)) return true;
  const { hour, customer, dimension } = usage;
  const stream = {
    customer,
    dimension,
    mode: stored['mode'] as StoredMode,
    offering: String(stored['offering']),
  };
  const partition = streamPartition({ endpoint, region: stored.region }, stream);
  const item = await table.get({ partition, sort: String(hour) });
  if (item === undefined) return false;
  const entry = bodyOf<Readonly<Record<string, unknown>>>(item, table.name);
  return (
    entry['quantity'] === stored['quantity'] && entry['used'] === stored['used'] && entry['counts'] === true
  );
};
