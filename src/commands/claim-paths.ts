import { InputError, UsageError } from '../errors.ts';
import { claimFor, claimOutput, createRegister, type Register } from '../files/register.ts';
import { ledgerFiles } from '../ledger/companions.ts';
import type { World } from '../world.ts';
import type { BatchOptions } from './batch.ts';
import type { Heartbeat } from './heartbeat.ts';

/** The ledger with all that belongs to it. Throws UsageError when it is something else already. */
export const claimLedger = async (register: Register, path: string): Promise<void> => {
  const [ledger = path, ...others] = ledgerFiles(path);
  const other = await register.claim(ledger, 'the ledger');
  if (other !== undefined)
    throw new UsageError(`the ledger ${path} is already used as ${other}`, 'name another with --ledger');
  for (const file of others) await register.claim(file, 'a file of the ledger');
};

/** A file that is read. Gives what has it already. */
export const claimInput = (register: Register, path: string): Promise<string | undefined> =>
  register.claim(path === '-' ? '/dev/stdin' : path, 'an input');

/** All paths that an upload names, before anything is read. Throws UsageError, or InputError for a file named twice. */
export const claimPaths = async (
  { files, results, rejects }: BatchOptions,
  ledger: string | undefined,
  heartbeat: Heartbeat | undefined,
  world: Pick<World, 'files'>,
): Promise<Register> => {
  const register = createRegister();
  for (const path of files) {
    if ((await claimInput(register, path)) !== undefined)
      throw new InputError(`${path} is given twice`, 'name each file once');
  }
  if (ledger !== undefined) await claimLedger(register, ledger);
  if (results !== undefined) await claimOutput(register, { flag: '--results', path: results }, world);
  if (typeof rejects === 'string') await claimOutput(register, { flag: '--rejects', path: rejects }, world);
  // A heartbeat that cannot be written is no failure of the run.
  if (heartbeat?.kind === 'file') await claimFor(register, '--heartbeat', heartbeat.path);
  return register;
};
