/**
 * The judge of a cron trial. It knows nothing of the tool's own code: it reads the trial's account of what usage happened,
 * the service's log of requests, the ledger as each run left it, and what the runs ended with. As a program:
 * `node test/torture/cron/checker.ts FOLDER…`
 */

import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Finding, Verdict } from '../checker.ts';
import { FILES } from '../driver.ts';
import { type LoggedRecord, type LoggedRequest, readLog } from '../setup.ts';
import type { Account, CronRun, Job } from './driver.ts';
import { OTHERS_FROM } from './other-program.ts';
import type { CronTrial } from './plan.ts';
import type { Cells, Item } from './usage.ts';
import { startOfHour } from './usage.ts';

export const judgeCron = (folder: string): Verdict => {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const trial: CronTrial = JSON.parse(read('trial.json'));
  const account: Account = JSON.parse(read('account.json'));
  const runs: CronRun[] = read(FILES.history)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const log = readLog(join(folder, FILES.log));
  const facts = factsOf(trial, account, runs, log, folder);
  return {
    folder,
    runs: runs.length,
    kills: runs.filter(({ signal }) => signal === 'SIGKILL').length,
    requests: log.filter(({ operation }) => operation === 'BatchMeterUsage').length,
    findings: [
      ...judgeBills(facts),
      ...judgeSending(facts),
      ...judgeRejects(facts),
      ...judgeAdvice(facts),
      ...runs.flatMap(run => judgeRun(facts, run)),
      ...judgeEnd(facts),
    ],
  };
};

type Bill = { readonly line: number; readonly quantity: number; readonly id: string | undefined };

type Facts = {
  readonly trial: CronTrial;
  readonly account: Account;
  readonly items: ReadonlyMap<string, Item>;
  readonly jobs: ReadonlyMap<string, Job>;
  readonly runs: readonly CronRun[];
  readonly log: readonly LoggedRequest[];
  /** What is billed for each key, and by which line of the log. */
  readonly bills: ReadonlyMap<string, Bill>;
  /** The keys that an item may be billed under: one, unless nobody could know its hour. */
  readonly keysOf: (item: Item) => readonly string[];
  readonly rowsAfter: (round: number) => ReadonlyMap<string, LedgerRow>;
  readonly said: (run: CronRun) => string;
};

const finding = (kind: Finding['kind'], text: string): Finding => ({ kind, text });

const HOUR = 3_600_000;

const factsOf = (
  trial: CronTrial,
  account: Account,
  runs: readonly CronRun[],
  log: readonly LoggedRequest[],
  folder: string,
): Facts => {
  const bills = new Map<string, Bill>();
  for (const [line, { records }] of log.entries())
    for (const record of records)
      if (record.outcome === 'recorded')
        bills.set(keyOf(record), { line, quantity: record.Quantity, id: record.MeteringRecordId });
  const hours = new Map<string, readonly number[]>();
  for (const job of account.jobs)
    for (const { id } of job.items) if (!hours.has(id)) hours.set(id, hoursOf(job, runs, log));
  const copies = new Map<number, Map<string, LedgerRow>>();
  return {
    trial,
    account,
    items: new Map(account.items.map(item => [item.id, item])),
    jobs: new Map(account.jobs.map(job => [job.id, job])),
    runs,
    log,
    bills,
    keysOf: item =>
      item.right === null
        ? []
        : (hours.get(item.id)?.length ? (hours.get(item.id) as readonly number[]) : [item.hour]).map(hour =>
            keyOfCells(item.right as Cells, hour),
          ),
    rowsAfter: round => {
      const known = copies.get(round) ?? readLedger(join(folder, `after-${round}`, FILES.ledger));
      copies.set(round, known);
      return known;
    },
    said: ({ round, args }) =>
      `\n${args.join(' ')}\n${readFileSync(join(folder, `round-${round}.err`), 'utf8').slice(-700)}`,
  };
};

/**
 * The hours that a relative time may have meant: that of the first run, and of each later one as long as none had come so
 * far as to fix it. Empty: the file tells the hours.
 */
const hoursOf = (job: Job, runs: readonly CronRun[], log: readonly LoggedRequest[]): number[] => {
  if (job.timestamp === null || !/^(now|-1h)$/.test(job.timestamp)) return [];
  const back = job.timestamp === 'now' ? 0 : HOUR;
  const hours: number[] = [];
  for (const run of runs.filter(one => one.job === job.id)) {
    hours.push(startOfHour(run.at) - back);
    const hasSent = log.slice(run.from, run.to).some(({ operation }) => operation === 'BatchMeterUsage');
    if (run.advised !== null || hasSent || run.isTaken || (run.code !== null && run.code < 129)) break;
  }
  return [...new Set(hours)];
};

