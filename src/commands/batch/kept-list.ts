import { unwritableBecause } from '../../files/atomic-write.ts';
import { replaceFile } from '../../files/output-file.ts';
import { type MarketList, marketListText, parseMarketList } from '../../market/market-list.ts';
import type { World } from '../../world.ts';

/** Where the list of dimensions is kept between runs. */
export const keptListOf = (ledger: string): string => `${ledger}.dimensions.json`;

/** A list of more is not one of ours. */
const MAX_BYTES = 256_000_000;

/** Undefined when there is none, or none that can be read: it can be made again. */
export const readKeptList = async (
  path: string,
  { files }: Pick<World, 'files'>,
): Promise<MarketList | undefined> => {
  const facts = await files.stat(path).catch(() => undefined);
  if (facts?.kind !== 'file' || facts.size > MAX_BYTES) return undefined;
  const text = await files.text(path).catch(() => undefined);
  return text === undefined ? undefined : parseMarketList(text);
};

/** Returns why the list could not be kept; undefined when it was. */
export const keepList = async (path: string, list: MarketList): Promise<string | undefined> => {
  try {
    await replaceFile(path, marketListText(list));
    return undefined;
  } catch (error) {
    return `${path} cannot be written: ${unwritableBecause(error)}; the next run lists the dimensions again`;
  }
};
