import { readCatalog } from '../../emulator/catalog/read-catalog.ts';
import { KnownError, UsageError, unreadableBecause } from '../../errors.ts';
import { DuplicateMember, parseJson } from '../../usage/json.ts';
import type { World } from '../../world.ts';

/** The document in a file, found to be a catalog that holds together. Throws UsageError with all that is wrong with it. */
export const loadCatalog = async (
  path: string,
  { files, now }: Pick<World, 'files' | 'now'>,
): Promise<unknown> => {
  const text = await files.text(path).catch(error => {
    if (error instanceof KnownError) throw error;
    throw new UsageError(
      `cannot read the catalog ${path}: ${unreadableBecause(error)}`,
      'name a JSON file, such as examples/emulator/catalog.json',
    );
  });
  const catalog = parse(path, text.replace(/^\uFEFF/, ''));
  const read = readCatalog(catalog, now());
  if (read.ok) return catalog;
  const [only, ...more] = read.problems.map(problem => `${path}: ${problem}`);
  throw more.length === 0
    ? new UsageError(only ?? path, NEXT)
    : new UsageError(`${path} has ${read.problems.length} problems`, NEXT, [only ?? path, ...more]);
};

const NEXT = 'catalog.schema.json, in examples/emulator of this package, describes what catalogs may say';

const parse = (path: string, text: string): unknown => {
  try {
    return parseJson(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    if (error instanceof DuplicateMember)
      throw new UsageError(`${path}: ${message}`, 'keep the one that is right');
    throw new UsageError(`${path}: it is not JSON: ${message}`);
  }
};
