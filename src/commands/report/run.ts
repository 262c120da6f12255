import { agreedMarket } from '../../cli/agreed-market.ts';
import { claimLedger, claimSettings } from '../../cli/claim-paths.ts';
import { endpointTime } from '../../cli/connection/endpoint-time.ts';
import {
  askedScope,
  elsewhere,
  fileOfLedger,
  ledgerLocation,
  ledgerScope,
  locationName,
  selectionOf,
} from '../../cli/ledger-location.ts';
import { openReader } from '../../cli/open-reader.ts';
import { readText } from '../../cli/read-file.ts';
import { type RecordValues, recordValuesIn } from '../../cli/record-values.ts';
import { InputError, OutputError, UsageError, unreadableBecause } from '../../errors.ts';
import { unwritableBecause } from '../../files/atomic-write.ts';
import { type OutputFile, openOutput } from '../../files/output-file.ts';
import { claimStreams, createRegister, fileOf } from '../../files/register.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import { charts } from '../../render/html/charts.ts';
import { reportModel } from '../../render/html/model.ts';
import { type Frame, isReport, MARKER_WITHIN, pageOf } from '../../render/html/page.ts';
import type { ReportEstimate } from '../../render/html/sections/estimate.ts';
import {
  type ReconciliationDocument,
  readReconciliation,
} from '../../render/html/sections/reconciliation.ts';
import { show } from '../../render/text/escape.ts';
import { gapValueText } from '../../render/text/gaps.ts';
import { renderMembers } from '../../render/text/members.ts';
import { amountMembers } from '../../render/text/money.ts';
import { terminalFor, warningText } from '../../render/text/terminal.ts';
import { HOUR_SECONDS, startOfHour } from '../../usage/hours.ts';
import { DuplicateMember } from '../../usage/json.ts';
import type { World } from '../../world.ts';
import { carriedIn } from './carried.ts';
import { gapsIn, knownSince, noAmounts } from './gaps.ts';
import type { ReportOptions } from './options.ts';
import { reportSums } from './sums.ts';

export const runReport = async (options: ReportOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  const scope = await ledgerScope(options, world);
  // Reports wrong flags; AWS's clock decides later what relative times mean.
  selectionOf(options, scope, world.now());
  const location = ledgerLocation(options.ledger, world);
  const target = options.html === '-' ? undefined : await openTarget(options, fileOfLedger(location), world);
  const reconciliation = await reconciliationOf(options, world);

  // The balances of streams are those of all hours.
  const { endpoint } = scope;
  using reader = await openReader(location, { endpoint }, { flags: options, world, terminal });
  const { now } = await endpointTime(askedScope(reader, scope), options, world, terminal);
  const selection = selectionOf(options, scope, now);
  const until =
    selection.until === undefined ? undefined : Math.ceil(selection.until / HOUR_SECONDS) * HOUR_SECONDS;
  const endedBefore = startOfHour(Math.min(selection.instants.until ?? now.getTime(), now.getTime()));
  const since = selection.since ?? reader.oldest(selection);
  const agreed =
    options.agreements && since !== undefined && since < endedBefore
      ? await agreedMarket(options, { since: knownSince(since), until: endedBefore }, now, world, terminal)
      : undefined;
  const amounts = noAmounts();
  const { sums, points, summed } = reportSums(reader, selection, endedBefore);
  const gaps = gapsIn(
    { reader, sums, selection, since: selection.since, until: endedBefore, agreed, now },
    amounts,
  );
  const model = reportModel(points, gaps, summed);
  const estimate = agreed && {
    ...billedValue(recordValuesIn(reader, selection, agreed.priceOf, undefined)),
    gaps: amounts,
  };
  const none = 'no matching records in the ledger: the page has none';
  const hint = model.records === 0 ? (elsewhere(reader, selection) ?? none) : undefined;
  if (hint !== undefined) await world.stderr.write(warningText(hint, options.output, terminal.err));

  const frame: Frame = {
    ledger: locationName(location),
    destination: destinationText(reader, selection),
    since: selection.since,
    until,
    filters: filtersOf(options),
    made: now,
    version: world.version,
  };
  const carried = carriedIn(reader, selection);
  const page = pageOf(model, frame, { reconciliation, estimate, carried }, charts);
  if (target === undefined) {
    await world.stdout.write(page);
    return 0;
  }
  await writePage(target, page);
  const members = {
    html: options.html,
    bytes: Buffer.byteLength(page),
    records: model.records,
    ...(carried !== undefined && { balances: carried.open }),
    ...(estimate !== undefined && options.output !== 'table' && { estimate: estimateMembers(estimate) }),
  };
  await world.stdout.write(renderMembers(members, options.output, terminal.out));
  if (estimate !== undefined && options.output === 'table')
    await world.stderr.write(
      gapValueText(
        {
          billableValue: amounts.billable,
          lostValue: amounts.notBillable,
          withoutValue: amounts.withoutValue,
          firstValueMs: amounts.firstValueMs,
        },
        terminal.errWidth,
      ),
    );
  return 0;
};

