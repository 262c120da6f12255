import { claimInput, claimLedger, claimSettings } from '../../cli/claim-paths.ts';
import { type Flag, fileWord, flagWords } from '../../cli/shell-words.ts';
import { writeAll } from '../../cli/stream-json.ts';
import { OutputError, UsageError } from '../../errors.ts';
import { unwritableBecause } from '../../files/atomic-write.ts';
import { csvLine } from '../../files/csv-writer.ts';
import { type OutputFile, openOutput } from '../../files/output-file.ts';
import { claimStreams, createRegister } from '../../files/register.ts';
import { NOTHING_TO_FILL } from '../../input/csv.ts';
import type { GapsSummary } from '../../render/text/gaps.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { noticeText, warningText } from '../../render/text/warning.ts';
import { isoSeconds } from '../../usage/hours.ts';
import type { ColumnName } from '../../usage/row.ts';
import type { Unbilled } from '../../usage/unbilled-hours.ts';
import type { World } from '../../world.ts';
import type { GapsOptions } from './options.ts';
import { type GapScan, only } from './scan.ts';

/** The input columns of an upload that a row of quantity 0 needs. */
const COLUMNS = [
  'timestamp',
  'customer_aws_account_id',
  'license_arn',
  'customer_identifier',
  'product_code',
  'dimension',
  'quantity',
] as const satisfies readonly ColumnName[];

/** A row for each hour, as an upload reads it. Its cells are submitted, so that nothing is added to them. */
function* zeroRows(hours: Generator<Unbilled>): Generator<string> {
  let next = hours.next();
  yield csvLine(next.done ? [...COLUMNS, NOTHING_TO_FILL] : COLUMNS);
  for (; !next.done; next = hours.next()) {
    const { subscription, timestamp } = next.value;
    const cells: Record<(typeof COLUMNS)[number], string> = {
      timestamp: isoSeconds(timestamp),
      customer_aws_account_id: subscription.customerAWSAccountId ?? '',
      license_arn: subscription.licenseArn ?? '',
      customer_identifier: subscription.customerIdentifier ?? '',
      product_code: subscription.productCode ?? '',
      dimension: subscription.dimension,
      quantity: '0',
    };
    yield csvLine(COLUMNS.map(name => cells[name]));
  }
}

/** Before anything is done; undefined where no file is asked for. Throws UsageError. */
export const openZeroFill = async (
  { zeroFill, force, subscribers }: GapsOptions,
  ledger: string,
  world: World,
): Promise<OutputFile | undefined> => {
  if (zeroFill === undefined || zeroFill === '-') return undefined;
  const register = createRegister();
  await claimLedger(register, ledger);
  if (subscribers !== undefined) await claimInput(register, subscribers);
  await claimSettings(register, undefined, world.env);
  await claimStreams(register);
  const facts = await world.files.stat(zeroFill).catch(() => undefined);
  if (facts?.kind === 'file' && !force)
    throw new UsageError(
      `--zero-fill: ${zeroFill} is there already`,
      'name another file, or write over it with --force',
    );
  return openOutput(register, { flag: '--zero-fill', path: zeroFill }, world);
};

/** Hours of which nothing is known, oldest first. A quantity that was not billed would be lost behind a 0. */
export const fillZeros = async (
  look: GapScan,
  { zeroFill }: GapsOptions,
  file: OutputFile | undefined,
  world: World,
): Promise<void> => {
  if (zeroFill === undefined) return;
  const fillable = (hour: Unbilled): boolean =>
    hour.status === undefined && look.chanceOf(hour.timestamp).isOpen;
  const rows = zeroRows(only(look.all(), fillable));
  if (file === undefined) return writeAll(rows, world);
  await file.write(rows).catch(error => {
    throw new OutputError(`${zeroFill} cannot be written: ${unwritableBecause(error)}`, 'name another file');
  });
};

/** That a 0 is for good is said each time. */
export const sayZeros = async (
  { zeroFill }: GapsSummary,
  { output, ledger, region, endpointUrl }: GapsOptions,
  { stderr }: World,
  { err }: Terminal,
  allowances: readonly Flag[],
): Promise<void> => {
  if (zeroFill === null) return;
  const { file, rows, leftOut } = zeroFill;
  const where = file === '-' ? 'standard output' : file;
  if (leftOut > 0)
    await stderr.write(
      warningText(
        `left out of ${where}: ${counted(leftOut, 'hour')} with a quantity in the ledger that was not billed; a 0 would close them without it`,
        output,
        err,
      ),
    );
  if (rows === 0) {
    await stderr.write(
      noticeText(
        `no hour is to be filled with 0; ${where} has a header only, and batch accepts it as empty`,
        output,
        err,
      ),
    );
    return;
  }
  const flags = flagWords([
    ['--ledger', ledger],
    ['--region', region],
    ['--endpoint-url', endpointUrl],
    ...allowances,
  ]);
  const submit = ['ampmeter batch', file === '-' ? file : fileWord(file), ...flags].join(' ');
  await stderr.write(
    warningText(
      `${where} has ${counted(rows, 'row')} of quantity 0; a 0 closes its hour for good: AWS accepts no other quantity for it. Review them, then run: ${submit}`,
      output,
      err,
    ),
  );
};
