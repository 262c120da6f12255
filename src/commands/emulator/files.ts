import { claimLedger, claimSettings } from '../../cli/claim-paths.ts';
import { fileOfLedger, ledgerLocation } from '../../cli/ledger-location.ts';
import { UsageError } from '../../errors.ts';
import { claimFor, createRegister } from '../../files/register.ts';
import type { World } from '../../world.ts';
import type { EmulatorCommandOptions } from './options.ts';

/**
 * Claims the files in the flags of the emulator. Throws UsageError when a file is used twice, or is the ledger or a
 * credentials file.
 */
export const claimFiles = async (
  { catalog, state, log, cloudTrail }: EmulatorCommandOptions,
  world: Pick<World, 'env' | 'platform'>,
): Promise<void> => {
  const register = createRegister();
  const ledger = knownLedger(world);
  if (ledger !== undefined) await claimLedger(register, ledger);
  await claimSettings(register, undefined, world.env);
  if (state) await register.claim(`${state}.lock`, 'the lock of --state');
  for (const [flag, path] of [
    ['--catalog', catalog],
    ['--state', state],
    ['--log', log],
    ['--cloudtrail', cloudTrail],
  ] as const) {
    if (path === undefined || (flag === '--catalog' && path === '-')) continue;
    if (path === '' || path === '-') throw new UsageError(`${flag} needs a file`, `use ${flag} FILE`);
    await claimFor(register, flag, path);
  }
};

/** Undefined when there is no file for a ledger, which the emulator does not need. */
const knownLedger = (world: Pick<World, 'env' | 'platform'>): string | undefined => {
  try {
    return fileOfLedger(ledgerLocation(undefined, world));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
};
