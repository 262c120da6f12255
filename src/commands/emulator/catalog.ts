import { readCatalog } from '../../emulator/catalog/read-catalog.ts';
import { KnownError, UsageError, unreadableBecause } from '../../errors.ts';
import { DuplicateMember, parseJson } from '../../usage/json.ts';
import type { World } from '../../world.ts';

/** The document in a catalog file, validated. Throws UsageError with all its problems. */
export const loadCatalog = async (
  path: string,
  { files, now }: Pick<World, 'files' | 'now'>,
): Promise<unknown> => {
  const text = await files.text(path).catch(error => {
    if (error instanceof KnownError) throw error;
    throw new UsageError(
      `cannot read the catalog ${path}: ${unreadableBecause(error)}`,
      'use a JSON file, for example examples/emulator/catalog.json',
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

const NEXT = 'see examples/emulator/catalog.schema.json in this package for the form of a catalog';

const parse = (path: string, text: string): unknown => {
  try {
    return parseJson(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    if (error instanceof DuplicateMember) throw new UsageError(`${path}: ${message}`, 'remove one of them');
    throw new UsageError(`${path}: invalid JSON: ${message}`);
  }
};
