/**
 * The judge of machines that share a table. It knows nothing of the tool's own code: it reads the files, the log of the
 * service, the log of the table, and what the runs printed. As a program: `node test/torture/table/checker.ts FOLDER…`
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeAmounts, judgeLastExport, type Stored, storedOf, wantedIn } from '../carry/checker.ts';
import { amountIn } from '../carry/sums.ts';
import type { Finding, Verdict } from '../checker.ts';
import { FILES } from '../driver.ts';
import { type LoggedRequest, readLog } from '../setup.ts';
import { type Bill, billsIn, judgeBills } from './bills.ts';
import { TABLE_LOG, type TableRun, VERIFIED } from './driver.ts';
import type { TableTrial } from './plan.ts';
import { judgeRuns } from './run-reports.ts';
import {
  BILLED,
  MAY_BE_BILLED,
  readStates,
  type State,
  type StoredRecord,
  statesAt,
  type TableStates,
  variantOf,
} from './table-states.ts';

export const judgeTable = (folder: string): Verdict => {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const trial: Omit<TableTrial, 'files'> = JSON.parse(read('trial.json'));
  const runs: TableRun[] = read(FILES.history)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const requests = readLog(join(folder, FILES.log)).filter(
    ({ operation }) => operation === 'BatchMeterUsage',
  );
  const states = readStates(join(folder, TABLE_LOG));
  const bills = billsIn(requests);
  return {
    folder,
    runs: runs.length,
    kills: runs.filter(({ trouble, signal }) => signal === 'SIGKILL' || trouble?.stopMs != null).length,
    requests: requests.length,
    findings: [
      ...requests.flatMap(request => judgeRequest(request, states)),
      ...[...states].flatMap(([usage, all]) => judgeChanges(usage, all, bills)),
      ...judgeRuns(folder, runs, { bills, states }),
      ...(trial.kind === 'carry'
        ? judgeCarried(folder, runs, requests, states)
        : judgeBills(
            trial.last.map(({ file, region }) => ({ text: read(file), region })),
            bills,
            requests,
          )),
      ...judgeVerified(existsSync(join(folder, VERIFIED)) ? JSON.parse(read(VERIFIED)) : { code: 0 }),
    ],
  };
};

const finding = (kind: Finding['kind'], text: string): Finding => ({ kind, text });

/** When a request comes in, the table has each of its records, frozen, and nothing that excludes it. */
const judgeRequest = ({ at, requestId, region, records }: LoggedRequest, states: TableStates): Finding[] =>
  records.flatMap(record => {
    const usage = [
      record.CustomerAWSAccountId,
      record.Dimension,
      Math.floor(record.Timestamp / 3600) * 3600,
    ].join(' ');
    const variant = variantOf({
      region: region ?? '',
      offering: record.LicenseArn ?? record.ProductCode ?? '',
    });
    const possible = statesAt(states.get(usage) ?? [], Date.parse(at));
    const isFrozen = (one: StoredRecord): boolean =>
      variantOf(one) === variant && one.quantity === record.Quantity && MAY_BE_BILLED.has(one.status);
    const isAlone = ({ records: all }: State): boolean =>
      all.every(one => variantOf(one) === variant || !MAY_BE_BILLED.has(one.status));
    if (possible.some(state => state.records.some(isFrozen) && isAlone(state))) return [];
    const [last] = possible.slice(-1);
    return [
      finding(
        'wrong quantity',
        `${requestId} sends ${record.Quantity} of ${variant} ${usage}, and the table has ${textOf(last)}`,
      ),
    ];
  });

const textOf = (state: State | undefined): string =>
  state?.records.map(one => `${one.status} ${one.quantity} of ${variantOf(one)}`).join(', ') || 'nothing';