const keyOf = (record: LoggedRecord): string =>
  [
    record.LicenseArn ?? record.ProductCode,
    record.CustomerAWSAccountId,
    record.Dimension,
    Math.floor(record.Timestamp / 3600) * 3600,
  ].join(' ');

const keyOfCells = ({ license, product, account, dimension }: Cells, hour: number): string =>
  [license === '' ? product : license, account, dimension, hour / 1000].join(' ');

const hourOfKey = (key: string): number => Number(key.split(' ').at(-1)) * 1000;

/** By the rules of the service: a day, and the month before until the 1st, 06:00 UTC. Epoch milliseconds. */
const deadlineOf = (hour: number): number => {
  const date = new Date(hour);
  return Math.min(hour + 24 * HOUR, Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1, 6));
};

const isOthers = ({ quantity }: Pick<Bill, 'quantity'>): boolean => quantity >= OTHERS_FROM;

const timeText = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

/** Each item is billed once at most, under its hour, with its quantity; and nothing else is. */
const judgeBills = ({ account, bills, keysOf, items }: Facts): Finding[] => {
  const findings: Finding[] = [];
  const wanted = new Map(account.items.flatMap(item => keysOf(item).map(key => [key, item] as const)));
  const byQuantity = new Map(account.items.map(item => [Number(item.right?.quantity), item]));
  for (const [key, bill] of bills) {
    if (isOthers(bill)) continue;
    const item = wanted.get(key);
    if (item === undefined) {
      const meant = byQuantity.get(bill.quantity);
      findings.push(
        meant === undefined
          ? finding('billed twice', `${key} is nobody's usage`)
          : finding('wrong hour', `${key} has the usage of ${meant.id}, ${timeText(meant.hour)}`),
      );
    } else if (Number(item.right?.quantity) !== bill.quantity)
      findings.push(finding('wrong quantity', `${key}: ${bill.quantity} for ${item.right?.quantity}`));
  }
  for (const item of items.values()) {
    const ours = keysOf(item).filter(key => isOurs(bills.get(key), item));
    if (ours.length > 1) findings.push(finding('billed twice', `${item.id} as ${ours.join(' and ')}`));
  }
  return findings;
};

const isOurs = (bill: Bill | undefined, { right }: Item): boolean =>
  bill !== undefined && bill.quantity === Number(right?.quantity);

/** What the tool sends for a key is one quantity at one instant forever, once AWS may have it. */
const judgeSending = ({ log }: Facts): Finding[] => {
  const sent = log.flatMap(({ records }) => records).filter(({ Quantity }) => Quantity < OTHERS_FROM);
  return [...Map.groupBy(sent, keyOf)].flatMap(([key, all]) => {
    const amounts = new Set(all.map(({ Quantity }) => Quantity));
    const times = new Set(all.map(({ Timestamp }) => Timestamp));
    return [
      ...(amounts.size > 1
        ? [finding('wrong quantity', `${key} was sent as ${[...amounts].join(', ')}`)]
        : []),
      ...(times.size > 1 ? [finding('other', `${key} was sent with several times`)] : []),
    ];
  });
};

/** What is said of a row in a file of rejects is true, and its hour is the one that was meant. */
const judgeRejects = (facts: Facts): Finding[] => {
  const { runs, items, jobs, bills, keysOf, trial } = facts;
  return runs.flatMap(run =>
    run.rejected.flatMap(({ id, job, reason, timestamp }) => {
      const item = items.get(id) as Item;
      const isRight = jobs.get(job)?.items.find(one => one.id === id)?.isRight ?? false;
      const lied = (text: string): Finding[] => [
        finding('other', `round ${run.round} rejects ${id}, ${timeText(item.hour)}, as ${reason}: ${text}`),
      ];
      const keys = keysOf(item);
      const billed = keys.map(key => bills.get(key)).find(bill => bill !== undefined && bill.line < run.to);
      const isInVain =
        reason.startsWith('invalid: timestamp is in the future') && isUncompared(run) && run.ahead < 0;
      if (isInVain) return [];
      if (isOurs(billed, item) && trial.resend === 'success') return lied('it is billed');
      if (
        keys.length === 1 &&
        !isUncompared(run) &&
        startOfHour(Date.parse(timestamp)) !== hourOfKey(keys[0] as string)
      )
        return lied(`its hour is ${timestamp}`);
      const [status] = /^[a-z-]+/.exec(reason) ?? [];
      const isWrong = (bad: Item['bad']): boolean => item.bad === bad && !isRight;
      switch (status) {
        case 'invalid':
          return isWrong('invalid') ? [] : lied('it is not');
        case 'refused':
        case 'not-subscribed':
          return isWrong(status) ? [] : lied('it is not');
        case 'expired':
          return run.at < deadlineOf(item.hour) - 60_000 ? lied('it is in time') : [];
        case 'duplicate':
          return billed !== undefined && isOthers(billed) ? [] : lied('nobody was first');
        default:
          return lied('nothing happened that this is for');
      }
    }),
  );
};

