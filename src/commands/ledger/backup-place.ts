import { claimLedger } from '../../cli/claim-paths.ts';
import type { LedgerLocation } from '../../cli/ledger-location.ts';
import { OutputError, UsageError } from '../../errors.ts';
import { createRegister, placeOf } from '../../files/register.ts';
import type { World } from '../../world.ts';

/** Throws UsageError when the copy would replace a file of the ledger, and OutputError when a table's copy would replace any. */
export const placeOfBackup = async (
  location: LedgerLocation,
  target: string,
  { files }: Pick<World, 'files'>,
): Promise<string> => {
  if (target === '' || target === '-')
    throw new UsageError(
      'ledger backup needs a file',
      'for example: ampmeter ledger backup ledger-backup.db',
    );
  const register = createRegister();
  if (location.kind === 'file') await claimLedger(register, location.path);
  const role = await register.roleOf(target);
  if (role !== undefined)
    throw new UsageError(`${target} is already used as ${role}`, 'choose another file for the copy');
  const facts = await files.stat(target).catch(() => undefined);
  if (facts !== undefined && facts.kind !== 'file')
    throw new UsageError(`${target} is not a regular file`, 'choose another file for the copy');
  if (facts !== undefined && location.kind === 'table')
    throw new OutputError(`${target} already exists`, 'choose another file, or move that one away');
  return placeOf(target);
};
