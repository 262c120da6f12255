/** The attributes of an item. `pk` and `sk` are the key of the table; the others are the tool's own. */
export const NAMES = { partition: 'pk', sort: 'sk', revision: 'rev', writer: 'by', body: 'body' } as const;

export const KEY_SCHEMA = [
  { AttributeName: NAMES.partition, KeyType: 'HASH' },
  { AttributeName: NAMES.sort, KeyType: 'RANGE' },
] as const;

export const ATTRIBUTES = [
  { AttributeName: NAMES.partition, AttributeType: 'S' },
  { AttributeName: NAMES.sort, AttributeType: 'S' },
] as const;

/** What a run, a question and `ledger create` may do with the table, for policies. */
export const ACTIONS = {
  use: ['GetItem', 'Query', 'PutItem', 'DeleteItem'],
  check: ['DescribeTable', 'DescribeContinuousBackups'],
  create: ['CreateTable', 'UpdateContinuousBackups'],
} as const;
