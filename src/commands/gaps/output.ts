import { jsonDocument, jsonLines, writeAll } from '../../cli/stream-json.ts';
import type { OutputFile } from '../../files/output-file.ts';
import {
  type GapsSummary,
  gapMembers,
  gapsSummaryText,
  gapsTable,
  gapValueText,
} from '../../render/text/gaps.ts';
import { amountMembers } from '../../render/text/money.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { type EpochMs, isoMs, isoSeconds } from '../../usage/hours.ts';
import { type Amounts, addAmount } from '../../usage/money.ts';
import { isNullText } from '../../usage/null-text.ts';
import {
  type GapRun,
  isBillable,
  runsOf,
  type Subscription,
  type Unbilled,
} from '../../usage/unbilled-hours.ts';
import type { World } from '../../world.ts';
import { gapsCsv } from './csv.ts';
import type { GapsRequest } from './options.ts';
import { type GapScan, isGap, type ZeroFate } from './scan.ts';
import { fillZeros, writeZeroFillNotes } from './zero-fill.ts';

/** Writes the rows with quantity 0, then the gaps, then the summary. */
export const writeGaps = async (
  scan: GapScan,
  options: GapsRequest,
  zeroFile: OutputFile | undefined,
  world: World,
  terminal: Terminal,
): Promise<GapsSummary> => {
  const { all, billabilityOf, valueOfGap } = scan;
  const { tally, tallied } = tallyOf(scan, options.zeroFill !== undefined);
  const summary = (): GapsSummary => summaryOf(scan, tally, options);
  function* members(hours: Iterable<Unbilled>) {
    for (const hour of hours) {
      const fate = options.zeroFill === undefined ? undefined : scan.fateOf(hour);
      yield {
        ...gapMembers(hour, billabilityOf(hour), valueOfGap?.(hour)),
        ...(fate === 'question' && { question: scan.questionOf(hour) }),
      };
    }
  }
  const unknown = () => members(all().filter(hour => !isGap(hour)));
  await fillZeros(scan, options, zeroFile, world);
  switch (options.format) {
    case 'json':
      await writeAll(
        jsonDocument({ gaps: members(tallied(all()).filter(isGap)), perhapsBilled: unknown(), summary }),
        world,
      );
      break;
    case 'jsonl':
      await writeAll(jsonLines('gap', members(tallied(all()).filter(isGap))), world);
      await writeAll(jsonLines('perhapsBilled', unknown()), world);
      await writeAll(jsonLines('summary', [summary()]), world);
      break;
    case 'csv':
      await writeAll(gapsCsv(tallied(all()), scan), world);
      await writeSummary(summary(), tally, valueOfGap, world, terminal);
      break;
    case 'table': {
      const runs = runsOf(tallied(all()));
      // Standard output must not have anything beside the rows with quantity 0.
      if (options.zeroFill !== '-') await writeRuns(runs, scan, world, terminal);
      await writeSummary(summary(), tally, valueOfGap, world, terminal);
      break;
    }
    default:
      return options.format satisfies never;
  }
  await writeZeroFillNotes(summary(), options, world, terminal, [
    ['--allow-round-accounts', tally.isRound],
    ['--allow-null-text', tally.isNullNamed],
  ]);
  return summary();
};

const writeSummary = async (
  summary: GapsSummary,
  tally: Parameters<typeof gapValueText>[0],
  valueOfGap: GapScan['valueOfGap'],
  { stderr }: Pick<World, 'stderr'>,
  { err, errWidth }: Terminal,
): Promise<void> => {
  await stderr.write(gapsSummaryText(summary, err));
  if (valueOfGap !== undefined) await stderr.write(gapValueText(tally, errWidth));
};

