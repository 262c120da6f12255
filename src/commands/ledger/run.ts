import { claimLedger } from '../../cli/claim-paths.ts';
import { ledgerPath } from '../../cli/ledger-location.ts';
import { parseInstant } from '../../cli/options/time.ts';
import { LedgerError, UsageError } from '../../errors.ts';
import { createRegister, placeOf } from '../../files/register.ts';
import { infoOf, type LedgerInfo } from '../../ledger/info.ts';
import { takeLock } from '../../ledger/lock.ts';
import { backupLedger, expectLedger, pruneLedger, verifyLedger } from '../../ledger/maintenance.ts';
import { type Members, renderMembers } from '../../render/text/members.ts';
import { counted, grouped } from '../../render/text/numbers.ts';
import { terminalFor } from '../../render/text/terminal.ts';
import { HOUR_MS, startOfHour } from '../../usage/hours.ts';
import { WINDOWS } from '../../usage/windows.ts';
import type { World } from '../../world.ts';
import type { LedgerOptions } from './options.ts';

export const runLedger = async (options: LedgerOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  const path = ledgerPath(options.ledger, world);
  const print: Print = (members, table): Promise<void> =>
    world.stdout.write(
      renderMembers(options.output === 'table' ? table : members, options.output, terminal.out),
    );
  switch (options.what.action) {
    case 'info': {
      const info = infoOf(path);
      await print(info, infoTable(info));
      return 0;
    }
    case 'verify': {
      const problems = verifyLedger(path);
      if (problems.length === 0) {
        await print({ ledger: path, problems }, { ledger: path, problems: 'none' });
        return 0;
      }
      throw new LedgerError(`the ledger ${path} has problems`, {
        because: problems.join('; '),
        next: 'keep this file, and continue with a backup or a new ledger; reconcile shows what AWS has',
      });
    }
    case 'backup': {
      const { target } = options.what;
      backupLedger(path, await placeOfBackup(path, target, world));
      await print({ ledger: path, backup: target }, { ledger: path, backup: target });
      return 0;
    }
    case 'prune':
      return prune(path, options.what, world, print);
    default:
      return options.what satisfies never;
  }
};

/** Prints the members for scripts, or those of the table. */
type Print = (members: Members, table: Members) => Promise<void>;

/** Throws UsageError when the copy would replace a file of the ledger. */
const placeOfBackup = async (
  ledger: string,
  target: string,
  { files }: Pick<World, 'files'>,
): Promise<string> => {
  if (target === '' || target === '-')
    throw new UsageError(
      'ledger backup needs a file',
      'for example: ampmeter ledger backup ledger-backup.db',
    );
  const register = createRegister();
  await claimLedger(register, ledger);
  const role = await register.roleOf(target);
  if (role !== undefined)
    throw new UsageError(`${target} is already used as ${role}`, 'choose another file for the copy');
  const facts = await files.stat(target).catch(() => undefined);
  if (facts !== undefined && facts.kind !== 'file')
    throw new UsageError(`${target} is not a regular file`, 'choose another file for the copy');
  return placeOf(target);
};

const prune = async (
  path: string,
  { before, dryRun, waitMs }: Extract<LedgerOptions['what'], { action: 'prune' }>,
  world: World,
  print: Print,
): Promise<number> => {
  const now = world.now();
  const hour = startOfHour(parseInstant('--before', before, now));
  const { hours } = WINDOWS.BatchMeterUsage;
  if (hour * 1000 > now.getTime() - hours * HOUR_MS) {
    throw new UsageError(
      `--before ${before} would delete hours that AWS still accepts usage for`,
      `use a time more than ${hours} hours ago: without its record, an hour could be billed twice`,
    );
  }
  if (!dryRun) expectLedger(path);
  const lock = dryRun ? undefined : await takeLock(path, waitMs, world);
  try {
    const { records, runs, open, carried } = pruneLedger(path, hour, dryRun);
    const members = {
      ledger: path,
      before: new Date(hour * 1000).toISOString(),
      dryRun,
      records,
      runs,
      open,
      ...(carried > 0 && { carried }),
    };
    await print(members, {
      ledger: path,
      before: members.before,
      [dryRun ? 'would delete' : 'deleted']: `${counted(records, 'record')}, ${counted(runs, 'run')}`,
      ...(open > 0 && {
        kept: `${counted(open, 'record')} that AWS may have; run batch or reconcile --settle`,
      }),
      ...(carried > 0 && {
        'also kept': `${counted(carried, 'record')} whose fractions are carried; the balance is computed from them`,
      }),
    });
    return 0;
  } finally {
    lock?.release();
  }
};

const infoTable = (info: LedgerInfo): Members => ({
  ledger: info.ledger,
  size: `${grouped(Math.ceil(info.bytes / 1024))} KiB`,
  format: `version ${info.schemaVersion}, journal mode ${info.journalMode}, SQLite ${info.sqlite}`,
  records: grouped(info.records),
  ...Object.fromEntries(Object.entries(info.states).map(([state, count]) => [`  ${state}`, grouped(count)])),
  hours: info.firstHour === null ? undefined : `${info.firstHour} to ${info.lastHour}`,
  ...Object.fromEntries(
    info.destinations.map(({ endpoint, region, records }) => [
      `${endpoint === 'aws' ? 'AWS' : endpoint} ${region}`,
      counted(records, 'record'),
    ]),
  ),
  runs: grouped(info.runs),
  'last run':
    info.lastRun === null
      ? undefined
      : `${info.lastRun.run}, started ${info.lastRun.started}, ${
          info.lastRun.ended === null
            ? 'not ended'
            : `ended ${info.lastRun.ended} with exit code ${info.lastRun.exitCode}`
        }`,
});
