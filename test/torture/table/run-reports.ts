import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../checker.ts';
import { type Bill, isBillable, wantedOf } from './bills.ts';
import type { TableRun } from './driver.ts';
import { MAY_BE_BILLED, type TableStates, variantOf } from './table-states.ts';

type Outcome = {
  readonly type: string;
  readonly status: string;
  /** The run whose input it is, if it is an earlier one. */
  readonly fromRun?: number;
  readonly Timestamp: string;
  readonly LicenseArn?: string;
  readonly ProductCode?: string;
  readonly CustomerAWSAccountId: string;
  readonly Dimension: string;
  readonly Quantity: number;
  readonly MeteringRecordId?: string;
};

type Facts = { readonly bills: readonly Bill[]; readonly states: TableStates };

/** What each run said of itself was so when it ended, by the logs of the service and of the table. */
export const judgeRuns = (folder: string, runs: readonly TableRun[], facts: Facts): Finding[] => {
  const findings = runs.flatMap(run => judgeRun(folder, run, facts));
  for (const [file, all] of Map.groupBy(
    runs.filter(({ machine }) => machine === null),
    run => run.file,
  )) {
    const last = all.at(-1)?.code;
    if (last !== 0 && last !== 4)
      findings.push({ kind: 'other', text: `${file} is not done after ${all.length} calm runs` });
  }
  return findings;
};

const judgeRun = (folder: string, run: TableRun, facts: Facts): Finding[] => {
  const { round, code, signal, machine, trouble, region, file, args } = run;
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const findings: Finding[] = [];
  const lied = (text: string): void => {
    const said = read(`round-${round}.err`).slice(-600);
    findings.push({
      kind: 'exit code lied',
      text: `round ${round}, exit ${code ?? signal}: ${text}\n${said}`,
    });
  };
  if (code === null) {
    if (trouble === null || trouble.stopMs !== null || signal !== 'SIGKILL') lied('nobody killed it');
    return findings;
  }
  const outcomes = outcomesIn(read(`round-${round}.out`));
  for (const outcome of outcomes) {
    const text = untrue(outcome, run, facts);
    if (text !== undefined) lied(`${usageOf(outcome)} is ${outcome.status}: ${text}`);
  }
  const open = outcomes.filter(({ status }) => status === 'unsent' || status === 'unknown');
  const unbilled = outcomes.filter(({ status }) => !BILLED.has(status));
  switch (code) {
    case 0:
      if (unbilled.length > 0) lied(`${unbilled.length} records are not billed`);
      break;
    case 4:
      if (unbilled.length === 0) lied('every record is billed');
      if (open.some(one => isBillable(one.CustomerAWSAccountId, one.Dimension))) lied('something is open');
      break;
    case 5:
      // A call that failed is told also if another machine has settled its records meanwhile.
      if (open.length === 0 && !read(`round-${round}.err`).includes('"exitCode":5')) lied('nothing is open');
      break;
    case 9:
      if (machine === null) lied('the table was fine');
      return findings;
    default:
      lied('nothing happened that this code is for');
      return findings;
  }
  const own = outcomes.filter(({ fromRun }) => fromRun === undefined);
  const told = Map.groupBy(own, one => `${usageOf(one)} ${region} ${one.LicenseArn ?? one.ProductCode}`);
  const wanted = new Set(wantedOf(read(file), region).map(({ usage, variant }) => `${usage} ${variant}`));
  // An hour that carries the rest of others is in no file.
  for (const name of new Set([...wanted, ...told.keys()])) {
    const count = told.get(name)?.length ?? 0;
    if (count !== 1) lied(`${count} outcomes of ${name}`);
    if (!wanted.has(name) && !args.includes('carry')) lied(`${name} is not in the file`);
  }
  return findings;
};

const BILLED: ReadonlySet<string> = new Set(['accepted', 'already-recorded']);

const outcomesIn = (text: string): Outcome[] =>
  text
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Outcome)
    .filter(({ type }) => type === 'outcome');

const usageOf = ({ CustomerAWSAccountId, Dimension, Timestamp }: Outcome): string =>
  [CustomerAWSAccountId, Dimension, Math.floor(Date.parse(Timestamp) / 3_600_000) * 3600].join(' ');

/** Why an outcome was not so. */
const untrue = (outcome: Outcome, { region, to, args }: TableRun, facts: Facts): string | undefined => {
  const usage = usageOf(outcome);
  const variant = `${region} ${outcome.LicenseArn ?? outcome.ProductCode}`;
  const carries = args.includes('carry');
  const bill = facts.bills.find(one => one.usage === usage && one.variant === variant && one.at <= to);
  switch (outcome.status) {
    case 'accepted':
    case 'already-recorded': {
      if (bill === undefined) return 'AWS does not have it';
      if (bill.quantity !== outcome.Quantity && !(carries && outcome.status === 'already-recorded'))
        return `AWS has ${bill.quantity}, not ${outcome.Quantity}`;
      return bill.id === outcome.MeteringRecordId ? undefined : `AWS has it as ${bill.id}`;
    }
    case 'conflict': {
      if (carries) return undefined;
      const others = (facts.states.get(usage) ?? [])
        .filter(({ at }) => at <= to)
        .flatMap(({ records }) => records)
        .filter(one => MAY_BE_BILLED.has(one.status))
        .filter(one => variantOf(one) !== variant || one.quantity !== outcome.Quantity);
      return others.length === 0 ? 'nothing else was ever sent' : undefined;
    }
    case 'not-subscribed':
      return outcome.CustomerAWSAccountId === '404404404404' ? undefined : 'it can be billed';
    case 'refused':
      return outcome.Dimension === 'unknown_dimension' ? undefined : 'it can be billed';
    case 'unsent':
    case 'unknown':
      return undefined;
    default:
      return 'nothing happened that this status is for';
  }
};
