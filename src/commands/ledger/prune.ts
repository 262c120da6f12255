import type { LedgerLocation } from '../../cli/ledger-location.ts';
import { locationName } from '../../cli/ledger-location.ts';
import { parseInstant } from '../../cli/options/time.ts';
import { UsageError } from '../../errors.ts';
import { takeLock } from '../../ledger/lock.ts';
import { expectLedger, type PruneCounts, pruneLedger } from '../../ledger/maintenance.ts';
import { counted } from '../../render/text/numbers.ts';
import { type EpochSeconds, HOUR_MS, startOfHour } from '../../usage/hours.ts';
import { WINDOWS } from '../../usage/windows.ts';
import type { World } from '../../world.ts';
import type { LedgerOptions } from './options.ts';
import type { Print } from './output.ts';
import type { WithTable } from './with-table.ts';

type Prune = Extract<LedgerOptions['what'], { action: 'prune' }>;

type PruneParts = { readonly world: World; readonly print: Print; readonly withTable: WithTable };

export const prune = async (
  location: LedgerLocation,
  options: Prune,
  { world, print, withTable }: PruneParts,
): Promise<number> => {
  const hour = hourBefore(options.before, world);
  const { dryRun } = options;
  const { records, runs, open, carried } =
    location.kind === 'file'
      ? await pruneFile(location.path, hour, options, world)
      : await withTable(location, async ({ table }) => {
          const [{ pruneTable }, { Writer }] = await Promise.all([
            import('../../ledger/table/table-prune.ts'),
            import('../../ledger/table/writer.ts'),
          ]);
          return pruneTable(new Writer(table), hour, dryRun);
        });
  const ledger = locationName(location);
  const members = {
    ledger,
    before: new Date(hour * 1000).toISOString(),
    dryRun,
    records,
    runs,
    open,
    ...(carried > 0 && { carried }),
  };
  await print(members, {
    ledger,
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
};

const hourBefore = (before: string, world: Pick<World, 'now'>): EpochSeconds => {
  const now = world.now();
  const hour = startOfHour(parseInstant('--before', before, now));
  const { hours } = WINDOWS.BatchMeterUsage;
  if (hour * 1000 <= now.getTime() - hours * HOUR_MS) return hour;
  throw new UsageError(
    `--before ${before} would delete hours that AWS still accepts usage for`,
    `use a time more than ${hours} hours ago: without its record, an hour could be billed twice`,
  );
};

const pruneFile = async (
  path: string,
  hour: EpochSeconds,
  { dryRun, waitMs }: Prune,
  world: World,
): Promise<PruneCounts> => {
  if (dryRun) return pruneLedger(path, hour, true);
  expectLedger(path);
  const lock = await takeLock(path, waitMs, world);
  try {
    return pruneLedger(path, hour, false);
  } finally {
    lock.release();
  }
};
