import type { TableConnection } from '../../cli/connection/table.ts';
import { type LedgerLocation, locationName, locationOf } from '../../cli/ledger-location.ts';
import { UsageError } from '../../errors.ts';
import type { CopyCounts } from '../../ledger/copy/copy-ledger.ts';
import { copyToFile } from '../../ledger/copy/copy-to-file.ts';
import type { Side } from '../../ledger/copy/side.ts';
import { takeLock } from '../../ledger/lock.ts';
import { expectLedger } from '../../ledger/maintenance.ts';
import type { World } from '../../world.ts';
import type { LedgerOptions } from './options.ts';
import { type Print, printCopy } from './output.ts';
import type { WithTable } from './with-table.ts';

type Copy = Extract<LedgerOptions['what'], { action: 'copy' }>;

type CopyParts = { readonly world: World; readonly print: Print; readonly withTable: WithTable };

export const copyBetween = async (
  { from, to, waitMs }: Copy,
  { world, print, withTable }: CopyParts,
): Promise<number> => {
  const source = namedLedger(from, 'FROM');
  const target = namedLedger(to, 'TO');
  if (source.kind === 'file' && target.kind === 'file')
    throw new UsageError(
      'ledger copy is between a file and a table, or between tables',
      `for a copy of a file: ampmeter ledger backup ${to} --ledger ${from}`,
    );
  if (from === to) throw toItself(from);
  const counts = await withSide(source, waitMs, { world, withTable }, (side, place) =>
    copyTo(target, { side, place }, waitMs, { world, withTable }),
  );
  await printCopy({ from: locationName(source), to: locationName(target) }, counts, print);
  return 0;
};

const toItself = (name: string): UsageError =>
  new UsageError(`${name} is to be copied to itself`, 'choose another ledger to copy to');

const namedLedger = (named: string, argument: string): LedgerLocation => {
  if (named === '' || named === '-')
    throw new UsageError(
      `ledger copy: ${argument} must be a file or a table`,
      'for example: ampmeter ledger copy ledger.db dynamodb://ampmeter',
    );
  return locationOf(named, argument);
};

/** Where a table is, whatever it was called. Undefined: it is a file. */
type Place = string | undefined;

const placeOf = ({ url, region, tableName }: TableConnection['parts']): Place =>
  [url.href, region, tableName].join(' ');

type SideParts = Pick<CopyParts, 'world' | 'withTable'>;

const withSide = async <T>(
  source: LedgerLocation,
  waitMs: number,
  { world, withTable }: SideParts,
  use: (side: Side, place: Place) => Promise<T>,
): Promise<T> => {
  if (source.kind === 'table') {
    const [{ tableSide }, { checkTable }] = await Promise.all([
      import('../../ledger/copy/table-side.ts'),
      import('../../ledger/table/table-ledger.ts'),
    ]);
    return withTable(source, async ({ table, parts }) => {
      await checkTable(table);
      return use(tableSide(table), placeOf(parts));
    });
  }
  expectLedger(source.path);
  // A run that ends after the copy would leave the two different.
  const lock = await takeLock(source.path, waitMs, world);
  try {
    const { readFileSide } = await import('../../ledger/copy/file-side.ts');
    return await readFileSide(source.path, side => use(side, undefined));
  } finally {
    lock.release();
  }
};

const copyTo = async (
  target: LedgerLocation,
  { side, place }: { readonly side: Side; readonly place: Place },
  waitMs: number,
  { world, withTable }: SideParts,
): Promise<CopyCounts> => {
  if (target.kind === 'file') return copyToFile(side, target.path, waitMs, world);
  const [{ copyLedger }, { openTableTarget }, { Writer }] = await Promise.all([
    import('../../ledger/copy/copy-ledger.ts'),
    import('../../ledger/copy/table-side.ts'),
    import('../../ledger/table/writer.ts'),
  ]);
  return withTable(target, async ({ table, parts }) => {
    // Until a copy is complete no run uses its target, so this one could never be completed.
    if (placeOf(parts) === place) throw toItself(side.name);
    return copyLedger(side, await openTableTarget(new Writer(table), side.name));
  });
};
