import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ATTRIBUTES, KEY_SCHEMA } from '../../src/dynamodb/schema.ts';
import { createTable, type TableClientParts } from '../../src/dynamodb/table-client.ts';
import type { Table } from '../../src/ledger/table/table.ts';
import { markTable } from '../../src/ledger/table/table-ledger.ts';
import { createTransport } from '../../src/metering/transport.ts';
import { testWorld } from './world.ts';

/** How the tool names the table of these tests. */
export const LEDGER = 'dynamodb://ledger';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' };

/** What calls DynamoDB as the tests' own account. */
export const clientOf = (url: string): DynamoDBClient =>
  new DynamoDBClient({ region: 'us-east-1', endpoint: url, credentials: KEYS });

/** What the tool's own client of the table is made of. */
export const partsOf = (url: string): TableClientParts & { readonly close: () => void } => {
  const transport = createTransport();
  return {
    name: LEDGER,
    tableName: 'ledger',
    region: 'us-east-1',
    url: new URL(url),
    credentials: { get: async () => KEYS, forget: () => {} },
    transport,
    giveUpAfterMs: 10_000,
    world: testWorld(),
    close: () => transport.close(),
  };
};

/** The table as one machine reaches it. */
export const connectTo = (url: string): Table & { readonly close: () => void } => {
  const parts = partsOf(url);
  const table = createTable(parts);
  return {
    ...table,
    close: () => {
      table.close();
      parts.close();
    },
  };
};

/** Makes the table, and an empty ledger of it. */
export const createLedgerTable = async (url: string): Promise<void> => {
  const client = clientOf(url);
  await client.send(
    new CreateTableCommand({
      TableName: 'ledger',
      KeySchema: [...KEY_SCHEMA],
      AttributeDefinitions: [...ATTRIBUTES],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  client.destroy();
  const table = connectTo(url);
  await markTable(table, '0.0.0-test');
  table.close();
};