const billedValue = ({ total, withoutPrice }: RecordValues) => ({ billed: total, withoutPrice });

/** For scripts; a contract. */
const estimateMembers = ({ billed, withoutPrice, gaps }: ReportEstimate) => ({
  billed: amountMembers(billed),
  withoutPrice,
  billable: amountMembers(gaps.billable),
  notBillable: amountMembers(gaps.notBillable),
  withoutValue: gaps.withoutValue,
});

/** The output of `reconcile` lists each difference, and there may be many. */
const MAX_RECONCILIATION_BYTES = 256_000_000;

const reconciliationOf = async (
  { reconciliation: file }: ReportOptions,
  world: World,
): Promise<ReconciliationDocument | undefined> => {
  if (file === undefined) return undefined;
  const next = 'create it with ampmeter reconcile -o json';
  const text = await readText(file, world, MAX_RECONCILIATION_BYTES).catch((error: unknown) => {
    throw error instanceof InputError ? new InputError(error.message, next) : error;
  });
  const name = file === '-' ? 'standard input' : file;
  const document = documentIn(text, name, next);
  if (document !== undefined) return document;
  throw new InputError(`${name} is not output of ampmeter reconcile -o json`, next);
};

const documentIn = (text: string, name: string, next: string): ReconciliationDocument | undefined => {
  try {
    return readReconciliation(text);
  } catch (error) {
    throw error instanceof DuplicateMember ? new InputError(`${name}: ${error.message}`, next) : error;
  }
};

/** Called before the ledger is read. Throws UsageError if the page would replace something else. */
const openTarget = async (
  { html: path, reconciliation, force, caBundle }: ReportOptions,
  ledger: string | undefined,
  world: World,
): Promise<OutputFile> => {
  const register = createRegister();
  if (ledger !== undefined) await claimLedger(register, ledger);
  if (reconciliation !== undefined && reconciliation !== '-')
    await register.claim(reconciliation, fileOf('--reconciliation'));
  await claimSettings(register, caBundle, world.env);
  await claimStreams(register);
  const target = await openOutput(register, { flag: '--html', path }, world);
  if (!force && target.isPlain && target.hasContent && !isReport(await beginningOf(path, world.files)))
    throw new UsageError(
      `--html: ${path} exists and was not created by ampmeter report`,
      'choose another file, or use --force to overwrite it',
    );
  return target;
};

const beginningOf = async (path: string, files: World['files']): Promise<string> => {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of files.read(path)) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= MARKER_WITHIN) break;
    }
  } catch (error) {
    throw new UsageError(
      `--html: ${path} cannot be read: ${unreadableBecause(error)}`,
      'choose another file',
    );
  }
  return text;
};

const writePage = async (target: OutputFile, page: string): Promise<void> => {
  try {
    await target.write([page]);
  } catch (error) {
    throw new OutputError(
      `${target.path} cannot be written: ${unwritableBecause(error)}`,
      'free some space, or choose another file',
    );
  }
};

const destinationText = (
  reader: LedgerReader,
  { endpoint, region }: { readonly endpoint: string; readonly region: string | undefined },
): string => {
  const regions = reader.scopesOf({ endpoint, region }).map(scope => scope.region);
  return [endpoint === 'aws' ? 'AWS' : endpoint, ...regions].join(', ');
};

const filtersOf = ({ customer, license, productCode, dimension }: ReportOptions): string[] =>
  Object.entries({ customer, license, product: productCode, dimension }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${show(value)}`],
  );
