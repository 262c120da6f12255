/**
 * What a ledger needs of a table in DynamoDB. Each method rejects with LedgerError when the table cannot be asked, or does
 * not answer for too long; throttling and lost replies are retried before that.
 */
export type Table = {
  /** As the user names it: `dynamodb://NAME`. */
  readonly name: string;
  /** The items of a partition in the order of their sort keys, page by page, as they are now. */
  readonly query: (partition: string, from?: string) => AsyncIterable<readonly Item[]>;
  /** The item as it is now. */
  readonly get: (key: ItemKey) => Promise<Item | undefined>;
  /**
   * Writes all of these items or none. False: at least one of them is not as `seen` says. A reply that is lost may hide
   * that they were written: then it is false as well, and the items have this `writer`.
   */
  readonly write: (writes: readonly [Write, ...Write[]]) => Promise<boolean>;
  /** Deletes an item if it is as it was seen. */
  readonly remove: (key: ItemKey, seen: number) => Promise<boolean>;
};

export type ItemKey = { readonly partition: string; readonly sort: string };

export type Item = ItemKey & {
  /** How often the item was written. */
  readonly revision: number;
  /** The write that made this revision: no two have the same (`Writer`), but for items that never change. */
  readonly writer: string;
  /** JSON. */
  readonly body: string;
};

/** What is to be written on a condition: the first one wins. */
export type NewItem = Omit<Item, 'revision' | 'writer'> & {
  /** The revision that it replaces; 0: there must be no item; undefined: another write beside it has the condition. */
  readonly seen: number | undefined;
};

export type Write = NewItem & Pick<Item, 'writer'>;