/** It may be that nobody has told the run what time it is: all that it says of hours is by the machine's clock. */
const isUncompared = (run: CronRun): boolean => run.ahead !== 0 && mayBeUntold(run);

const mayBeUntold = ({ trouble, kill }: CronRun): boolean =>
  trouble === 'unreachable' || trouble === 'untold' || kill?.kind === 'signal';

/** An error of a machine on the way to the service does not tell the service's time. */
const isAnswered = ({ log }: Facts, { from, to }: CronRun): boolean =>
  log.slice(from, to).some(({ error }) => error === undefined);

const isRelative = ({ args }: CronRun): boolean => args.includes('now') || args.includes('-1h');

/** A run with a relative time that did not finish names the instant that it meant. */
const judgeAdvice = ({ runs, jobs, log, said }: Facts): Finding[] =>
  runs.flatMap(run => {
    const job = jobs.get(run.job ?? '');
    if (job === undefined || run.code === null || run.code === 0 || !isRelative(run)) return [];
    const hours = hoursOf(job, runs, log);
    if (hours.length === 0) return [];
    if (isUncompared(run)) return [];
    if (run.advised === null)
      return run.code < 129
        ? [finding('other', `round ${run.round} ends with ${run.code} and names no instant${said(run)}`)]
        : [];
    return hours.includes(Date.parse(run.advised))
      ? []
      : [
          finding(
            'wrong hour',
            `round ${run.round} advises ${run.advised} for ${hours.map(timeText).join(', ')}`,
          ),
        ];
  });

type LedgerRow = {
  readonly status: string;
  readonly id: string | null;
  /** Only CloudTrail can tell what became of it. */
  readonly isInDoubt: boolean;
};

const readLedger = (path: string): Map<string, LedgerRow> => {
  if (!existsSync(path)) return new Map();
  const db = new DatabaseSync(path);
  try {
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'record'").get() === undefined) return new Map();
    const rows = db.prepare(
      'SELECT offering, customer, dimension, timestamp, status, metering_record_id AS id, doubt FROM record',
    );
    return new Map(
      rows.all().map(row => [
        [row['offering'], row['customer'], row['dimension'], row['timestamp']].join(' '),
        {
          status: String(row['status']),
          id: row['id'] === null ? null : String(row['id']),
          isInDoubt: row['doubt'] !== null,
        },
      ]),
    );
  } finally {
    db.close();
  }
};

const ACCEPTED = new Set(['accepted', 'already-recorded']);
const ANSWERED = new Set(['not-subscribed', 'refused', 'duplicate', ...ACCEPTED]);

const isOpen = ({ status, isInDoubt }: LedgerRow): boolean =>
  status === 'planned' || status === 'sent' || (status === 'unknown' && !isInDoubt);

const isBeside = (one: CronRun, other: CronRun): boolean =>
  one.overlapped && other.overlapped && one.from === other.from && Math.abs(one.round - other.round) <= 1;

