import { LedgerError } from '../errors.ts';
import { TABLE_KEY } from '../ledger/table/keys.ts';
import type { Table } from '../ledger/table/table.ts';
import { markTable, readMark } from '../ledger/table/table-ledger.ts';
import type { World } from '../world.ts';
import { LEDGER_KEY, type TableAdmin, type TableFacts } from './table-admin.ts';

type CreateParts = {
  readonly table: Table;
  readonly admin: TableAdmin;
  readonly world: Pick<World, 'monotonic' | 'sleep' | 'stop' | 'version'>;
};

/** What was changed: nothing of a ledger that is as it should be. */
export type CreatedLedger = {
  readonly created: boolean;
  /** On demand, or with a capacity that somebody has chosen, which stays. */
  readonly billing: 'on demand' | 'provisioned';
  /** Settings that were switched on. */
  readonly switchedOn: readonly ('deletion protection' | 'point-in-time recovery')[];
};

const POLL_MS = 1000;

/** AWS makes a table in seconds. */
const MAX_WAIT_MS = 5 * 60_000;

/**
 * Makes the table of a ledger, or completes one that is there: its protection, its recovery, and the mark that no other
 * program's table has. Rejects with LedgerError for a table of something else.
 */
export const createLedger = async ({ table, admin, world }: CreateParts): Promise<CreatedLedger> => {
  const { name } = table;
  const before = await admin.describe();
  if (before === undefined) await admin.create();
  else checkKey(before, name);

  const wait = createWait(name, world);
  let facts = before;
  while (facts === undefined || facts.status === 'CREATING' || facts.status === 'UPDATING') {
    if (facts !== undefined) await wait(`is ${facts.status}`);
    facts = await admin.describe();
    if (facts === undefined) await wait('does not exist yet');
  }
  checkKey(facts, name);
  if (facts.status !== 'ACTIVE')
    throw new LedgerError(`the table of ${name} cannot be used: its status is ${facts.status}`, {
      next: 'choose another name, or wait until it is ACTIVE',
    });
  if ((await table.get(TABLE_KEY)) === undefined && !(await admin.isEmpty()))
    throw new LedgerError(`the table of ${name} has items of another program`, { next: OTHER_NAME });

  const switchedOn: ('deletion protection' | 'point-in-time recovery')[] = [];
  if (!facts.isProtected) await admin.protect();
  if (!facts.isProtected || before === undefined) switchedOn.push('deletion protection');
  if (!(await admin.hasRecovery())) {
    while (!(await admin.enableRecovery())) await wait('has no backups yet');
    switchedOn.push('point-in-time recovery');
  }
  await markTable(table, world.version);
  await readMark(table);
  return {
    created: before === undefined,
    billing: facts.isOnDemand ? 'on demand' : 'provisioned',
    switchedOn,
  };
};

const OTHER_NAME = 'use another name: ampmeter ledger create makes the table';

const checkKey = ({ key }: TableFacts, name: string): void => {
  if (key === LEDGER_KEY) return;
  throw new LedgerError(`the table of ${name} is not one of ampmeter: its key is ${key}, not ${LEDGER_KEY}`, {
    next: OTHER_NAME,
  });
};

const createWait = (
  name: string,
  { monotonic, sleep, stop }: CreateParts['world'],
): ((because: string) => Promise<void>) => {
  const until = monotonic() + MAX_WAIT_MS;
  return async because => {
    if (stop.aborted || monotonic() >= until)
      throw new LedgerError(`the table of ${name} is not ready: it ${because}`, {
        next: 'run the same command again',
      });
    await sleep(POLL_MS, stop).catch(() => {});
  };
};
