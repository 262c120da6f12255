import { jsonDocument, jsonLines, writeAll } from '../../cli/stream-json.ts';
import type { OutputFile } from '../../files/output-file.ts';
import { type GapsSummary, gapMembers, gapsSummaryText, gapsTable } from '../../render/text/gaps.ts';
import { counted } from '../../render/text/numbers.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { isoMs } from '../../usage/hours.ts';
import { isNullText } from '../../usage/null-text.ts';
import type { Subscription } from '../../usage/subscription.ts';
import { type GapRun, isBillable, runsOf, type Unbilled } from '../../usage/unbilled-hours.ts';
import type { World } from '../../world.ts';
import type { GapsOptions } from './options.ts';
import { type GapScan, isGap, only } from './scan.ts';
import { fillZeros, sayZeros } from './zero-fill.ts';

/** A table longer than this is no longer read. Rows. */
const TABLE_ROWS = 100;

/** What there is of each kind, counted while it is looked at. */
const tallyOf = ({ chanceOf }: GapScan) => {
  const tally = {
    gaps: 0,
    billable: 0,
    tooLate: 0,
    notSubscribed: 0,
    perhapsBilled: 0,
    /** Can be billed with 0. */
    fillable: 0,
    firstDeadline: undefined as number | undefined,
    /** An account among the fillable looks rounded: an upload takes it when that is said. */
    isRound: false,
    /** A name among the fillable is a word for a missing value, likewise. */
    isNullNamed: false,
  };
  function* tallied(hours: Iterable<Unbilled>): Generator<Unbilled> {
    for (const hour of hours) {
      const { isOpen, deadline } = chanceOf(hour.timestamp);
      if (!isGap(hour)) tally.perhapsBilled += 1;
      else {
        tally.gaps += 1;
        if (isBillable(hour, isOpen)) {
          tally.billable += 1;
          tally.firstDeadline ??= deadline;
        } else if (isOpen) tally.notSubscribed += 1;
        else tally.tooLate += 1;
        if (isOpen && hour.status === undefined) {
          tally.fillable += 1;
          tally.isRound ||= hour.subscription.customerAWSAccountId?.endsWith('000000') ?? false;
          tally.isNullNamed ||= isNullNamed(hour.subscription);
        }
      }
      yield hour;
    }
  }
  return { tally, tallied };
};

const isNullNamed = ({ dimension, customerIdentifier, productCode }: Subscription): boolean =>
  [dimension, customerIdentifier, productCode].some(name => name !== undefined && isNullText(name));

const summaryOf = (
  { since, until, subscriptions }: GapScan,
  tally: ReturnType<typeof tallyOf>['tally'],
  { zeroFill }: GapsOptions,
): GapsSummary => {
  const { gaps, billable, tooLate, notSubscribed, perhapsBilled, fillable, firstDeadline } = tally;
  return {
    since: isoMs(since * 1000),
    until: isoMs(until * 1000),
    subscriptions: subscriptions.length,
    gaps,
    billable,
    tooLate,
    notSubscribed,
    perhapsBilled,
    firstDeadline: firstDeadline === undefined ? null : isoMs(firstDeadline),
    zeroFill:
      zeroFill === undefined ? null : { file: zeroFill, rows: fillable, leftOut: billable - fillable },
  };
};

/** Writes the rows of zeros, tells the gaps, and then what they come to. */
export const writeGaps = async (
  look: GapScan,
  options: GapsOptions,
  zeroFile: OutputFile | undefined,
  world: World,
  terminal: Terminal,
): Promise<GapsSummary> => {
  const { all, chanceOf } = look;
  const { tally, tallied } = tallyOf(look);
  const summary = (): GapsSummary => summaryOf(look, tally, options);
  function* members(hours: Iterable<Unbilled>) {
    for (const hour of hours) yield gapMembers(hour, chanceOf(hour.timestamp));
  }
  const unknown = () => members(only(all(), hour => !isGap(hour)));
  await fillZeros(look, options, zeroFile, world);
  switch (options.output) {
    case 'json':
      await writeAll(
        jsonDocument({ gaps: members(only(tallied(all()), isGap)), perhapsBilled: unknown(), summary }),
        world,
      );
      break;
    case 'jsonl':
      await writeAll(jsonLines('gap', members(only(tallied(all()), isGap))), world);
      await writeAll(jsonLines('perhapsBilled', unknown()), world);
      await writeAll(jsonLines('summary', [summary()]), world);
      break;
    case 'table': {
      const runs = runsOf(tallied(all()));
      // Where the rows of zeros go to standard output nothing else may.
      if (options.zeroFill !== '-') await tellRuns(runs, look, world, terminal);
      await world.stderr.write(gapsSummaryText(summary(), terminal.err));
      break;
    }
    default:
      return options.output satisfies never;
  }
  await sayZeros(summary(), options, world, terminal, [
    ['--allow-round-accounts', tally.isRound],
    ['--allow-null-text', tally.isNullNamed],
  ]);
  return summary();
};

const tellRuns = async (
  runs: readonly GapRun[],
  { chanceOf }: GapScan,
  { stdout, stderr }: World,
  { out: paint, symbols, width }: Terminal,
): Promise<void> => {
  const isUnknown = ({ status }: GapRun): boolean => status === 'unknown';
  const listed = [...runs.filter(run => !isUnknown(run)), ...runs.filter(isUnknown)].slice(0, TABLE_ROWS);
  if (listed.length > 0) await stdout.write(gapsTable(listed, chanceOf, { width, paint, symbols }));
  const rest = runs.length - listed.length;
  if (rest > 0) await stderr.write(`${symbols.cut} ${counted(rest, 'line')} not listed; -o jsonl has all\n`);
};
