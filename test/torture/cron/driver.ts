import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../../src/emulator/faults/random.ts';
import { SHIFTS_CLOCK } from '../../helpers/in-process.ts';
import { FILES, type Kill, keepLedger, runOnce } from '../driver.ts';
import { newFolder, type Referee, type Run, sleep, until } from '../setup.ts';
import { csvOf, rowsOf } from './csv-text.ts';
import { type Gate, startGate } from './gate.ts';
import { billElsewhere, OTHERS_FROM } from './other-program.ts';
import type { CronHour, CronTrial, Trouble } from './plan.ts';
import { type Item, markOf, rowOf, startOfHour, usageOfHour, usageText } from './usage.ts';

/** One run of the tool. A line of `history.jsonl`. */
export type CronRun = {
  readonly round: number;
  /** Which file it read; null: none, it only finishes what is open, or looks. */
  readonly job: string | null;
  readonly command: 'batch' | 'reconcile';
  /** AWS's time when it was started, epoch milliseconds, and how far the machine's clock was ahead of that. */
  readonly at: number;
  readonly ahead: number;
  readonly args: readonly string[];
  readonly code: number | null;
  readonly signal: string | null;
  readonly kill: Kill | null;
  readonly trouble: Trouble;
  /** Another run was under way for some of the time. */
  readonly overlapped: boolean;
  /** Lines of the service's log before and after. */
  readonly from: number;
  readonly to: number;
  readonly isBeaten: boolean;
  /** It ended by itself and told what became of each row: the file is the tool's from then on. */
  readonly isTaken: boolean;
  /** The instant that it advised to use instead of a relative time. */
  readonly advised: string | null;
  readonly rejected: readonly Rejected[];
};

/** A row that stands in a file of rejects that was not there before. */
type Rejected = {
  readonly id: string;
  readonly job: string;
  readonly reason: string;
  readonly timestamp: string;
};

/** A file for the tool. `account.json` has all of them, with all items. */
export type Job = {
  readonly id: string;
  readonly file: string;
  readonly text: string;
  /** Ids; `right`: it has them as they ought to be. */
  readonly items: readonly { readonly id: string; readonly isRight: boolean }[];
  /** What follows `--timestamp`, unless a column has the times. */
  readonly timestamp: string | null;
  /** The job whose rows these are, corrected. */
  readonly corrects: string | null;
};

export type Account = {
  readonly items: readonly Item[];
  readonly jobs: readonly Job[];
  /** AWS's time when there was peace at last, epoch milliseconds. */
  readonly end: number;
};

const HEARTBEAT = 'beat.json';
/** Of a run beside another, so that each has its own. */
const OTHER_HEARTBEAT = 'beat-2.json';
const HOUR = 3_600_000;

/** A referee whose clock is set by a file, so that all that it says and checks is of that time. */
export type TimedReferee = { readonly referee: Referee; readonly clock: string };

/** What lets a process of this machine show another time: as the file says. */
export const shimmed = (clock: string): Record<string, string> => ({
  NODE_OPTIONS: SHIFTS_CLOCK,
  CLOCK_OFFSET_FILE: clock,
});

const PEACE: Omit<CronHour, 'ahead'> = {
  step: 0,
  minute: 50,
  records: 0,
  bad: 0,
  jump: 0,
  trouble: 'none',
  faults: [],
  kill: null,
  others: 0,
  corrects: true,
};

/** Lives through the hours, then in peace until nothing is left to do; gives the folder that the checker judges. */
export const runCronTrial = async (timed: TimedReferee, trial: CronTrial): Promise<string> => {
  const folder = newFolder(trial.name);
  writeFileSync(join(folder, 'trial.json'), JSON.stringify(trial));
  const gate = await startGate(timed.referee.url);
  try {
    const cron = await cronIn(folder, timed, gate, trial);
    for (const [index, hour] of trial.hours.entries()) await cron.live(hour, index);
    await cron.finish();
  } finally {
    await gate.set(false);
  }
  timed.referee.keepLog(join(folder, FILES.log));
  return folder;
};

