import { agreedMarket } from '../../cli/agreed-market.ts';
import { elsewhere, ledgerLocation, ledgerScope, selectionOf } from '../../cli/ledger-location.ts';
import { openReader } from '../../cli/open-reader.ts';
import { type RecordValues, recordValue, recordValuesIn } from '../../cli/record-values.ts';
import { jsonDocument, jsonLines, writeAll } from '../../cli/stream-json.ts';
import { runSummary, runsIn } from '../../ledger/queries/runs.ts';
import { type GroupBy, groupsIn, totalsOf } from '../../ledger/queries/totals.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Selection } from '../../ledger/selection.ts';
import type { OutputFormat } from '../../render/text/members.ts';
import { aboutText, amountMembers, ESTIMATE_LEAVES_OUT } from '../../render/text/money.ts';
import { counted } from '../../render/text/numbers.ts';
import { knownMembers, outcomesTable } from '../../render/text/outcomes.ts';
import { runMembers, runsTable } from '../../render/text/runs.ts';
import { noticeText, type Terminal, terminalFor, warningText } from '../../render/text/terminal.ts';
import { groupMembers, groupsTable, totalsMembers } from '../../render/text/totals.ts';
import { wrapAt } from '../../render/text/width.ts';
import { type Decimal, decimalText } from '../../usage/decimal.ts';
import type { PriceOf } from '../../usage/money.ts';
import type { World } from '../../world.ts';
import { groupsCsv, recordsCsv, runsCsv } from './csv.ts';
import type { HistoryOptions } from './options.ts';

/** A longer table is hard to read. */
const MAX_TABLE_ROWS = 100;

export const runHistory = async (options: HistoryOptions, world: World): Promise<number> => {
  const terminal = terminalFor(world, options.color);
  const scope = await ledgerScope(options, world);
  const { statuses, run } = options;
  const selection = { ...selectionOf(options, scope, world.now()), statuses, run };
  const { endpoint, since, until } = selection;
  // The hours of a run are not known before its records are.
  const range = options.runs ? { since: Number.MAX_SAFE_INTEGER, runs: true } : { since, until };
  using reader = await openReader(
    ledgerLocation(options.ledger, world),
    { endpoint, ...range },
    { flags: { ...options, output: formatOf(options) }, world, terminal },
  );
  const priceOf = options.value ? await pricesFor(reader, selection, options, world, terminal) : undefined;
  const query = { reader, selection, options, world, terminal, priceOf };
  const printed = options.runs ? await printRuns(query) : await printRecordsOrGroups(query);
  if (printed > 0) return 0;
  const hint = elsewhere(reader, selection);
  const format = formatOf(options);
  await world.stderr.write(
    hint === undefined
      ? noticeText(`no matching ${options.runs ? 'runs' : 'records'} in the ledger`, format, terminal.err)
      : warningText(hint, format, terminal.err),
  );
  return 0;
};

const formatOf = ({ output }: HistoryOptions): OutputFormat => (output === 'csv' ? 'table' : output);

/** The prices of everybody with an agreement in these hours. */
const pricesFor = async (
  reader: LedgerReader,
  selection: HistoryQuery['selection'],
  options: HistoryOptions,
  world: World,
  terminal: Terminal,
): Promise<PriceOf> => {
  const since = reader.oldest(selection);
  if (since === undefined) return () => undefined;
  const now = world.now();
  const until = Math.min(selection.until ?? Number.POSITIVE_INFINITY, now.getTime() / 1000);
  const flags = { ...options, output: formatOf(options) };
  return (await agreedMarket(flags, { since, until }, now, world, terminal)).priceOf;
};

type HistoryQuery = {
  /** Undefined: no value is shown. */
  readonly priceOf: PriceOf | undefined;
  readonly reader: LedgerReader;
  readonly selection: Selection & ReturnType<typeof selectionOf>;
  readonly options: HistoryOptions;
  readonly world: World;
  readonly terminal: Terminal;
};

/** Like the functions below, returns the number of records, groups or runs printed. */
const printRecordsOrGroups = (query: HistoryQuery): Promise<number> =>
  query.options.by === undefined ? printRecords(query) : printGroups(query, query.options.by);

