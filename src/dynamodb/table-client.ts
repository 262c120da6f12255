import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { Item, ItemKey, Table, Write } from '../ledger/table/table.ts';
import type { AwsRequestHandler } from '../metering/handler.ts';
import { NAMES } from './schema.ts';
import { isConditionFailure, isTemporary, tableError } from './table-error.ts';

export type TableClientParts = {
  readonly tableName: string;
  readonly region: string;
  /** Undefined: AWS's own in the Region. */
  readonly endpoint: string | undefined;
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  readonly requestHandler: AwsRequestHandler;
  /** How long a request is retried before the table counts as out of reach, in milliseconds. */
  readonly giveUpAfterMs: number;
  readonly world: {
    readonly monotonic: () => number;
    readonly random: () => number;
    readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
    readonly stop: AbortSignal;
  };
};

/** A table of DynamoDB. Its package is large: this file is loaded only where a ledger is one. */
export const createTable = (parts: TableClientParts): Table & { readonly close: () => void } => {
  const { tableName, region, endpoint, credentials, requestHandler } = parts;
  const client = new DynamoDBClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    credentials,
    requestHandler,
    // Retries are ours: a write that may have been done is asked about, not repeated blindly.
    maxAttempts: 1,
  });
  const name = `dynamodb://${tableName}`;
  const base = { TableName: tableName };

  /** Calls until there is an answer, as long as what fails may pass. */
  const call = async <T>(operation: string, send: () => Promise<T>): Promise<T> => {
    const { world, giveUpAfterMs } = parts;
    const until = world.monotonic() + giveUpAfterMs;
    for (let round = 0; ; round += 1) {
      const result = await send().then(
        value => ({ value }),
        (error: unknown) => ({ error }),
      );
      if ('value' in result) return result.value;
      const { error } = result;
      const delayMs = Math.min(FIRST_PAUSE_MS * 2 ** round, LONGEST_PAUSE_MS) * (0.5 + world.random() / 2);
      const isOver = world.stop.aborted || world.monotonic() + delayMs >= until;
      if (isConditionFailure(error)) throw error;
      if (isOver || !isTemporary(error)) throw tableError(error, { name, operation });
      await world.sleep(delayMs, world.stop).catch(() => {});
    }
  };

  const put = (write: Write): { TableName: string; Item: Record<string, AttributeValue> } & Condition => ({
    ...base,
    Item: {
      [NAMES.partition]: { S: write.partition },
      [NAMES.sort]: { S: write.sort },
      [NAMES.revision]: { N: String((write.seen ?? 0) + 1) },
      [NAMES.writer]: { S: write.writer },
      [NAMES.body]: { S: write.body },
    },
    ...(write.seen !== undefined && conditionOf(write.seen)),
  });

  const unlessChanged = async (operation: string, send: () => Promise<unknown>): Promise<boolean> => {
    try {
      await call(operation, send);
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  };

  return {
    name,
    async *query(partition, from) {
      let start: Record<string, AttributeValue> | undefined;
      do {
        const command = new QueryCommand({
          ...base,
          ConsistentRead: true,
          KeyConditionExpression: from === undefined ? '#p = :p' : '#p = :p AND #s >= :s',
          ExpressionAttributeNames: {
            '#p': NAMES.partition,
            ...(from !== undefined && { '#s': NAMES.sort }),
          },
          ExpressionAttributeValues: {
            ':p': { S: partition },
            ...(from !== undefined && { ':s': { S: from } }),
          },
          ...(start !== undefined && { ExclusiveStartKey: start }),
        });
        const page = await call('Query', () => client.send(command));
        yield (page.Items ?? []).map(itemOf);
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
    },
    get: async key => {
      const command = new GetItemCommand({ ...base, ConsistentRead: true, Key: keyOf(key) });
      const { Item: found } = await call('GetItem', () => client.send(command));
      return found === undefined ? undefined : itemOf(found);
    },
    write: writes => {
      const [only, ...others] = writes;
      if (others.length === 0)
        return unlessChanged('PutItem', () => client.send(new PutItemCommand(put(only))));
      const TransactItems = writes.map(write => ({ Put: put(write) }));
      return unlessChanged('TransactWriteItems', () =>
        client.send(new TransactWriteItemsCommand({ TransactItems })),
      );
    },
    remove: (key, seen) =>
      unlessChanged('DeleteItem', () =>
        client.send(new DeleteItemCommand({ ...base, Key: keyOf(key), ...conditionOf(seen) })),
      ),
    close: () => client.destroy(),
  };
};

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5000;

type Condition = {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
};

const conditionOf = (seen: number): Condition =>
  seen === 0
    ? {
        ConditionExpression: 'attribute_not_exists(#p)',
        ExpressionAttributeNames: { '#p': NAMES.partition },
      }
    : {
        ConditionExpression: '#r = :r',
        ExpressionAttributeNames: { '#r': NAMES.revision },
        ExpressionAttributeValues: { ':r': { N: String(seen) } },
      };

const keyOf = ({ partition, sort }: ItemKey): Record<string, AttributeValue> => ({
  [NAMES.partition]: { S: partition },
  [NAMES.sort]: { S: sort },
});

const itemOf = (found: Record<string, AttributeValue>): Item => ({
  partition: found[NAMES.partition]?.S ?? '',
  sort: found[NAMES.sort]?.S ?? '',
  revision: Number(found[NAMES.revision]?.N ?? 0),
  writer: found[NAMES.writer]?.S ?? '',
  body: found[NAMES.body]?.S ?? '{}',
});