/** What is billed stays so; what may be billed keeps its quantity, and is given up only if it is not billed. */
const judgeChanges = (usage: string, states: readonly State[], bills: readonly Bill[]): Finding[] => {
  const findings: Finding[] = [];
  const wrong = (text: string): void => void findings.push(finding('wrong quantity', `${usage}: ${text}`));
  for (const [index, { at, records }] of states.entries()) {
    for (const old of states[index - 1]?.records ?? []) {
      const variant = variantOf(old);
      if (!MAY_BE_BILLED.has(old.status)) continue;
      const now = records.find(one => variantOf(one) === variant);
      const stays = now !== undefined && MAY_BE_BILLED.has(now.status);
      if (BILLED.has(old.status) && !(stays && BILLED.has(now.status)))
        wrong(`${variant} was ${old.status}, and is ${now?.status ?? 'gone'}`);
      else if (BILLED.has(old.status) && now?.metering_record_id !== old.metering_record_id)
        wrong(`${variant} has another id: ${old.metering_record_id}, ${now?.metering_record_id}`);
      else if (
        !stays &&
        bills.some(bill => bill.usage === usage && bill.variant === variant && bill.at <= at)
      )
        wrong(`${variant} is ${now?.status ?? 'gone'}, and billed`);
      if (stays && frozenText(now) !== frozenText(old))
        wrong(`${variant} was ${frozenText(old)}, and is ${frozenText(now)}`);
      if (stays && usedIn(now) < usedIn(old)) wrong(`${variant} had used ${old.used}, and has ${now.used}`);
    }
    const both = records.filter(({ status }) => MAY_BE_BILLED.has(status));
    if (both.length > 1) wrong(`may be billed twice: ${textOf({ at, records: both })}`);
  }
  for (const { status, metering_record_id: id, quantity, ...one } of states.at(-1)?.records ?? []) {
    const bill = bills.find(each => each.usage === usage && each.variant === variantOf(one));
    if (BILLED.has(status) && (bill?.quantity !== quantity || bill.id !== id))
      findings.push(finding('lost', `${usage}: the table claims ${quantity} as ${id}, AWS ${bill?.id}`));
    if (bill !== undefined && !BILLED.has(status))
      findings.push(finding('lost', `${usage}: AWS has ${bill.quantity}, the table says ${status}`));
  }
  return findings;
};

const frozenText = ({ quantity, carried_in, allocations }: StoredRecord): string =>
  JSON.stringify([quantity, carried_in, allocations]);

/** It may grow, and never shrinks. */
const usedIn = ({ used, quantity }: StoredRecord): bigint => amountIn(String(used ?? quantity));

/** The sums of streams, by the arithmetic of the judge of carried fractions. */
const judgeCarried = (
  folder: string,
  runs: readonly TableRun[],
  requests: readonly LoggedRequest[],
  states: TableStates,
): Finding[] => {
  const wanted = wantedIn(folder);
  const ledger = [...states].flatMap(([usage, all]): Stored[] => {
    const [customer, dimension, timestamp] = usage.split(' ');
    const records = all.at(-1)?.records ?? [];
    return records.map(record => storedOf({ customer, dimension, timestamp, ...record }));
  });
  const last = runs.at(-1);
  return [
    ...judgeAmounts(wanted, requests, ledger),
    ...(last === undefined
      ? []
      : judgeLastExport(readFileSync(join(folder, `round-${last.round}.out`), 'utf8'), {
          code: last.code,
          number: Number(last.file.split('-')[1]),
          wanted,
          ledger,
        })),
  ];
};

const judgeVerified = ({ code, stdout, stderr }: Readonly<Record<string, unknown>>): Finding[] =>
  code === 0 ? [] : [finding('other', `ledger verify ends with ${code}: ${stdout}${stderr}`)];

if (import.meta.main) {
  for (const folder of process.argv.slice(2)) {
    const { findings } = judgeTable(folder);
    for (const { kind, text } of findings) process.stdout.write(`${folder}: ${kind}: ${text}\n`);
    if (findings.length > 0) process.exitCode = 1;
  }
}
