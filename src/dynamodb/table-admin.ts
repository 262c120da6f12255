import {
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  ScanCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { ATTRIBUTES, KEY_SCHEMA } from './schema.ts';
import { connectDynamo, type TableClientParts } from './table-client.ts';

/** What AWS says of a table. */
export type TableFacts = {
  readonly status: string;
  /** Its key, with the types: `pk (S), sk (S)`. */
  readonly key: string;
  readonly isOnDemand: boolean;
  /** It cannot be deleted by mistake. */
  readonly isProtected: boolean;
};

/** What is done with the table itself, not with its items. Rejects with LedgerError. */
export type TableAdmin = {
  /** Undefined: there is no table. */
  readonly describe: () => Promise<TableFacts | undefined>;
  readonly create: () => Promise<void>;
  readonly protect: () => Promise<void>;
  /** Whether the table can be restored to any time of the last days. */
  readonly hasRecovery: () => Promise<boolean>;
  /** False: it cannot be switched on yet. */
  readonly enableRecovery: () => Promise<boolean>;
  readonly isEmpty: () => Promise<boolean>;
  readonly close: () => void;
};

/** The key that a ledger has. */
export const LEDGER_KEY = ATTRIBUTES.map(
  ({ AttributeName, AttributeType }) => `${AttributeName} (${AttributeType})`,
).join(', ');

export const createTableAdmin = (parts: TableClientParts): TableAdmin => {
  const { tableName: TableName } = parts;
  const { call, close } = connectDynamo(parts);

  return {
    describe: () =>
      call('DescribeTable', async client => {
        const reply = await unless(
          client.send(new DescribeTableCommand({ TableName })),
          'ResourceNotFoundException',
        );
        const table = reply?.Table;
        if (table === undefined) return undefined;
        const types = new Map(
          table.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => [
            AttributeName,
            AttributeType,
          ]),
        );
        return {
          status: table.TableStatus ?? 'ACTIVE',
          key: (table.KeySchema ?? [])
            .map(({ AttributeName }) => `${AttributeName} (${types.get(AttributeName)})`)
            .join(', '),
          isOnDemand: table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST',
          isProtected: table.DeletionProtectionEnabled === true,
        };
      }),
    create: async () => {
      await call('CreateTable', client =>
        unless(
          client.send(
            new CreateTableCommand({
              TableName,
              KeySchema: [...KEY_SCHEMA],
              AttributeDefinitions: [...ATTRIBUTES],
              BillingMode: 'PAY_PER_REQUEST',
              DeletionProtectionEnabled: true,
            }),
          ),
          // Another machine was faster, or the reply to an earlier try was lost.
          'ResourceInUseException',
        ),
      );
    },
    protect: async () => {
      const command = new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true });
      await call('UpdateTable', client => unless(client.send(command), 'ResourceInUseException'));
    },
    hasRecovery: async () => {
      const command = new DescribeContinuousBackupsCommand({ TableName });
      const { ContinuousBackupsDescription: found } = await call('DescribeContinuousBackups', client =>
        client.send(command),
      );
      return found?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
    },
    enableRecovery: async () => {
      const command = new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
      // Source: API reference, UpdateContinuousBackups: backups of a new table are not available at once.
      const reply = await call('UpdateContinuousBackups', client =>
        unless(client.send(command), 'ContinuousBackupsUnavailableException'),
      );
      return reply !== undefined;
    },
    isEmpty: async () => {
      const command = new ScanCommand({ TableName, Limit: 1, ConsistentRead: true });
      const { Items = [] } = await call('Scan', client => client.send(command));
      return Items.length === 0;
    },
    close,
  };
};

/** Undefined when the reply is the error of this name. */
const unless = async <T>(pending: Promise<T>, error: string): Promise<T | undefined> => {
  try {
    return await pending;
  } catch (failure) {
    if ((failure as Error).name === error) return undefined;
    throw failure;
  }
};
