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

/**
 * The IAM actions that are needed for a table. Source: Service Authorization Reference, DynamoDB; a transaction needs those
 * of what it does. `run`: to upload, copy and prune. `read`: to show. `create`: for `ledger create`, and for all checks of
 * `doctor`.
 */
export const ACTIONS = {
  run: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
  read: ['dynamodb:GetItem', 'dynamodb:Query'],
  create: [
    'dynamodb:DescribeTable',
    'dynamodb:DescribeContinuousBackups',
    'dynamodb:CreateTable',
    'dynamodb:UpdateTable',
    'dynamodb:UpdateContinuousBackups',
    'dynamodb:Scan',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
  ],
} as const;
