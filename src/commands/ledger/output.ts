import type { CopyCounts } from '../../ledger/copy/copy-ledger.ts';
import type { LedgerInfo } from '../../ledger/info.ts';
import type { TableInfo } from '../../ledger/table/table-info.ts';
import type { Members } from '../../render/text/members.ts';
import { counted, grouped } from '../../render/text/numbers.ts';

/** Prints the members for scripts, or those of the table. */
export type Print = (members: Members, table: Members) => Promise<void>;

/** Of a file, or of a table, which has no bytes and no version of SQLite. */
export const printInfo = (info: LedgerInfo | TableInfo, print: Print): Promise<void> =>
  print(info, {
    ledger: info.ledger,
    ...('bytes' in info && {
      size: `${grouped(Math.ceil(info.bytes / 1024))} KiB`,
      format: `version ${info.schemaVersion}, journal mode ${info.journalMode}, SQLite ${info.sqlite}`,
    }),
    records: grouped(info.records),
    ...Object.fromEntries(
      Object.entries(info.states).map(([state, count]) => [`  ${state}`, grouped(count)]),
    ),
    hours: info.firstHour === null ? undefined : `${info.firstHour} to ${info.lastHour}`,
    ...Object.fromEntries(
      info.destinations.map(({ endpoint, region, records }) => [
        `${endpoint === 'aws' ? 'AWS' : endpoint} ${region}`,
        counted(records, 'record'),
      ]),
    ),
    runs: grouped(info.runs),
    'last run':
      info.lastRun === null
        ? undefined
        : `${info.lastRun.run}, started ${info.lastRun.started}, ${
            info.lastRun.ended === null
              ? 'not ended'
              : `ended ${info.lastRun.ended} with exit code ${info.lastRun.exitCode}`
          }`,
  });

export const printCopy = (
  { from, to }: { readonly from: string; readonly to: string },
  counts: CopyCounts,
  print: Print,
): Promise<void> => {
  const { hours, records, runs, pins, problems, copied, onlyInTarget, digest } = counts;
  return print(
    { from, to, hours, records, runs, pins, copied, onlyInTarget, digest, problems },
    {
      from,
      to,
      copied: copied === 0 ? 'nothing, everything was there' : counted(copied, 'record'),
      compared: `the same in both: ${counted(records, 'record')} in ${counted(hours, 'hour')}, ${counted(runs, 'run')}`,
      ...(onlyInTarget > 0 && { 'only there': counted(onlyInTarget, 'record') }),
      digest,
    },
  );
};