const printRecords = async ({
  reader,
  selection,
  options,
  world,
  terminal,
  priceOf,
}: HistoryQuery): Promise<number> => {
  let printed = 0;
  const values = priceOf && recordValuesIn(reader, selection, priceOf, undefined);
  function* all() {
    for (const record of reader.records(selection)) {
      printed += 1;
      yield record;
    }
  }
  function* members() {
    for (const record of all()) {
      const value = priceOf && recordValue(record, priceOf);
      yield {
        ...knownMembers(record),
        ...(value && { estimate: { currency: value.currency, amount: decimalText(value.amount) } }),
      };
    }
  }
  switch (options.output) {
    case 'json':
      await writeAll(jsonDocument({ records: members(), ...estimateMember(values) }), world);
      return printed;
    case 'jsonl':
      await writeAll(jsonLines('outcome', members()), world);
      if (values !== undefined) await writeAll(jsonLines('estimate', [estimateMembers(values)]), world);
      return printed;
    case 'csv':
      await writeAll(recordsCsv(all(), priceOf), world);
      return printed;
    case 'table': {
      const rows = await printTable({ reader, selection, options, world, terminal, priceOf });
      if (values !== undefined) await world.stderr.write(estimateText(values, terminal.errWidth));
      return rows;
    }
    default:
      return options.output satisfies never;
  }
};

const printTable = async ({ reader, selection, world, terminal }: HistoryQuery): Promise<number> => {
  const newest = reader.newest(selection, MAX_TABLE_ROWS);
  if (newest.length === 0) return 0;
  const { out: paint, width, symbols } = terminal;
  const settled = newest.map(({ record, outcome, place, usedWhenSent }) => ({
    record,
    outcome,
    rows: [place],
    ...(usedWhenSent !== undefined && { usedWhenSent }),
  }));
  const manyFiles = new Set(newest.map(({ place }) => place.file)).size > 1;
  await world.stdout.write(outcomesTable(settled, { width, paint, symbols, manyFiles }));
  const older = newest.length < MAX_TABLE_ROWS ? 0 : reader.count(selection) - newest.length;
  if (older > 0) {
    await world.stderr.write(
      `${symbols.cut} ${counted(older, 'older record')} not listed; -o jsonl and -o csv list all, --by adds them up\n`,
    );
  }
  return newest.length;
};

const printGroups = async (
  { reader, selection, options, world, terminal, priceOf }: HistoryQuery,
  by: GroupBy,
): Promise<number> => {
  const values = priceOf && recordValuesIn(reader, selection, priceOf, by);
  const worth = (amounts: ReadonlyMap<string, Decimal> | undefined) =>
    amounts === undefined ? {} : { estimate: amountMembers(amounts) };
  const groups = groupsIn(reader, selection, by);
  const totals = totalsOf(groups);
  function* members() {
    for (const group of groups) yield { ...groupMembers(group, by), ...worth(values?.ofGroup(group)) };
  }
  const sums = totals.map(total => ({ ...totalsMembers(total), ...worth(values?.ofTotals(total)) }));
  switch (options.output) {
    case 'json':
      await writeAll(jsonDocument({ groups: members(), totals: sums, ...estimateMember(values) }), world);
      break;
    case 'jsonl':
      await writeAll(jsonLines('group', members()), world);
      await writeAll(jsonLines('total', sums), world);
      if (values !== undefined) await writeAll(jsonLines('estimate', [estimateMembers(values)]), world);
      break;
    case 'csv':
      await writeAll(groupsCsv(groups, by, values), world);
      break;
    case 'table': {
      const { width, out: paint, symbols } = terminal;
      if (groups.length > 0)
        await world.stdout.write(groupsTable(groups, totals, by, { width, paint, symbols }, values));
      if (values !== undefined) await world.stderr.write(estimateText(values, terminal.errWidth));
      break;
    }
    default:
      return options.output satisfies never;
  }
  return groups.length;
};

const estimateMembers = ({ total, withoutPrice }: RecordValues) => ({
  billed: amountMembers(total),
  withoutPrice,
});

const estimateMember = (values: RecordValues | undefined) =>
  values === undefined ? undefined : { estimate: () => estimateMembers(values) };

const estimateText = ({ total, withoutPrice }: RecordValues, columns: number | undefined): string => {
  const rest =
    withoutPrice > 0 ? `; ${counted(withoutPrice, 'billed record')} without a known price not included` : '';
  return `billed: ${aboutText(total) || 'nothing with a known price'}\n${wrapAt(`${ESTIMATE_LEAVES_OUT}${rest}`, columns)}\n`;
};

const printRuns = async ({ reader, selection, options, world, terminal }: HistoryQuery): Promise<number> => {
  const { since: sinceMs, until: untilMs } = selection.instants;
  const runs = [...runsIn(reader, { ...selection, sinceMs, untilMs })].map(runSummary);
  switch (options.output) {
    case 'json':
      await writeAll(jsonDocument({ runs: runs.map(runMembers) }), world);
      break;
    case 'jsonl':
      await writeAll(jsonLines('run', runs.map(runMembers)), world);
      break;
    case 'csv':
      await writeAll(runsCsv(runs), world);
      break;
    case 'table': {
      const { width, out: paint, symbols } = terminal;
      if (runs.length > 0) await world.stdout.write(runsTable(runs, { width, paint, symbols }));
      break;
    }
    default:
      return options.output satisfies never;
  }
  return runs.length;
};