/** What a run says by its exit code and the heartbeat, and what the ledger claims after it, is so. */
const judgeRun = (facts: Facts, run: CronRun): Finding[] => {
  // Of two runs at once either may have come first.
  const before = facts.runs.findLast(one => one.round < run.round && !isBeside(one, run));
  const { bills, items, jobs, said, rowsAfter } = facts;
  const { round, code, signal, kill, trouble, overlapped, isBeaten, to } = run;
  const findings: Finding[] = [];
  const tell = (kind: Finding['kind'], text: string): void => {
    findings.push(finding(kind, `round ${round}, exit ${code ?? signal}: ${text}${said(run)}`));
  };
  const lied = (text: string): void => tell('exit code lied', text);
  const rows = rowsAfter(round);
  const earlier = before === undefined ? new Map<string, LedgerRow>() : rowsAfter(before.round);
  findings.push(...judgeClaims(facts, run, rows, earlier));

  const open = [...rows.values()].filter(isOpen).length;
  const billedNow = (key: string): Bill | undefined => {
    const bill = bills.get(key);
    return bill === undefined || bill.line >= to ? undefined : bill;
  };
  const own = (jobs.get(run.job ?? '')?.items ?? []).map(({ id, isRight }) => ({
    item: items.get(id) as Item,
    isRight,
  }));
  const isBilledAsIs = ({ item, isRight }: { item: Item; isRight: boolean }): boolean =>
    (item.bad === null || isRight) && facts.keysOf(item).some(key => isOurs(billedNow(key), item));
  const unbilled = own.filter(one => !isBilledAsIs(one));
  const wasOpen = [...earlier].filter(([, row]) => isOpen(row)).map(([key]) => key);
  // One that is gone has got another hour, by AWS's clock.
  const isNews = wasOpen.some(key => rows.has(key) && !ACCEPTED.has(rows.get(key)?.status ?? ''));

  if (run.command === 'reconcile') {
    const hasOthers = [...bills.values()].some(isOthers);
    const isUnsettled = [...rows.values()].some(({ status }) => status === 'unknown');
    if (code !== 0 && !(code === 4 && hasOthers) && !(code === 5 && isUnsettled))
      lied('the ledger agrees with AWS');
    return findings;
  }
  // It may have been stopped when all was said.
  if (isBeaten !== (code === 0) && !(isBeaten && kill !== null))
    lied(`the heartbeat was ${isBeaten ? '' : 'not '}beaten`);
  if (isBeaten || code === 0) {
    for (const { item } of unbilled.slice(0, 3)) lied(`${item.id} is not billed`);
    // The other of two runs at once may have told it.
    if (isNews && !overlapped) lied('what was open is not billed');
  }
  if (isBeaten || code === 0 || code === 4) {
    if (open > 0) lied(`${open} records are open in the ledger`);
    for (const item of inChargeOf(facts, run))
      if (!facts.keysOf(item).some(billedNow) && run.at < deadlineOf(item.hour) - 60_000)
        tell('forgotten', `${item.id}, ${timeText(item.hour)}, could be billed`);
  }
  switch (code) {
    case null: {
      const isOurs = kill !== null && signal === (kill.kind === 'signal' ? kill.signal : 'SIGKILL');
      if (!isOurs) lied('nobody killed it');
      break;
    }
    case 0:
      break;
    case 3: {
      const isInvalid = own.some(({ item, isRight }) => item.bad === 'invalid' && !isRight);
      if (facts.trial.skipsInvalid || !(isInvalid || (isUncompared(run) && run.ahead < 0)))
        lied('every row is valid');
      break;
    }
    case 4: {
      const isDoubtful = [...rows.values()].some(({ isInDoubt }) => isInDoubt);
      const isInFuture = isUncompared(run) && run.ahead < 0;
      if (unbilled.length === 0 && !isNews && !isDoubtful && !isInFuture) lied('every record is billed');
      break;
    }
    case 5:
      // An hour that is not certain may be one that is not billed.
      if (open === 0 && !overlapped && !(isRelative(run) && (mayBeUntold(run) || !isAnswered(facts, run))))
        lied('nothing is left to do');
      break;
    case 6: {
      const isRefused = facts.log.slice(run.from, to).some(({ error }) => error === 'ExpiredTokenException');
      const isClock = Math.abs(run.ahead) > 0 || facts.trial.hours.some(({ jump }) => jump !== 0);
      if (!isRefused && !isClock && trouble !== 'wrong key' && trouble !== 'no key')
        lied('key and clock are right');
      break;
    }
    case 7:
      // Half a refusal does not say that it may be a matter of one record.
      if (
        !facts.log
          .slice(run.from, to)
          .some(({ status, fault }) => status === 400 && fault?.includes('truncated'))
      )
        lied('no call was refused');
      break;
    case 8:
      if (!overlapped) lied('no other run was under way');
      break;
    default:
      if (kill?.kind !== 'signal' || code !== 128 + constants.signals[kill.signal])
        lied('nothing happened that this code is for');
  }
  return findings;
};

