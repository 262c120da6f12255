import type { TableClientParts } from '../../dynamodb/table-client.ts';
import { UsageError } from '../../errors.ts';
import type { Table } from '../../ledger/table/table.ts';
import type { Destination } from '../../metering/endpoint.ts';
import type { World } from '../../world.ts';
import { awsTarget, destinationOf } from './target.ts';

/** Where the table is and who asks for it: flags of a command that has them. AWS's own settings stand in for the others. */
export type TableFlags = {
  readonly profile?: string | undefined;
  readonly caBundle?: string | undefined;
  readonly giveUpAfterMs?: number;
  readonly dualStack?: boolean;
  readonly fips?: boolean;
};

export type OpenTable = {
  readonly table: Table;
  readonly destination: Destination;
  /** For what only `ledger create` and `doctor` do. */
  readonly parts: TableClientParts;
  readonly close: () => void;
};

const SCHEME = 'dynamodb://';

/** How long a table may be out of reach, where no flag says otherwise. */
const GIVE_UP_AFTER_MS = 60_000;

/** The name of the table in `dynamodb://TABLE`; undefined where the ledger is a file. Throws UsageError. */
export const tableNameOf = (place: string): string | undefined => {
  if (!place.toLowerCase().startsWith(SCHEME)) return undefined;
  const name = place.slice(SCHEME.length);
  // Source: DynamoDB Developer Guide, "Supported data types and naming rules".
  if (/^[A-Za-z0-9_.-]{3,255}$/.test(name)) return name;
  throw new UsageError(
    `${place} does not name a table of DynamoDB`,
    'use dynamodb://TABLE: 3 to 255 letters, digits, and the characters _ - and .',
  );
};

/** Which Region and endpoint the table is in. Nothing is called. `--region` and `--endpoint-url` are those of metering. */
export const tableDestination = (
  flags: TableFlags,
  world: Pick<World, 'env' | 'files'>,
): Promise<Destination> => destinationOf('DynamoDB', serviceFlagsOf(flags), world);

/** A client for the table. Nothing is called yet. AWS's package for DynamoDB is large, and loaded only here. */
export const openTable = async (tableName: string, flags: TableFlags, world: World): Promise<OpenTable> => {
  const service = serviceFlagsOf(flags);
  const [{ destination, network, credentials }, { createHandler }, { createTable }, { DIRECT }] =
    await Promise.all([
      awsTarget('DynamoDB', service, world),
      import('../../metering/handler.ts'),
      import('../../dynamodb/table-client.ts'),
      import('../../metering/proxy.ts'),
    ]);
  const parts = {
    tableName,
    region: destination.region,
    endpoint: destination.url.href,
    credentials: credentials.get,
    requestHandler: createHandler(network?.network ?? DIRECT),
    giveUpAfterMs: service.giveUpAfterMs,
    world,
  };
  const table = createTable(parts);
  return { table, destination, parts, close: table.close };
};

const serviceFlagsOf = (flags: TableFlags) => ({
  profile: flags.profile,
  region: undefined,
  endpointUrl: undefined,
  dualStack: flags.dualStack ?? false,
  fips: flags.fips ?? false,
  caBundle: flags.caBundle,
  giveUpAfterMs: flags.giveUpAfterMs ?? GIVE_UP_AFTER_MS,
  local: false,
  showRequest: false,
  output: 'table' as const,
  color: 'auto' as const,
  debug: false,
});
