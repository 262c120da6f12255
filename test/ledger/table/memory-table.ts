import type { Item, ItemKey, Table, Write } from '../../../src/ledger/table/table.ts';

/** Thrown into whatever a machine waits for when it is to die. It never goes on: nothing after it is done. */
type Turn = (machine: string) => Promise<void>;

type Faults = {
  /** Whether this write is done and its reply is lost: the client repeats it, and its condition fails. */
  readonly isReplyLost: () => boolean;
};

const NONE: Faults = { isReplyLost: () => false };

/** The items of a table, as DynamoDB keeps them, without a network: who is served next is decided by `turn`. */
export const createMemoryTable = (turn: Turn, { isReplyLost }: Faults = NONE) => {
  const items = new Map<string, Item>();
  const nameOf = ({ partition, sort }: ItemKey): string => `${partition}\n${sort}`;

  const put = (writes: readonly Write[]): boolean => {
    const revisionOf = (key: ItemKey): number => items.get(nameOf(key))?.revision ?? 0;
    if (writes.some(write => write.seen !== undefined && write.seen !== revisionOf(write))) return false;
    for (const { seen, ...write } of writes)
      items.set(nameOf(write), { ...write, revision: (seen ?? 0) + 1 });
    return true;
  };

  /** The same table for a machine. */
  const connect = (machine: string): Table => ({
    name: 'dynamodb://ledger',
    async *query(partition, from = '') {
      await turn(machine);
      const found = [...items.values()].filter(item => item.partition === partition && item.sort >= from);
      found.sort((a, b) => (a.sort < b.sort ? -1 : 1));
      // Two pages: between them, others write.
      const half = Math.ceil(found.length / 2);
      yield found.slice(0, half);
      if (half === found.length) return;
      await turn(machine);
      const sorts = new Set(found.slice(half).map(({ sort }) => sort));
      yield [...items.values()]
        .filter(item => item.partition === partition && sorts.has(item.sort))
        .sort((a, b) => (a.sort < b.sort ? -1 : 1));
    },
    get: async key => {
      await turn(machine);
      return items.get(nameOf(key));
    },
    write: async writes => {
      await turn(machine);
      const isDone = put(writes);
      if (!isDone || !isReplyLost()) return isDone;
      await turn(machine);
      return put(writes);
    },
    remove: async (key, seen) => {
      await turn(machine);
      if (items.get(nameOf(key))?.revision !== seen) return false;
      items.delete(nameOf(key));
      return true;
    },
  });

  return { connect, items };
};
