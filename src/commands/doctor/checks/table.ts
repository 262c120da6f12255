import type { TableConnection } from '../../../cli/connection/table.ts';
import { LEDGER_KEY, type TableAdmin, type TableFacts } from '../../../dynamodb/table-admin.ts';
import { LedgerError } from '../../../errors.ts';
import { ENDPOINTS, TABLE_KEY } from '../../../ledger/table/keys.ts';
import type { ItemKey, Table } from '../../../ledger/table/table.ts';
import { checkTable } from '../../../ledger/table/table-ledger.ts';
import { type CheckResult, fail, failed, ok, skipped, warn } from './check.ts';
import { IF_BILLED_ELSEWHERE } from './ledger.ts';

type TableParts = Pick<TableConnection, 'table' | 'parts'> & { readonly admin: TableAdmin };

/** What a ledger in a table needs. Each permission is tried by a call that changes nothing. */
export const checkTableLedger = async ({
  table,
  parts,
  admin,
}: TableParts): Promise<readonly CheckResult[]> => {
  const facts = { ledger: table.name, region: parts.region };
  try {
    await checkTable(table);
  } catch (error) {
    const because = 'the ledger cannot be used';
    return [failed('ledger', error), ...['access', 'table', 'recovery'].map(name => skipped(name, because))];
  }
  return [
    ok('ledger', `${table.name} in ${parts.region}, ${await contentText(table)}`, facts),
    await accessFinding(table),
    await seen('table', async () => tableFinding(await admin.describe(), table.name)),
    await seen('recovery', async () => recoveryFinding(await admin.hasRecovery(), table.name)),
  ];
};

const contentText = async (table: Table): Promise<string> => {
  try {
    for await (const page of table.query(ENDPOINTS)) if (page.length > 0) return 'a ledger of ampmeter';
    return `no records; ${IF_BILLED_ELSEWHERE}`;
  } catch (error) {
    // `accessFinding` reports it.
    if (!(error instanceof LedgerError)) throw error;
    return 'a ledger of ampmeter';
  }
};

/** No item has this revision, so a write on this condition never takes place. */
const NEVER = Number.MAX_SAFE_INTEGER - 1;

const TRIED: ItemKey = { ...TABLE_KEY, sort: 'doctor' };

const CALLS: Readonly<Record<string, (table: Table) => Promise<unknown>>> = {
  Query: async table => {
    for await (const _ of table.query(TRIED.partition)) break;
  },
  PutItem: table => table.write([{ ...TRIED, seen: NEVER, writer: 'doctor', body: '{}' }]),
  DeleteItem: table => table.remove(TRIED, NEVER),
};

const accessFinding = async (table: Table): Promise<CheckResult> => {
  const errors: unknown[] = [];
  for (const call of Object.values(CALLS)) await call(table).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) return failed('access', errors[0]);
  return ok('access', `this identity may call GetItem, ${Object.keys(CALLS).join(', ')}`);
};

/** Runs do not need these calls: where one is not permitted, that is no failure. */
const seen = async (check: string, find: () => Promise<CheckResult>): Promise<CheckResult> => {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return warn(check, `unknown: ${error.message}`, 'runs do not need this permission, only this check');
  }
};

const tableFinding = (found: TableFacts | undefined, name: string): CheckResult => {
  const facts = { ...found };
  const complete = `switch it on: ampmeter ledger create --ledger ${name}`;
  if (found === undefined || (found.status !== 'ACTIVE' && found.status !== 'UPDATING'))
    return fail('table', 9, `it is ${found?.status ?? 'gone'}`, 'run the same command again', facts);
  if (found.key !== LEDGER_KEY)
    return fail('table', 9, `its key is ${found.key}, not ${LEDGER_KEY}`, 'use another table', facts);
  const billing = found.isOnDemand ? 'on demand' : 'provisioned';
  if (!found.isProtected) return warn('table', `${billing}, without deletion protection`, complete, facts);
  return found.isOnDemand
    ? ok('table', 'on demand, with deletion protection', facts)
    : warn(
        'table',
        'with a provisioned capacity, which slows a run down when it is used up',
        'change its capacity mode to on-demand, or check that its capacity is enough',
        facts,
      );
};

const recoveryFinding = (hasRecovery: boolean, name: string): CheckResult =>
  hasRecovery
    ? ok('recovery', 'the table can be restored to an earlier time', { hasRecovery })
    : warn(
        'recovery',
        'the table has no point-in-time recovery: a mistake cannot be undone',
        `switch it on: ampmeter ledger create --ledger ${name}`,
        { hasRecovery },
      );
