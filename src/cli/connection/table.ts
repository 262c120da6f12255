import type { TableClientParts, TableCredentials } from '../../dynamodb/table-client.ts';
import type { Table } from '../../ledger/table/table.ts';
import { show } from '../../render/text/escape.ts';
import { noticeText, type Terminal } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import type { TableLocation } from '../ledger-location.ts';
import type { AwsAccess } from '../options/aws-access.ts';
import type { ServiceFlags } from '../options/connection.ts';
import { debugText } from './debug.ts';
import { networkLines } from './network.ts';
import { awsTarget } from './target.ts';

/** The flags that say how to reach a table. What a command does not have, the environment may say. */
export type TableFlags = Partial<
  AwsAccess &
    Pick<ServiceFlags, 'debug' | 'output' | 'quiet'> & {
      /** How long to wait for another run: there is nothing to wait for. */
      readonly waitMs: number;
    }
>;

export type TableConnection = {
  readonly table: Table;
  /** What its client was made of, for calls that a ledger does not need. */
  readonly parts: TableClientParts;
  readonly close: () => void;
};

/** How long a command without `--give-up-after` tries to reach the table. */
const GIVE_UP_AFTER_MS = 60_000;

/**
 * The table of a ledger. Nothing is called yet. It is in the Region of its name, or else in that of the environment:
 * `--region` and `--endpoint-url` say where usage is sent, and one table has the usage of all Regions. `credentials`: of an
 * open connection, so that nobody is asked for a code twice.
 */
export const connectTable = async (
  { name, table: tableName, region }: TableLocation,
  {
    profile,
    dualStack = false,
    fips = false,
    caBundle,
    giveUpAfterMs = GIVE_UP_AFTER_MS,
    debug = false,
    output = 'table',
    quiet = false,
    waitMs = 0,
  }: TableFlags,
  world: World,
  { err }: Terminal,
  credentials?: TableCredentials,
): Promise<TableConnection> => {
  if (waitMs > 0 && !quiet) {
    const text = '--wait has no effect: several runs may use a table at once';
    await world.stderr.write(noticeText(text, output, err));
  }
  const target = await awsTarget(
    'DynamoDB',
    { profile, region, endpointUrl: undefined, dualStack, fips, caBundle, giveUpAfterMs },
    world,
  );
  const { url, region: found, regionSource, endpointSource } = target.destination;
  const [{ createTable }, { createTransport }, { tracedTableTransport }] = await Promise.all([
    import('../../dynamodb/table-client.ts'),
    import('../../metering/transport.ts'),
    import('../../metering/trace.ts'),
  ]);
  const print = (text: string): void => void world.stderr.write(`${err.dim('debug:')} ${text}\n`);
  if (debug) {
    const source = region === undefined ? regionSource : 'the name of the ledger';
    print(`ledger ${show(name)}: region ${found} (${source})`);
    print(`ledger endpoint ${url.href}${endpointSource === undefined ? '' : ` (${endpointSource})`}`);
    for (const line of target.network === undefined ? [] : networkLines(target.network, url, world.env))
      print(show(line));
  }
  const transport = createTransport(undefined, target.network?.network);
  const trace = debug
    ? (event: Parameters<typeof debugText>[0]) => void world.stderr.write(debugText(event, err))
    : undefined;
  const parts: TableClientParts = {
    name,
    tableName,
    region: found,
    url,
    credentials: credentials ?? target.credentials,
    transport: trace === undefined ? transport : tracedTableTransport(transport, trace, world),
    giveUpAfterMs,
    world,
  };
  const table = createTable(parts);
  return {
    table,
    parts,
    close: () => {
      table.close();
      transport.close();
    },
  };
};