const cronIn = async (folder: string, { referee, clock }: TimedReferee, gate: Gate, trial: CronTrial) => {
  mkdirSync(join(folder, 'files'));
  const dice = createRandom(trial.seed);
  const machine = join(folder, 'machine-clock');
  const items: Item[] = [];
  const jobs: Job[] = [];
  /** Files that are to be run again, and what somebody is to correct. */
  let pending: Job[] = [];
  let rejected: Rejected[] = [];
  const seenRejects = new Set<string>();
  const corrected = new Set<string>();
  let round = 0;
  let awsOffset = 0;
  let hourAt = startOfHour(Date.parse(trial.begin));
  let numbers = 0;

  const awsNow = (): number => Date.now() + awsOffset;

  const setClocks = (at: number, ahead: number): void => {
    awsOffset = at - Date.now();
    writeFileSync(clock, String(awsOffset));
    writeFileSync(machine, String(awsOffset + ahead));
  };

  const setTrouble = async ({ trouble, faults }: Pick<CronHour, 'trouble' | 'faults'>): Promise<void> => {
    await referee.setFaults({ faults, seed: trial.seed + round });
    await gate.set(trouble !== 'unreachable');
  };

  const envIn = ({ trouble }: Pick<CronHour, 'trouble'>): Record<string, string | undefined> => ({
    AWS_ENDPOINT_URL: gate.url,
    ...shimmed(machine),
    ...(trouble === 'wrong key' && { AWS_SECRET_ACCESS_KEY: 'wrong' }),
    ...(trouble === 'no key' && { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }),
  });

  const start = (args: readonly string[], hour: CronHour, kill: Kill | null): Promise<Run> => {
    gate.cutNext(hour.trouble === 'untold');
    if (hour.jump !== 0)
      setTimeout(() => writeFileSync(machine, String(awsOffset + hour.ahead + hour.jump)), 40 + 300 * dice());
    return runOnce(referee, folder, args, kill, dice, envIn(hour));
  };

  type Began = Pick<CronRun, 'command' | 'at' | 'args' | 'kill' | 'overlapped' | 'from'> & {
    job: Job | null;
  };

  const begin = (command: CronRun['command'], job: Job | null, args: readonly string[]): Began => {
    for (const name of [HEARTBEAT, OTHER_HEARTBEAT]) rmSync(join(folder, name), { force: true });
    writeFileSync(machine, String(awsOffset + current.ahead));
    const from = referee.requests().length;
    return { command, job, at: awsNow(), args, kill: null, overlapped: false, from };
  };

  const end = (began: Began, run: Run, trouble: Trouble): CronRun => {
    round += 1;
    const { code = null, signal = null, stdout, stderr } = run;
    writeFileSync(join(folder, `round-${round}.out`), stdout);
    writeFileSync(join(folder, `round-${round}.err`), stderr);
    keepLedger(folder, round);
    const summary =
      /^\{\n {2}"summary"/.test(stdout) && code !== null ? JSON.parse(stdout).summary : undefined;
    const line: CronRun = {
      ...began,
      round,
      job: began.job?.id ?? null,
      ahead: current.ahead,
      code,
      signal,
      trouble,
      to: referee.requests().length,
      isBeaten: existsSync(join(folder, began.args.includes(OTHER_HEARTBEAT) ? OTHER_HEARTBEAT : HEARTBEAT)),
      isTaken: typeof summary?.run === 'number' && !stderr.includes('"code":"ClockWrong"'),
      advised: /use --timestamp (\S+) instead of/.exec(stderr)?.[1] ?? null,
      rejected: newRejects(timeIn(began.args)),
    };
    rejected.push(...line.rejected);
    appendFileSync(join(folder, FILES.history), `${JSON.stringify(line)}\n`);
    return line;
  };

  /** `said`: the time of the command, which the rows have that tell none. */
  const newRejects = (said: string): Rejected[] =>
    readdirSync(folder)
      .filter(name => /\.rejected(\.\d+)?\.csv$/.test(name) && !seenRejects.has(name))
      .flatMap(name => {
        seenRejects.add(name);
        const file = `${name.split('.')[0]}.csv`;
        return rowsOf(readFileSync(join(folder, name), 'utf8')).map(row => {
          const { reason = '', timestamp = said } = row;
          const at = startOfHour(Date.parse(timestamp));
          const item = items.find(one => one.mark === markOf(row) && (!trial.isConstant || one.hour === at));
          if (item === undefined)
            throw new Error(`${name} has a row that nobody wrote: ${JSON.stringify(row)}`);
          const job = jobs.findLast(one => one.file === file && one.items.some(({ id }) => id === item.id));
          const meant = isOff(current) ? new Date(item.hour).toISOString() : timestamp;
          return { id: item.id, job: job?.id ?? '', reason, timestamp: meant };
        });
      });

  let current: CronHour = { ...PEACE, ahead: 0 };

  const argsFor = ({ file, timestamp }: Job, isNew: boolean): string[] => [
    'batch',
    file,
    '--ledger',
    FILES.ledger,
    '--heartbeat',
    HEARTBEAT,
    '-o',
    'json',
    '--give-up-after',
    '700ms',
    ...(trial.skipsInvalid ? ['--skip-invalid'] : []),
    ...(timestamp === null ? [] : ['--timestamp', timestamp]),
    ...(trial.isConstant && isNew && timestamp === trial.when ? ['--new-usage'] : []),
  ];

  /** A file takes the name of the last at once, as a job that is written well does it. Again it is the very same one. */
  const write = ({ id, file, text }: Job): void => {
    const kept = join(folder, 'files', `${id}.csv`);
    if (!existsSync(kept)) writeFileSync(kept, text);
    linkSync(kept, join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, file));
    rmSync(join(folder, 'next'), { force: true });
  };

  const run = async (
    job: Job,
    hour: CronHour,
    { isNew = false, kill = null as Kill | null } = {},
  ): Promise<CronRun> => {
    write(job);
    const args = argsFor(job, isNew);
    const began = { ...begin('batch', job, args), kill };
    return end(began, await start(args, hour, kill), hour.trouble);
  };

  /** Two runs at once: of the same file, or of two. */
  const runBoth = async (one: Job, other: Job, hour: CronHour): Promise<CronRun[]> => {
    await referee.setFaults({ faults: ['slow:1@400'], seed: trial.seed });
    write(one);
    const began = begin('batch', one, argsFor(one, true));
    let isOver = false;
    const first = start(began.args, hour, null).finally(() => {
      isOver = true;
    });
    // The second begins when the first has sent something, or some time before that.
    const isUnderWay = (): boolean => isOver || referee.requests().length > began.from;
    if (one === other) await sleep(200 * dice());
    else await until(isUnderWay, 'the first run sends something, or ends');
    if (one !== other) write(other);
    const args = argsFor(other, true).map(arg => (arg === HEARTBEAT ? OTHER_HEARTBEAT : arg));
    const second = { ...began, job: other, at: awsNow(), args };
    const later = await start(second.args, hour, null);
    const sooner = await first;
    const lines = [end({ ...second, overlapped: true }, later, hour.trouble)];
    return [end({ ...began, overlapped: true }, sooner, hour.trouble), ...lines];
  };

  const isUnheard = ({ trouble }: Pick<CronRun, 'trouble'>): boolean =>
    trouble === 'unreachable' || trouble === 'untold';

  /** Who knows that this clock is wrong, and that nobody compared it, knows better than what is said by it. */
  const isOff = (hour: CronHour): boolean =>
    hour.ahead !== 0 && (isUnheard(hour) || hour.kill?.kind === 'signal');

  const hourIn = ({ items: [first] }: Job): string =>
    new Date(items.find(({ id }) => id === first?.id)?.hour ?? 0).toISOString();

  const timeIn = (args: readonly string[]): string => args[args.indexOf('--timestamp') + 1] ?? '';

  const addJob = (job: Job): Job => {
    jobs.push(job);
    return job;
  };

  const newJob = (hour: CronHour, prefix: string, file: string): Job => {
    const own = usageOfHour(trial, hour, { at: awsNow(), prefix, next: () => ++numbers }, dice);
    items.push(...own);
    return addJob({
      id: prefix,
      file,
      text: usageText(own, trial.when === 'column'),
      items: own.map(({ id }) => ({ id, isRight: false })),
      timestamp: trial.when === 'column' ? null : trial.when,
      corrects: null,
    });
  };

  /** Another program bills what is about to be billed, and what waits for it. */
  const billOthers = async (count: number): Promise<void> => {
    if (count === 0) return;
    const good = items.filter(
      ({ right, hour }) => right !== null && hour > awsNow() - 20 * HOUR && isOpenMonth(hour),
    );
    const chosen = good.slice(-count * 3).filter((_, index) => index % 3 === 0);
    const usages = chosen.map(({ right, hour }, index) => ({
      cells: right as NonNullable<typeof right>,
      hour,
      quantity: OTHERS_FROM + round * 10 + index,
    }));
    await billElsewhere(referee.url, usages, awsOffset);
  };

  const isOpenMonth = (hour: number): boolean => {
    const date = new Date(hour);
    return awsNow() < Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1, 6) - 600_000;
  };

  /** A file that was refused for its rows is corrected, and keeps the hour that the tool named. */
  const correctedWhole = (job: Job, { advised }: CronRun): Job => {
    const rows = rowsOf(job.text).map(row => {
      const item = items.find(one => one.mark === markOf(row));
      return item?.bad === 'invalid' && item.right !== null ? { ...row, ...rowOf(item.right) } : row;
    });
    return addJob({
      ...job,
      id: `${job.id}+`,
      text: csvOf(Object.keys(rows[0] ?? {}), rows),
      items: job.items.map(({ id }) => ({
        id,
        isRight: items.find(one => one.id === id)?.bad === 'invalid',
      })),
      timestamp: job.timestamp === null ? null : isOff(current) ? hourIn(job) : (advised ?? job.timestamp),
      corrects: job.id,
    });
  };

  /** What becomes of a job after a run; undefined: nobody runs it again. */
  const next = (job: Job, line: CronRun): Job | undefined => {
    if (line.code === 0 || line.isBeaten) return undefined;
    // By its bytes nobody could tell it from the file of the next hour.
    if (trial.isConstant) return line.advised === null ? undefined : { ...job, timestamp: line.advised };
    const again = line.advised !== null && dice() < 0.5 ? { ...job, timestamp: line.advised } : job;
    if (!line.isTaken) return line.code === 3 && !isOfTheClock(job, line) ? correctedWhole(job, line) : again;
    const isUnfinished = line.code === 5 || line.code === 6;
    return isUnfinished && dice() < 0.5 && !rejected.some(one => one.job === job.id) ? again : undefined;
  };

  /** Nothing is wrong with the rows themselves. */
  const isOfTheClock = (job: Job, { ahead, trouble }: CronRun): boolean =>
    isUnheard({ trouble }) &&
    ahead < 0 &&
    !job.items.some(({ id, isRight }) => !isRight && items.find(one => one.id === id)?.bad === 'invalid');

  /** Corrects what was rejected, and submits it as somebody would: with the times that the rejects name. */
  const correct = async (hour: CronHour): Promise<void> => {
    const rows = rejected.flatMap(one => {
      const item = items.find(({ id }) => id === one.id);
      return item === undefined || corrected.has(one.id) || !isCorrectable(one) ? [] : [{ ...one, item }];
    });
    rejected = [];
    const unique = [...new Map(rows.map(row => [row.id, row])).values()];
    if (unique.length === 0) return;
    for (const { id, reason } of unique) if (!reason.startsWith('invalid')) corrected.add(id);
    const id = `corrected-${jobs.length}`;
    const texts = unique.map(({ item, timestamp }) => ({
      timestamp,
      ...rowOf(item.right ?? item.cells),
      invoice: item.mark,
    }));
    const job = addJob({
      id,
      file: `${id}.csv`,
      text: csvOf(Object.keys(texts[0] ?? {}), texts),
      items: unique.map(({ id, item }) => ({ id, isRight: item.right !== null })),
      timestamp: null,
      corrects: null,
    });
    const line = await run(job, hour);
    if (!line.isTaken) pending.push(job);
  };

  return {
    live: async (hour: CronHour, index: number): Promise<void> => {
      current = hour;
      if (index === 0) await referee.begin();
      else hourAt += hour.step * HOUR;
      setClocks(hourAt + hour.minute * 60_000, hour.ahead);
      await setTrouble(PEACE);
      const waiting = trial.isCareful ? pending : pending.filter(({ file }) => file.startsWith('corrected'));
      pending = [];
      const job = newJob(hour, `h${index}`, 'usage.csv');
      const meanwhile = hour.trouble === 'another meanwhile' ? newJob(hour, `h${index}b`, 'second.csv') : job;
      await billOthers(hour.others);
      await setTrouble(hour);
      for (const one of waiting) {
        const again = next(one, await run(one, hour));
        if (again !== undefined) pending.push(again);
      }
      const isTwice = hour.trouble === 'twice at once' || meanwhile !== job;
      const lines = isTwice
        ? await runBoth(job, meanwhile, hour)
        : [await run(job, hour, { isNew: true, kill: hour.kill })];
      for (const line of lines) {
        const mine = line.job === job.id ? job : meanwhile;
        if (isTwice && mine === job && line.code === 8 && meanwhile === job) continue;
        let again = next(mine, line);
        if (again !== undefined && dice() < 0.4) again = next(again, await run(again, hour, { isNew: true }));
        if (again !== undefined) pending.push(again);
      }
      if (hour.corrects) await correct(hour);
    },

    finish: async (): Promise<void> => {
      current = { ...PEACE, ahead: trial.aheadAtLast };
      setClocks(Math.max(awsNow(), hourAt + PEACE.minute * 60_000), current.ahead);
      await setTrouble(current);
      for (let turn = 0; turn < 5; turn += 1) {
        const waiting = trial.isCareful
          ? pending
          : pending.filter(({ file }) => file.startsWith('corrected'));
        pending = [];
        for (const one of waiting) {
          const again = next(one, await run(one, current));
          if (again !== undefined) pending.push(again);
        }
        await correct(current);
      }
      const account: Account = { items, jobs, end: await lookAround() };
      writeFileSync(join(folder, 'account.json'), JSON.stringify(account));
    },
  };

  /** What a seller does at the end: finish, settle what is in doubt by CloudTrail, and finish what that leaves. Gives the time. */
  async function lookAround(): Promise<number> {
    const plain = ['--ledger', FILES.ledger, '-o', 'json'];
    const finish = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn += 1) {
        const args = ['batch', ...plain, '--heartbeat', HEARTBEAT];
        const began = begin('batch', null, args);
        const line = end(began, await start(args, current, null), 'none');
        if (line.code === 0) return;
      }
    };
    await finish();
    const at = awsNow();
    // CloudTrail has had time to show everything.
    setClocks(at + HOUR, current.ahead);
    const since = new Date(Date.parse(trial.begin) - 48 * HOUR).toISOString();
    for (const flags of [['--settle'], []]) {
      const args = ['reconcile', ...plain, '--since', since, ...flags];
      const began = begin('reconcile', null, args);
      end(began, await start(args, current, null), 'none');
    }
    await finish();
    return at;
  }
};

/** Whether somebody would submit it again: what came too late, or after somebody else's, nobody would. */
const isCorrectable = ({ reason }: Rejected): boolean => /^(invalid|refused|not-subscribed)/.test(reason);
