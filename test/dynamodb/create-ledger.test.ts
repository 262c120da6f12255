import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createLedger } from '../../src/dynamodb/create-ledger.ts';
import { createTableAdmin, type TableAdmin } from '../../src/dynamodb/table-admin.ts';
import { createTable } from '../../src/dynamodb/table-client.ts';
import type { Table } from '../../src/ledger/table/table.ts';
import { tableInfoOf } from '../../src/ledger/table/table-info.ts';
import { type Dynamo, startDynamo } from '../helpers/dynamo.ts';
import { clientOf, partsOf } from '../helpers/table.ts';
import { testWorld } from '../helpers/world.ts';

type Connected = { readonly table: Table; readonly admin: TableAdmin };

const connected = async (use: (connected: Connected, dynamo: Dynamo) => Promise<void>): Promise<void> => {
  await using dynamo = await startDynamo();
  const parts = partsOf(dynamo.url);
  const [table, admin] = [createTable(parts), createTableAdmin(parts)];
  try {
    await use({ table, admin }, dynamo);
  } finally {
    admin.close();
    table.close();
    parts.close();
  }
};

const create = ({ table, admin }: Connected) =>
  createLedger({ table, admin, world: { ...testWorld(), version: '0.0.0-test' } });

/** A table that somebody else has made. */
const otherTable = async (url: string, key: readonly string[], item?: Record<string, { S: string }>) => {
  const client = clientOf(url);
  await client.send(
    new CreateTableCommand({
      TableName: 'ledger',
      KeySchema: key.map((AttributeName, index) => ({
        AttributeName,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
      AttributeDefinitions: key.map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
    }),
  );
  if (item !== undefined) await client.send(new PutItemCommand({ TableName: 'ledger', Item: item }));
  client.destroy();
};

test('a ledger is created with everything on, and created again without a change', () =>
  connected(async tables => {
    assert.deepEqual(await create(tables), {
      created: true,
      billing: 'on demand',
      switchedOn: ['deletion protection', 'point-in-time recovery'],
    });
    assert.equal((await tableInfoOf(tables.table)).records, 0);
    assert.deepEqual(await tables.admin.describe(), {
      status: 'ACTIVE',
      key: 'pk (S), sk (S)',
      isOnDemand: true,
      isProtected: true,
    });
    assert.equal(await tables.admin.hasRecovery(), true);
    assert.deepEqual(await create(tables), { created: false, billing: 'on demand', switchedOn: [] });
  }));

test('an empty table with the right key is completed', () =>
  connected(async (tables, { url }) => {
    await otherTable(url, ['pk', 'sk']);
    assert.deepEqual(await create(tables), {
      created: false,
      billing: 'provisioned',
      switchedOn: ['deletion protection', 'point-in-time recovery'],
    });
  }));

test('a table that is not ready is waited for, and backups too', () =>
  connected(async tables => {
    const statuses = ['CREATING', 'UPDATING'];
    let tries = 0;
    const slow: TableAdmin = {
      ...tables.admin,
      describe: async () => {
        const facts = await tables.admin.describe();
        return facts === undefined ? undefined : { ...facts, status: statuses.shift() ?? facts.status };
      },
      enableRecovery: async () => {
        tries += 1;
        return tries > 2 && tables.admin.enableRecovery();
      },
    };
    assert.equal((await create({ ...tables, admin: slow })).created, true);
    assert.deepEqual([statuses, tries], [[], 3]);
  }));

test('a table that never becomes ready ends the command', () =>
  connected(async tables => {
    await create(tables);
    const facts = await tables.admin.describe();
    assert.ok(facts);
    const stuck = { ...tables.admin, describe: async () => ({ ...facts, status: 'CREATING' }) };
    await assert.rejects(create({ ...tables, admin: stuck }), /is not ready: it is CREATING/);
  }));

describe('a table of something else is not touched', () => {
  test('with another key', () =>
    connected(async (tables, { url }) => {
      await otherTable(url, ['id']);
      await assert.rejects(
        create(tables),
        /not one of ampmeter: its key is id \(S\), not pk \(S\), sk \(S\)/,
      );
      assert.equal(await tables.admin.hasRecovery(), false);
    }));

  test('with the same key and items', () =>
    connected(async (tables, { url }) => {
      await otherTable(url, ['pk', 'sk'], { pk: { S: 'order' }, sk: { S: '1' } });
      await assert.rejects(create(tables), /has items of another program/);
      assert.equal(await tables.admin.hasRecovery(), false);
    }));
});
