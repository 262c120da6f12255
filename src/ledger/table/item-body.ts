import { LedgerError } from '../../errors.ts';
import type { Item } from './table.ts';

/** What an item says, which has at least these members. `name`: of the ledger. Throws LedgerError if it is damaged. */
export const bodyOf = <T extends object>(
  { partition, sort, body }: Item,
  name: string,
  ...members: readonly (keyof T & string)[]
): T => {
  const damage = (because: string): LedgerError =>
    new LedgerError(`the ledger ${name} is damaged`, {
      because: `the item ${partition} ${sort}: ${because}`,
      next: 'restore the table from a backup',
    });
  let found: T;
  try {
    found = JSON.parse(body);
  } catch (error) {
    throw damage((error as Error).message);
  }
  if (typeof found !== 'object' || found === null) throw damage('it has no members');
  const missing = members.filter(member => found[member] === undefined);
  if (missing.length > 0) throw damage(`${missing.join(', ')} is missing`);
  return found;
};
