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
import { createRequestHandler, type TableTransport } from './request-handler.ts';
import { createRetries, type RetryParts } from './retries.ts';
import { NAMES } from './schema.ts';
import { isConditionFailure } from './table-error.ts';

export type TableClientParts = RetryParts & {
  /** As the user names it. */
  readonly name: string;
  readonly tableName: string;
  readonly region: string;
  readonly url: URL;
  readonly credentials: TableCredentials;
  readonly transport: TableTransport;
};

export type TableCredentials = {
  readonly get: () => Promise<AwsCredentialIdentity>;
  /** AWS replied that they have expired. */
  readonly forget: () => void;
};

/** A client for one table, whose retries are the caller's. */
const createDynamoClient = ({
  region,
  url,
  credentials,
  transport,
}: Pick<TableClientParts, 'region' | 'url' | 'credentials' | 'transport'>): DynamoDBClient =>
  new DynamoDBClient({
    region,
    // Which host it is was decided before: with AWS's own rules it would depend on the account of the credentials.
    endpointProvider: () => ({ url }),
    credentials: credentials.get,
    requestHandler: createRequestHandler(transport),
    maxAttempts: 1,
  });

type Connection = {
  /** Retries what may pass. */
  readonly call: <T>(operation: string, send: (client: DynamoDBClient) => Promise<T>) => Promise<T>;
  readonly close: () => void;
};

/** Calls with one client, which is replaced when AWS replies that its credentials have expired: it keeps what it has loaded. */
export const connectDynamo = (parts: TableClientParts): Connection => {
  let client = createDynamoClient(parts);
  const renew = (): void => {
    parts.credentials.forget();
    client.destroy();
    client = createDynamoClient(parts);
  };
  const retried = createRetries(parts, { name: parts.name, region: parts.region, renew });
  return {
    call: (operation, send) => retried(operation, () => send(client)),
    close: () => client.destroy(),
  };
};

/** A table of DynamoDB. Its package is large: this file is loaded only where a ledger is one. */
export const createTable = (parts: TableClientParts): Table & { readonly close: () => void } => {
  const { name, tableName } = parts;
  const base = { TableName: tableName };
  const { call, close } = connectDynamo(parts);

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

  const unlessChanged = async (
    operation: string,
    send: (client: DynamoDBClient) => Promise<unknown>,
  ): Promise<boolean> => {
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
        const page = await call('Query', client => client.send(command));
        yield (page.Items ?? []).map(itemOf);
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
    },
    get: async key => {
      const command = new GetItemCommand({ ...base, ConsistentRead: true, Key: keyOf(key) });
      const { Item: found } = await call('GetItem', client => client.send(command));
      return found === undefined ? undefined : itemOf(found);
    },
    write: writes => {
      const [only, ...others] = writes;
      if (others.length === 0)
        return unlessChanged('PutItem', client => client.send(new PutItemCommand(put(only))));
      const TransactItems = writes.map(write => ({ Put: put(write) }));
      return unlessChanged('TransactWriteItems', client =>
        client.send(new TransactWriteItemsCommand({ TransactItems })),
      );
    },
    remove: (key, seen) =>
      unlessChanged('DeleteItem', client =>
        client.send(new DeleteItemCommand({ ...base, Key: keyOf(key), ...conditionOf(seen) })),
      ),
    close,
  };
};

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