/** Counts the hours of each kind while they are read. */
const tallyOf = ({ billabilityOf, fateOf, valueOfGap }: GapScan, withFates: boolean) => {
  const tally = {
    gaps: 0,
    billable: 0,
    tooLate: 0,
    notSubscribed: 0,
    perhapsBilled: 0,
    /** What --zero-fill does. */
    fates: { filled: 0, later: 0, question: 0, closed: 0 } satisfies Record<ZeroFate, number>,
    firstDeadlineMs: undefined as EpochMs | undefined,
    /** Of the gaps that are worth something. */
    firstValueMs: undefined as EpochMs | undefined,
    /** What the gaps are worth that can be billed, and those that cannot. */
    billableValue: new Map() as Amounts,
    lostValue: new Map() as Amounts,
    withoutValue: 0,
    /** A fillable hour has an account that looks rounded: batch accepts it only with a flag. */
    isRound: false,
    /** A fillable hour has a name that is a word for a missing value: likewise. */
    isNullNamed: false,
  };
  function* tallied(hours: Iterable<Unbilled>): Generator<Unbilled> {
    for (const hour of hours) {
      const { isOpen, deadlineMs } = billabilityOf(hour);
      if (!isGap(hour)) tally.perhapsBilled += 1;
      else {
        tally.gaps += 1;
        const value = valueOfGap?.(hour);
        const canBeBilled = isBillable(hour, isOpen);
        if (value === undefined) tally.withoutValue += 1;
        else {
          addAmount(canBeBilled ? tally.billableValue : tally.lostValue, value.currency, value.amount);
          if (canBeBilled && value.amount > 0n) tally.firstValueMs = earlier(tally.firstValueMs, deadlineMs);
        }
        if (canBeBilled) {
          tally.billable += 1;
          tally.firstDeadlineMs = earlier(tally.firstDeadlineMs, deadlineMs);
        } else if (isOpen) tally.notSubscribed += 1;
        else tally.tooLate += 1;
        const fate = withFates ? fateOf(hour) : 'closed';
        tally.fates[fate] += 1;
        if (fate === 'filled') {
          tally.isRound ||= hour.subscription.customerAWSAccountId?.endsWith('000000') ?? false;
          tally.isNullNamed ||= isNullNamed(hour.subscription);
        }
      }
      yield hour;
    }
  }
  return { tally, tallied };
};

const earlier = (before: EpochMs | undefined, deadlineMs: EpochMs): EpochMs =>
  Math.min(before ?? deadlineMs, deadlineMs);

const isNullNamed = ({ dimension, customerIdentifier, productCode }: Subscription): boolean =>
  [dimension, customerIdentifier, productCode].some(name => name !== undefined && isNullText(name));

const summaryOf = (
  { since, until, subscriptions, valueOfGap }: GapScan,
  tally: ReturnType<typeof tallyOf>['tally'],
  { zeroFill }: GapsRequest,
): GapsSummary => {
  const { gaps, billable, tooLate, notSubscribed, perhapsBilled, fates, firstDeadlineMs } = tally;
  return {
    since: isoSeconds(since),
    until: isoSeconds(until),
    subscriptions: subscriptions.length,
    gaps,
    billable,
    tooLate,
    notSubscribed,
    perhapsBilled,
    firstDeadline: firstDeadlineMs === undefined ? null : isoMs(firstDeadlineMs),
    zeroFill:
      zeroFill === undefined
        ? null
        : { file: zeroFill, rows: fates.filled, leftOut: fates.question, later: fates.later },
    estimate:
      valueOfGap === undefined
        ? null
        : {
            billable: amountMembers(tally.billableValue),
            notBillable: amountMembers(tally.lostValue),
            withoutValue: tally.withoutValue,
          },
  };
};

/** A longer table is hard to read. */
const MAX_TABLE_ROWS = 100;

const writeRuns = async (
  runs: readonly GapRun[],
  { billabilityOf }: GapScan,
  { stdout, stderr }: World,
  { out: paint, symbols, width }: Terminal,
): Promise<void> => {
  const isUnknown = ({ status }: GapRun): boolean => status === 'unknown';
  const listed = [...runs.filter(run => !isUnknown(run)), ...runs.filter(isUnknown)].slice(0, MAX_TABLE_ROWS);
  if (listed.length > 0) await stdout.write(gapsTable(listed, billabilityOf, { width, paint, symbols }));
  const rest = runs.length - listed.length;
  if (rest > 0)
    await stderr.write(`${symbols.cut} ${counted(rest, 'line')} not listed; -o csv and -o jsonl list all\n`);
};