/** What the ledger says after a run is so at the service, and it takes back nothing that AWS has answered. */
const judgeClaims = (
  { bills, account, keysOf }: Facts,
  run: CronRun,
  rows: ReadonlyMap<string, LedgerRow>,
  earlier: ReadonlyMap<string, LedgerRow>,
): Finding[] => {
  const wanted = new Map(account.items.flatMap(item => keysOf(item).map(key => [key, item] as const)));
  return [...rows].flatMap(([key, { status, id }]) => {
    const bill = bills.get(key);
    const item = wanted.get(key);
    const isBilled = bill !== undefined && bill.line < run.to;
    const isBilledByUs = isBilled && item !== undefined && isOurs(bill, item);
    const was = earlier.get(key);
    const wrong = (kind: Finding['kind'], text: string): Finding[] => [
      finding(kind, `after round ${run.round} the ledger has ${key} as ${status}: ${text}`),
    ];
    if (was !== undefined && ACCEPTED.has(was.status) && !ACCEPTED.has(status))
      return wrong('other', `it was ${was.status}`);
    if (ACCEPTED.has(status)) {
      if (!isBilledByUs)
        return wrong('lost', isBilled ? "another program's quantity is billed" : 'it is not billed');
      return id === bill.id || id === null ? [] : wrong('other', `as ${id}, and AWS as ${bill.id}`);
    }
    if (status === 'expired') {
      if (was !== undefined && ANSWERED.has(was.status))
        return wrong('other', `AWS had answered ${was.status}`);
      if (isBilledByUs) return wrong('other', 'it is billed');
      return was?.status !== 'expired' && run.at < deadlineOf(hourOfKey(key)) - 60_000
        ? wrong('forgotten', 'it was in time')
        : [];
    }
    if (status === 'duplicate' && !(isBilled && isOthers(bill))) return wrong('other', 'nobody was first');
    return [];
  });
};

/** Items that the tool has taken upon itself by the end of a run: all those of files it took, but for what it rejected. */
const inChargeOf = ({ runs, jobs, items }: Facts, until: CronRun): Item[] => {
  const soFar = runs.filter(run => run.round <= until.round || isBeside(run, until));
  const taken = new Set(soFar.filter(({ isTaken }) => isTaken).map(({ job }) => job));
  const given = new Set(soFar.flatMap(({ rejected }) => rejected.map(({ id, job }) => `${job} ${id}`)));
  return [...jobs.values()]
    .filter(({ id }) => taken.has(id))
    .flatMap(job =>
      job.items.flatMap(({ id, isRight }) => {
        const item = items.get(id) as Item;
        return given.has(`${job.id} ${id}`) || (item.bad !== null && !isRight) ? [] : [item];
      }),
    );
};

/** In the end nothing is open, and every item was billed in time or handed back with a reason. */
const judgeEnd = (facts: Facts): Finding[] => {
  const { runs, account, jobs, bills, keysOf, rowsAfter, trial } = facts;
  const findings: Finding[] = [];
  const last = runs.at(-1) as CronRun;
  if (last.code !== 0) findings.push(finding('other', `the last run ends with ${last.code}`));
  const rows = rowsAfter(last.round);
  for (const [key, row] of rows) {
    if (isOpen(row)) findings.push(finding('forgotten', `${key} is ${row.status} at the end`));
    const bill = bills.get(key);
    if (row.status === 'unknown' && bill !== undefined && !isOthers(bill))
      findings.push(finding('other', `${key} is unknown at the end, and billed`));
  }
  if (!trial.skipsInvalid) return findings;
  const taken = new Set(runs.filter(({ isTaken }) => isTaken).map(({ job }) => job));
  const given = new Set(runs.flatMap(({ rejected }) => rejected.map(({ id }) => id)));
  for (const item of account.items) {
    if (item.bad !== 'invalid') continue;
    const wasRead = [...jobs.values()].some(
      job => taken.has(job.id) && job.items.some(({ id, isRight }) => id === item.id && !isRight),
    );
    if (wasRead && !given.has(item.id))
      findings.push(finding('lost', `${item.id} is invalid, and in no file of rejects`));
    const isOver = account.end > deadlineOf(item.hour) - 60_000;
    if (given.has(item.id) && !isOver && !keysOf(item).some(key => bills.has(key)))
      findings.push(finding('lost', `${item.id} was corrected, and is not billed`));
  }
  return findings;
};

if (import.meta.main) {
  for (const folder of process.argv.slice(2)) {
    const { findings } = judgeCron(folder);
    for (const { kind, text } of findings) process.stdout.write(`${folder}: ${kind}: ${text}\n`);
    if (findings.length > 0) process.exitCode = 1;
  }
}
