import { UsageError } from '../errors.ts';
import type { World } from '../world.ts';
import type { InputFile } from './files.ts';

/**
 * Looks before anything is sent whether the files that are to be written can be, and are neither an input nor each
 * other: a list of rejects in the place of its input would lose the rows that are billed. Throws UsageError.
 */
export const checkOutputs = async (
  outputs: readonly { readonly flag: string; readonly path: string }[],
  inputs: readonly InputFile[],
  { files }: Pick<World, 'files'>,
): Promise<void> => {
  const taken = new Map(inputs.map(({ facts }) => [`${facts.device}:${facts.inode}`, 'an input']));
  const named = new Map<string, string>();
  for (const { flag, path } of outputs) {
    const trouble = await files.unwritable(path);
    if (trouble !== undefined) throw new UsageError(`${flag}: ${path} cannot be written: ${trouble}`);
    const facts = await files.stat(path);
    const other = (facts && taken.get(`${facts.device}:${facts.inode}`)) ?? named.get(path);
    if (other !== undefined)
      throw new UsageError(`${flag}: ${path} is ${other} as well`, 'name another file');
    named.set(path, `the file of ${flag}`);
    if (facts !== undefined) taken.set(`${facts.device}:${facts.inode}`, `the file of ${flag}`);
  }
};
