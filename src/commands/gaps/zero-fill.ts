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
import { noticeText, type Terminal, warningText } from '../../render/text/terminal.ts';
import { isoSeconds } from '../../usage/hours.ts';
import type { ColumnName } from '../../usage/row.ts';
import type { Unbilled } from '../../usage/unbilled-hours.ts';
import type { World } from '../../world.ts';
import type { GapsRequest } from './options.ts';
import type { GapScan } from './scan.ts';

/** Called before anything else; undefined without --zero-fill. Throws UsageError. */
export const openZeroFill = async (
  { zeroFill, force, subscribers, caBundle }: GapsRequest,
  ledger: string | undefined,
  world: World,
): Promise<OutputFile | undefined> => {
  if (zeroFill === undefined || zeroFill === '-') return undefined;
  const register = createRegister();
  if (ledger !== undefined) await claimLedger(register, ledger);
  if (subscribers !== undefined) await claimInput(register, subscribers);
  await claimSettings(register, caBundle, world.env);
  await claimStreams(register);
  const facts = await world.files.stat(zeroFill).catch(() => undefined);
  if (facts?.kind === 'file' && !force)
    throw new UsageError(
      `--zero-fill: ${zeroFill} already exists`,
      'choose another file, or use --force to overwrite it',
    );
  return openOutput(register, { flag: '--zero-fill', path: zeroFill }, world);
};

/** Writes the hours that close soon and have no open question, oldest first. */
export const fillZeros = async (
  scan: GapScan,
  { zeroFill }: GapsRequest,
  file: OutputFile | undefined,
  world: World,
): Promise<void> => {
  if (zeroFill === undefined) return;
  const rows = zeroRows(scan.all().filter(hour => scan.fateOf(hour) === 'filled'));
  if (file === undefined) return writeAll(rows, world);
  await file.write(rows).catch(error => {
    throw new OutputError(
      `${zeroFill} cannot be written: ${unwritableBecause(error)}`,
      'choose another file',
    );
  });
};

/** What the file has, and that a quantity of 0 is final. */
export const writeZeroFillNotes = async (
  { zeroFill }: GapsSummary,
  { output, ledger, region, endpointUrl }: GapsRequest,
  { stderr }: World,
  { err }: Terminal,
  allowances: readonly Flag[],
): Promise<void> => {
  if (zeroFill === null) return;
  const { file, rows, leftOut, later } = zeroFill;
  const where = file === '-' ? 'standard output' : file;
  if (leftOut > 0)
    await stderr.write(
      warningText(
        `left out of ${where}: ${counted(leftOut, 'hour')} with a row in the ledger that is not billed; after a 0 that usage could no longer be billed`,
        output,
        err,
      ),
    );
  if (later > 0)
    await stderr.write(
      noticeText(
        `not yet in ${where}: ${counted(later, 'hour')} whose deadline is further away; use --within 24h to fill all`,
        output,
        err,
      ),
    );
  if (rows === 0) {
    await stderr.write(
      noticeText(
        `no hours to fill with 0; ${where} has only a header, and batch accepts it as empty`,
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
      `${where} has ${counted(rows, 'row')} with quantity 0; a quantity of 0 is final: AWS will not accept another value for that hour. Review the rows, then run: ${submit}`,
      output,
      err,
    ),
  );
};

/** The input columns of batch that a row with quantity 0 needs. */
const COLUMNS = [
  'timestamp',
  'customer_aws_account_id',
  'license_arn',
  'customer_identifier',
  'product_code',
  'dimension',
  'quantity',
] as const satisfies readonly ColumnName[];

/** A row for each hour, as batch reads it. The cells are submitted as they are, so nothing is added to them. */
function* zeroRows(hours: IteratorObject<Unbilled>): Generator<string> {
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
