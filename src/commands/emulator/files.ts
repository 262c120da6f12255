import { claimLedger, claimSettings } from '../../cli/claim-paths.ts';
import { ledgerPath } from '../../cli/ledger-location.ts';
import { UsageError } from '../../errors.ts';
import { claimFor, createRegister } from '../../files/register.ts';
import type { World } from '../../world.ts';
import type { EmulatorOptions } from './options.ts';

/**
 * Takes the files that the flags of the emulator name. Throws UsageError when one is named twice, or is a file of the real
 * world: the ledger, credentials.
 */
export const claimFiles = async (
  { catalog, state, log, cloudTrail }: EmulatorOptions,
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
    if (path === '' || path === '-') throw new UsageError(`${flag} needs a file`, `name one after ${flag}`);
    await claimFor(register, flag, path);
  }
};

/** Undefined where there is no place for one, which an emulator needs not. */
const knownLedger = (world: Pick<World, 'env' | 'platform'>): string | undefined => {
  try {
    return ledgerPath(undefined, world);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
};
