export type Reply = { readonly status: number; readonly text: string };

export type Call = (operation: string, input: object) => Promise<Reply>;

/** What is set of a table, and dynalite has no notion of. */
type Settings = { isProtected: boolean; hasRecovery: boolean };

/**
 * Replies to what dynalite does not know: deletion protection and point-in-time recovery. Undefined: it replies itself.
 * Source of the forms: DynamoDB API reference, DescribeContinuousBackups and UpdateTable.
 */
export const createAdminReplies = (): ((
  operation: string,
  body: string,
  call: Call,
) => Promise<Reply> | undefined) => {
  const tables = new Map<string, Settings>();
  const settingsOf = (name: string): Settings => {
    const found = tables.get(name) ?? { isProtected: false, hasRecovery: false };
    tables.set(name, found);
    return found;
  };
  const backups = ({ hasRecovery }: Settings): Reply => ({
    status: 200,
    text: JSON.stringify({
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: hasRecovery ? 'ENABLED' : 'DISABLED' },
      },
    }),
  });

  return (operation, body, call) => {
    const { TableName, DeletionProtectionEnabled, ...rest } = JSON.parse(body) as {
      readonly TableName: string;
      readonly DeletionProtectionEnabled?: boolean;
    };
    const settings = settingsOf(TableName);
    switch (operation) {
      case 'CreateTable':
        settings.isProtected = DeletionProtectionEnabled === true;
        return call(operation, { TableName, ...rest });
      case 'UpdateTable':
        settings.isProtected = DeletionProtectionEnabled === true;
        return Promise.resolve({ status: 200, text: '{}' });
      case 'DescribeTable':
        return call(operation, { TableName }).then(({ status, text }) => {
          const { Table, ...other } = JSON.parse(text);
          const described = { ...Table, DeletionProtectionEnabled: settings.isProtected };
          return { status, text: JSON.stringify(Table === undefined ? other : { Table: described }) };
        });
      case 'DescribeContinuousBackups':
        return Promise.resolve(backups(settings));
      case 'UpdateContinuousBackups':
        settings.hasRecovery = true;
        return Promise.resolve(backups(settings));
      default:
        return undefined;
    }
  };
};
