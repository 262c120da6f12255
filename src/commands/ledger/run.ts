import { ledgerLocation, locationName } from '../../cli/ledger-location.ts';
import { LedgerError } from '../../errors.ts';
import { copyToFile } from '../../ledger/copy/copy-to-file.ts';
import { infoOf } from '../../ledger/info.ts';
import { backupLedger, verifyLedger } from '../../ledger/maintenance.ts';
import { renderMembers } from '../../render/text/members.ts';
import { terminalFor } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import { placeOfBackup } from './backup-place.ts';
import { copyBetween } from './copy.ts';
import { createOrPrint } from './create.ts';
import type { LedgerOptions } from './options.ts';
import { type Print, printInfo } from './output.ts';
import { prune } from './prune.ts';
import { createTableUse, type WithTable } from './with-table.ts';

export const runLedger = async (options: LedgerOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  const print: Print = (members, table): Promise<void> =>
    world.stdout.write(
      renderMembers(options.output === 'table' ? table : members, options.output, terminal.out),
    );
  const withTable = createTableUse(options, world, terminal);
  if (options.what.action === 'copy') return copyBetween(options.what, { world, print, withTable });
  const location = ledgerLocation(options.ledger, world);
  const name = locationName(location);
  switch (options.what.action) {
    case 'create':
      return createOrPrint(location, options.what.print, { ...options, world, print, withTable });
    case 'info': {
      if (location.kind === 'file') await printInfo(infoOf(location.path), print);
      else {
        const { tableInfoOf } = await import('../../ledger/table/table-info.ts');
        await withTable(location, async ({ table }) => printInfo(await tableInfoOf(table), print));
      }
      return 0;
    }
    case 'verify': {
      const problems =
        location.kind === 'file' ? verifyLedger(location.path) : await tableProblems(location, withTable);
      if (problems.length === 0) {
        await print({ ledger: name, problems }, { ledger: name, problems: 'none' });
        return 0;
      }
      throw new LedgerError(`the ledger ${name} has problems`, {
        because: problems.join('; '),
        next:
          location.kind === 'file'
            ? 'keep this file, and continue with a backup or a new ledger; reconcile shows what AWS has'
            : 'restore the table to an earlier time, under a new name; reconcile shows what AWS has',
      });
    }
    case 'backup': {
      const { target } = options.what;
      const place = await placeOfBackup(location, target, world);
      if (location.kind === 'file') backupLedger(location.path, place);
      else {
        const { tableSide } = await import('../../ledger/copy/table-side.ts');
        await withTable(location, ({ table }) => copyToFile(tableSide(table), place, 0, world));
      }
      await print({ ledger: name, backup: target }, { ledger: name, backup: target });
      return 0;
    }
    case 'prune':
      return prune(location, options.what, { world, print, withTable });
    case 'import': {
      const { importLedger } = await import('./import.ts');
      return importLedger(location, { ...options, ...options.what }, world, terminal);
    }
    default:
      return options.what satisfies never;
  }
};

const tableProblems = async (
  location: Parameters<WithTable>[0],
  withTable: WithTable,
): Promise<readonly string[]> => {
  const { verifyTable } = await import('../../ledger/table/table-verify.ts');
  return withTable(location, ({ table }) => verifyTable(table));
};
