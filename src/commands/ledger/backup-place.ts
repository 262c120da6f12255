import { claimLedger } from '../../cli/claim-paths.ts';
import type { LedgerLocation } from '../../cli/ledger-location.ts';
import { UsageError } from '../../errors.ts';
import { unwritableBecause } from '../../files/atomic-write.ts';
import { beside } from '../../files/names.ts';
import { createRegister, placeOf } from '../../files/register.ts';
import type { World } from '../../world.ts';

/** Throws UsageError when there is no place for the copy: it never replaces anything. */
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
  await expectFolder(target, files);
  const facts = await files.stat(target).catch(() => undefined);
  if (facts !== undefined && facts.kind !== 'file')
    throw new UsageError(`${target} is not a regular file`, 'choose another file for the copy');
  if (facts !== undefined)
    throw new UsageError(`${target} already exists`, 'choose another file, or move that one away');
  return placeOf(target);
};

const expectFolder = async (target: string, files: World['files']): Promise<void> => {
  const refuse = (why: string, next: string): never => {
    throw new UsageError(`the copy ${target} cannot be written: ${why}`, next);
  };
  const folder = await files
    .stat(beside(placeOf(target), '.'))
    .catch(error => refuse(unwritableBecause(error), 'choose another file'));
  if (folder === undefined) refuse('its folder does not exist', 'create the folder, or choose another file');
  else if (folder.kind !== 'directory') refuse('its parent is not a folder', 'choose another file');
};
