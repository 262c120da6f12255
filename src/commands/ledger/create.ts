import { tablePolicies } from '../../cli/iam-policy.ts';
import { type LedgerLocation, locationName, type TableLocation } from '../../cli/ledger-location.ts';
import type { AwsAccess } from '../../cli/options/aws-access.ts';
import { UsageError } from '../../errors.ts';
import type { OutputFormat } from '../../render/text/members.ts';
import type { World } from '../../world.ts';
import type { LedgerOptions } from './options.ts';
import type { Print } from './output.ts';
import type { WithTable } from './with-table.ts';

type CreateParts = {
  readonly output: OutputFormat;
  readonly access?: Pick<AwsAccess, 'profile'>;
  readonly world: World;
  readonly print: Print;
  readonly withTable: WithTable;
};

type Printed = Extract<LedgerOptions['what'], { action: 'create' }>['print'];

export const createOrPrint = async (
  location: LedgerLocation,
  printed: Printed,
  parts: CreateParts,
): Promise<number> => {
  if (location.kind === 'file')
    throw new UsageError(
      `ledger create makes a table; ${locationName(location)} is a file`,
      'use --ledger dynamodb://TABLE; the first batch creates a file',
    );
  if (printed === undefined) return create(location, parts);
  const { output, access, world } = parts;
  const document = await documentOf(location, printed, access, world);
  await world.stdout.write(`${JSON.stringify(document, null, output === 'jsonl' ? undefined : 2)}\n`);
  return 0;
};

const documentOf = async (
  location: TableLocation,
  printed: NonNullable<Printed>,
  access: CreateParts['access'],
  world: World,
) => {
  if (printed === 'cloudformation') {
    const { tableTemplate } = await import('../../dynamodb/table-template.ts');
    return tableTemplate(location.table);
  }
  const { destinationOf } = await import('../../cli/connection/target.ts');
  const flags = { profile: access?.profile, endpointUrl: undefined, dualStack: false, fips: false };
  const { region } = await destinationOf('DynamoDB', { ...flags, region: location.region }, world);
  return tablePolicies({ table: location.table, region });
};

const create = (location: TableLocation, { world, print, withTable }: CreateParts): Promise<number> =>
  withTable(location, async ({ table, parts }) => {
    const [{ createTableAdmin }, { createLedger }] = await Promise.all([
      import('../../dynamodb/table-admin.ts'),
      import('../../dynamodb/create-ledger.ts'),
    ]);
    const admin = createTableAdmin(parts);
    try {
      const { created, billing, switchedOn } = await createLedger({ table, admin, world });
      const { region } = parts;
      const ledger = locationName(location);
      await print(
        { ledger, region, created, billing, switchedOn },
        {
          ledger,
          region,
          table: created ? 'created' : 'existed already',
          billing,
          'switched on': switchedOn.length === 0 ? 'nothing was missing' : switchedOn.join(', '),
        },
      );
      return 0;
    } finally {
      admin.close();
    }
  });
