import { type Policy, policyFor, tablePolicies } from '../../../cli/iam-policy.ts';
import type { TableLocation } from '../../../cli/ledger-location.ts';
import type { Credentials } from '../../../metering/credentials.ts';
import type { Terminal } from '../../../render/text/terminal.ts';
import type { World } from '../../../world.ts';
import type { DoctorOptions } from '../options.ts';
import { type CheckResult, failed } from './check.ts';

type TableCheckParts = {
  readonly options: DoctorOptions;
  readonly world: World;
  readonly terminal: Terminal;
  readonly credentials: Credentials;
};

/** Connects to the table of a ledger and checks it, with the credentials that are loaded anyway. */
export const checkTableAt = async (
  ledger: TableLocation,
  { options, world, terminal, credentials }: TableCheckParts,
): Promise<readonly CheckResult[]> => {
  const [{ connectTable }, { createTableAdmin }, { checkTableLedger }] = await Promise.all([
    import('../../../cli/connection/table.ts'),
    import('../../../dynamodb/table-admin.ts'),
    import('./table.ts'),
  ]);
  try {
    const { table, parts, close } = await connectTable(ledger, options, world, terminal, credentials);
    const admin = createTableAdmin(parts);
    try {
      return await checkTableLedger({ table, parts, admin });
    } finally {
      admin.close();
      close();
    }
  } catch (error) {
    return [failed('ledger', error)];
  }
};

/** What the command needs, with what an upload does with a table. */
export const policyOf = async (
  { command, profile }: Pick<DoctorOptions, 'command' | 'profile'>,
  ledger: TableLocation | undefined,
  world: World,
): Promise<Policy> => {
  const policy = policyFor([command]);
  if (ledger === undefined || command !== 'batch') return policy;
  const { destinationOf } = await import('../../../cli/connection/target.ts');
  const flags = { profile, endpointUrl: undefined, dualStack: false, fips: false };
  const region = await destinationOf('DynamoDB', { ...flags, region: ledger.region }, world).then(
    found => found.region,
    () => '*',
  );
  const { Statement } = tablePolicies({ table: ledger.table, region }).run;
  return { ...policy, Statement: [...policy.Statement, ...Statement] };
};
