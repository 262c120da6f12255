import { below, type Random } from '../../../src/emulator/faults/random.ts';
import type { Kill } from '../driver.ts';

/** Some hours in the life of a cron job that bills the usage of each. The same seed, the same trial. */
export type CronTrial = {
  readonly name: string;
  readonly seed: number;
  /** AWS's time of the first hour, RFC 3339. */
  readonly begin: string;
  /** How usage is told its hour: by a column of the file, or by `--timestamp`. */
  readonly when: 'column' | 'now' | '-1h';
  /** Every hour's file has the same bytes, as that of seats does; the job says `--new-usage`. */
  readonly isConstant: boolean;
  readonly skipsInvalid: boolean;
  /** A file that no run took is kept and run again; else the next hour's is written over it. */
  readonly isCareful: boolean;
  /** What the service answers to a record that it has. */
  readonly resend: Resend;
  readonly hours: readonly CronHour[];
  /** How far the machine's clock is ahead in the end, milliseconds. */
  readonly aheadAtLast: number;
};

export const RESENDS = ['success', 'duplicate'] as const;
export type Resend = (typeof RESENDS)[number];

export type CronHour = {
  /** Hours since the one before. */
  readonly step: number;
  readonly minute: number;
  readonly records: number;
  /** Share of the rows that are wrong. */
  readonly bad: number;
  /** How far the machine's clock is ahead of AWS's, and by how much it is set while a run is under way, milliseconds. */
  readonly ahead: number;
  readonly jump: number;
  readonly trouble: Trouble;
  readonly faults: readonly string[];
  readonly kill: Kill | null;
  /** For so many customers another program bills this hour first. */
  readonly others: number;
  /** Somebody corrects what was rejected so far, and submits it. */
  readonly corrects: boolean;
};

export type Trouble =
  | 'none'
  /** Connections are refused. */
  | 'unreachable'
  /** The first connection of each run is cut, so that the time cannot be asked beforehand. */
  | 'untold'
  | 'wrong key'
  | 'no key'
  /** The same command twice at the same time. */
  | 'twice at once'
  /** A second file, while the run of the first is under way. */
  | 'another meanwhile';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const CLOCKS = [49 * MINUTE, -49 * MINUTE, 3 * HOUR, -3 * HOUR, 20 * HOUR, -20 * HOUR, 30 * HOUR, -30 * HOUR];

/** Beyond a day nothing is sent, by whichever clock. */
const WILD = 24 * HOUR;

const FAULTS = [
  'reset-after:0.3',
  'reset-before:0.2',
  'error503:0.2',
  'error500-after:0.2',
  'unprocessed:0.3@50%',
  'missing:0.2',
  'reorder:0.5',
  'no-id:0.1',
  'empty:0.1',
  'html:0.1@502',
  'truncated:0.1',
  'no-request-id:0.1',
  'slow:0.5@40',
] as const;

/** As long as one of these lasts nothing gets through, or nobody knows what does. */
const OUTAGES = [
  'reset-before:1',
  'reset-after:1',
  'error503:1',
  'throttle:1',
  'expired-credentials:1',
] as const;

/** Plain hours, and those about a month's end. */
const BEGINNINGS = ['2026-11-22T08:00:00Z', '2026-11-30T19:00:00Z', '2026-12-01T00:00:00Z'] as const;

const pick = <T>(some: readonly T[], dice: Random): T => some[below(some.length, dice)] as T;

export const randomCronTrial = (
  seed: number,
  { hours, resend }: { readonly hours: number; readonly resend: Resend },
  dice: Random,
): CronTrial => {
  const when = pick(['column', 'column', 'now', '-1h', '-1h'] as const, dice);
  const isConstant = when !== 'column' && dice() < 0.25;
  const trial = {
    name: `cron-${seed}`,
    seed,
    begin: pick(BEGINNINGS, dice),
    when,
    isConstant,
    skipsInvalid: dice() < 0.7,
    isCareful: dice() < 0.6,
    resend,
  };
  const bad = !isConstant && dice() < 0.6 ? 0.2 : 0;
  const plan: CronHour[] = [];
  let held: number | undefined;
  for (let index = 0; index < hours; index += 1) {
    const hour = randomHour({ bad, isConstant }, dice);
    // What was found by a clock that nobody could compare, or that a run was stopped before it could, comes right only where
    // that very clock is compared.
    if (hour.trouble === 'unreachable' || hour.kill?.kind === 'signal') held ??= hour.ahead % WILD;
    plan.push(held === undefined ? hour : { ...hour, ahead: held, jump: 0 });
  }
  return { ...trial, hours: plan, aheadAtLast: held ?? 0 };
};

const randomHour = (
  { bad, isConstant }: { readonly bad: number; readonly isConstant: boolean },
  dice: Random,
): CronHour => {
  const trouble = randomTrouble(dice);
  const ahead = dice() < 0.6 ? 0 : pick(CLOCKS, dice);
  return {
    step: dice() < 0.85 ? 1 : dice() < 0.7 ? 2 + below(4, dice) : 18 + below(9, dice),
    minute: 5 + below(40, dice),
    records: dice() < 0.1 ? 30 + below(30, dice) : 1 + below(7, dice),
    bad,
    ahead: isConstant ? ahead % WILD : ahead,
    jump: dice() < 0.15 ? pick([HOUR, -HOUR, 5 * HOUR, 30 * HOUR], dice) : 0,
    // With the same bytes each hour nobody could say whether a run that was stopped early had begun a new hour.
    trouble: isConstant && mayBeginNothing(trouble) ? 'none' : trouble,
    faults: dice() < 0.25 ? [pick(OUTAGES, dice)] : dice() < 0.5 ? FAULTS.filter(() => dice() < 0.3) : [],
    kill: !isConstant && dice() < 0.3 ? randomKill(dice) : null,
    others: dice() < 0.25 ? 1 + below(2, dice) : 0,
    corrects: dice() < 0.5,
  };
};

const mayBeginNothing = (trouble: Trouble): boolean =>
  trouble === 'untold' || trouble === 'twice at once' || trouble === 'another meanwhile';

const randomTrouble = (dice: Random): Trouble =>
  dice() < 0.6
    ? 'none'
    : pick(
        ['unreachable', 'unreachable', 'untold', 'wrong key', 'no key', 'twice at once', 'another meanwhile'],
        dice,
      );

const randomKill = (dice: Random): Kill => {
  const kind = below(3, dice);
  if (kind === 0) return { kind: 'time' };
  if (kind === 1) return { kind: 'request', count: 1 };
  return { kind: 'signal', signal: pick(['SIGINT', 'SIGTERM', 'SIGHUP'] as const, dice) };
};
