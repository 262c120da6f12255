/**
 * The judge of a trial. It knows nothing of the tool's own code: it reads the CSV file, the service's log of requests,
 * the ledger, what the runs printed, and their exit codes. As a program: `node test/torture/checker.ts FOLDER…`
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FILES, type HistoryLine, type Trial } from './driver.ts';
import { CANARIES, type LoggedRecord, type LoggedRequest, readLog } from './setup.ts';

export type Verdict = {
  readonly folder: string;
  readonly runs: number;
  readonly kills: number;
  readonly requests: number;
  readonly findings: readonly Finding[];
};

export type Finding = {
  readonly kind:
    | 'lost'
    | 'billed twice'
    | 'wrong hour'
    | 'wrong quantity'
    /** It was planned and could be billed, and no run went on with it. */
    | 'forgotten'
    | 'exit code lied'
    | 'other';
  readonly text: string;
};

export const judge = (folder: string): Verdict => {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const trial: Trial = JSON.parse(read('trial.json'));
  const history: HistoryLine[] = read(FILES.history)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const requests = readLog(join(folder, FILES.log)).filter(({ operation }) => operation !== null);
  const wanted = wantedIn(read(FILES.usage));
  const ledger = readLedger(join(folder, FILES.ledger));
  const findings = [
    ...judgeBilling(wanted, requests),
    ...judgeRequests(requests),
    ...judgeLedger(wanted, requests, ledger, folder),
    ...judgeExits(wanted, requests, history, folder),
    ...judgeReport(wanted, history, folder),
    ...(isInOrder(trial) ? judgeOrder(requests, history) : []),
    ...judgeTraces(folder),
  ];
  return {
    folder,
    runs: history.length,
    kills: history.filter(({ signal }) => signal === 'SIGKILL').length,
    requests: requests.length,
    findings,
  };
};

/** What a record of the file comes to, by the rules of the service and its documented test values. */
type Fate = 'billed' | 'refused' | 'not subscribed' | 'too old';

type Wanted = { readonly bills: string; readonly fate: Fate; rows: number };

/** Records by key, with what is to be billed, from the text of the file alone. */
const wantedIn = (csv: string): Map<string, Wanted> => {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const names = header.split(',');
  const rows = lines.map(line => {
    const cells = line.split(',');
    const cell = (name: string): string => cells[names.indexOf(name)] ?? '';
    const hour = Math.floor(Date.parse(cell('timestamp')) / 3_600_000) * 3600;
    const [account, license] = [cell('customer_aws_account_id'), cell('license_arn')];
    const offering = license === '' ? cell('product_code') : license;
    return {
      key: [offering, account, cell('dimension'), hour].join(' '),
      quantity: Number(cell('quantity')),
      team: cell('tag:Team'),
      fate: fateOf(account, cell('dimension'), hour),
    };
  });
  return new Map(
    [...Map.groupBy(rows, ({ key }) => key)].map(([key, group]) => {
      const quantity = group.reduce((sum, row) => sum + row.quantity, 0);
      const allocations = group.filter(({ team }) => team !== '').map(row => `${row.team}=${row.quantity}`);
      const fate = group[0]?.fate ?? 'billed';
      return [key, { bills: billsOf(quantity, allocations), fate, rows: group.length }];
    }),
  );
};

const fateOf = (account: string, dimension: string, hour: number): Fate => {
  if (Date.now() / 1000 - hour > 36 * 3600) return 'too old';
  if (account === '404404404404') return 'not subscribed';
  return dimension === 'unknown_dimension' ? 'refused' : 'billed';
};

const billsOf = (quantity: number, allocations: readonly string[]): string =>
  [quantity, ...allocations.toSorted()].join(' ');

const keyOf = (record: LoggedRecord): string =>
  [
    record.LicenseArn ?? record.ProductCode,
    record.CustomerAWSAccountId,
    record.Dimension,
    Math.floor(record.Timestamp / 3600) * 3600,
  ].join(' ');

const billedBy = ({ Quantity, UsageAllocations = [] }: LoggedRecord): string =>
  billsOf(
    Quantity,
    UsageAllocations.map(
      ({ AllocatedUsageQuantity, Tags = [] }) =>
        `${Tags.map(({ Value }) => Value).join('+')}=${AllocatedUsageQuantity}`,
    ),
  );

const finding = (kind: Finding['kind'], text: string): Finding => ({ kind, text });

/** Each record of the file is billed once as the file says, and nothing else is. */
const judgeBilling = (wanted: ReadonlyMap<string, Wanted>, requests: readonly LoggedRequest[]): Finding[] => {
  const findings: Finding[] = [];
  const sent = requests.flatMap(({ records }) => records);
  const committed = Map.groupBy(
    sent.filter(({ outcome }) => outcome === 'recorded'),
    keyOf,
  );
  for (const [key, { bills, fate }] of wanted) {
    const [first, ...more] = committed.get(key) ?? [];
    if (fate !== 'billed') {
      if (first !== undefined) findings.push(finding('billed twice', `${key} is ${fate}, and billed`));
    } else if (first === undefined) findings.push(finding('lost', key));
    else {
      if (more.length > 0) findings.push(finding('billed twice', key));
      if (billedBy(first) !== bills)
        findings.push(finding('wrong quantity', `${key}: ${billedBy(first)} for ${bills}`));
    }
  }
  for (const key of committed.keys())
    if (!wanted.has(key)) findings.push(finding('billed twice', `${key} is not in the file`));
  for (const [key, again] of Map.groupBy(sent, keyOf)) {
    const quantities = new Set(again.map(billedBy));
    if (quantities.size > 1)
      findings.push(finding('wrong quantity', `${key} was sent as ${[...quantities].join(', ')}`));
    // The hour alone is what the service recognizes: another second of it would be another record to an auditor.
    if (new Set(again.map(({ Timestamp }) => Timestamp)).size > 1)
      findings.push(finding('other', `${key} was sent with several times`));
    if (again.some(({ outcome }) => outcome === 'duplicate'))
      findings.push(finding('wrong quantity', `${key} met another quantity`));
  }
  return findings;
};

const judgeRequests = (requests: readonly LoggedRequest[]): Finding[] =>
  requests.flatMap(({ requestId, records }) => {
    const kinds = new Set(
      records.map(record => (record.LicenseArn === undefined ? record.ProductCode : '(licences)')),
    );
    return [
      ...(records.length > 25 ? [finding('other', `${requestId} has ${records.length} records`)] : []),
      ...(kinds.size > 1 ? [finding('other', `${requestId} mixes ${[...kinds].join(', ')}`)] : []),
    ];
  });

type LedgerRow = { readonly key: string; readonly status: string; readonly id: string | null };

const readLedger = (path: string): LedgerRow[] => {
  if (!existsSync(path)) return [];
  const db = new DatabaseSync(path);
  try {
    // A disk that fails early leaves a file without tables.
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'record'").get() === undefined) return [];
    return db
      .prepare(
        'SELECT offering, customer, dimension, timestamp, status, metering_record_id AS id FROM record',
      )
      .all()
      .map(row => ({
        key: [row['offering'], row['customer'], row['dimension'], row['timestamp']].join(' '),
        status: String(row['status']),
        id: row['id'] === null ? null : String(row['id']),
      }));
  } finally {
    db.close();
  }
};

const ACCEPTED = new Set(['accepted', 'already-recorded']);
const OPEN = new Set(['planned', 'sent', 'unknown']);

/** The ids that the service gave. */
const idsIn = (requests: readonly LoggedRequest[]): Map<string, string | undefined> =>
  new Map(
    requests
      .flatMap(({ records }) => records)
      .filter(({ outcome }) => outcome === 'recorded')
      .map(record => [keyOf(record), record.MeteringRecordId]),
  );

/** What the ledger calls accepted is at the service under the same id; at the end it calls all of them so. */
const judgeLedger = (
  wanted: ReadonlyMap<string, Wanted>,
  requests: readonly LoggedRequest[],
  ledger: readonly LedgerRow[],
  folder: string,
): Finding[] => {
  const ids = idsIn(requests);
  const findings: Finding[] = [];
  const copies = readdirSync(folder).filter(name => name.startsWith('after-'));
  for (const [where, rows] of [
    ...copies.map(name => [name, readLedger(join(folder, name, FILES.ledger))] as const),
    ['at the end', ledger] as const,
  ]) {
    for (const { key, status, id } of rows) {
      if (!ACCEPTED.has(status)) continue;
      if (!ids.has(key)) findings.push(finding('lost', `${where}, the ledger claims ${key}`));
      else if (ids.get(key) !== id)
        findings.push(finding('other', `${where}, ${key}: the ledger has ${id}, AWS ${ids.get(key)}`));
    }
  }
  const byKey = new Map(ledger.map(row => [row.key, row]));
  for (const [key, { fate }] of wanted) {
    const status = byKey.get(key)?.status;
    if (fate === 'billed' && !ACCEPTED.has(status ?? ''))
      findings.push(finding('other', `${key} is ${status ?? 'missing'} in the ledger`));
  }
  if (ledger.length !== wanted.size)
    findings.push(finding('other', `${ledger.length} records in the ledger for ${wanted.size}`));
  return findings;
};

/** A code says what was so when the run ended, by the ledger of that moment and the service. */
const judgeExits = (
  wanted: ReadonlyMap<string, Wanted>,
  requests: readonly LoggedRequest[],
  history: readonly HistoryLine[],
  folder: string,
): Finding[] => {
  const ids = idsIn(requests);
  const billable = [...wanted].filter(([, { fate }]) => fate === 'billed');
  const hopeless = wanted.size > billable.length;
  const findings: Finding[] = [];
  for (const { round, code, signal, kill } of history) {
    const lied = (text: string): void => {
      const said = readFileSync(join(folder, `round-${round}.err`), 'utf8').slice(-500);
      findings.push(finding('exit code lied', `round ${round}, exit ${code ?? signal}: ${text}\n${said}`));
    };
    if (code === null) {
      // Before the tool has begun to listen a signal does what it does to any program.
      const isOurs = signal === (kill?.kind === 'signal' ? kill.signal : 'SIGKILL');
      if (!isOurs || kill === null) lied(`ended by ${signal}`);
      continue;
    }
    const rows = new Map(readLedger(join(folder, `after-${round}`, FILES.ledger)).map(row => [row.key, row]));
    const open = [...rows.values()].filter(({ status }) => OPEN.has(status)).length;
    const unbilled = billable.filter(([key]) => {
      const row = rows.get(key);
      return row === undefined || !ACCEPTED.has(row.status) || row.id === null || !ids.has(key);
    });
    switch (code) {
      case 0:
        if (hopeless) lied('not every record can be billed');
        if (unbilled.length > 0) lied(`${unbilled.length} records are not billed`);
        break;
      case 4:
        if (!hopeless) lied('every record can be billed');
        if (unbilled.length > 0) lied(`${unbilled.length} records could still be billed`);
        break;
      case 5:
        if (open === 0) lied('nothing is left to do');
        break;
      case 7:
        // Half a refusal does not say that it may be a matter of one record.
        if (!requests.some(({ status, fault }) => status === 400 && fault?.includes('truncated')))
          lied('no call was refused');
        break;
      case 9:
        if (kill?.kind !== 'call' || kill.error === undefined) lied('the disk was fine');
        break;
      default:
        if (kill?.kind !== 'signal' || code !== 128 + constants.signals[kill.signal])
          lied('nothing happened that this code is for');
    }
  }
  const last = history.at(-1)?.code;
  if (last !== 0 && last !== 4) findings.push(finding('other', `not done after ${history.length} runs`));
  return findings;
};

/** The report of the last run accounts for each record once. */
const judgeReport = (
  wanted: ReadonlyMap<string, Wanted>,
  history: readonly HistoryLine[],
  folder: string,
): Finding[] => {
  const last = history.at(-1);
  if (last === undefined || last.code === null) return [];
  const text = readFileSync(join(folder, `round-${last.round}.out`), 'utf8');
  const format = last.args[last.args.indexOf('-o') + 1];
  const summary = format === 'json' ? JSON.parse(text).summary : undefined;
  const lines =
    format === 'jsonl'
      ? text
          .trim()
          .split('\n')
          .map(line => JSON.parse(line))
      : [];
  const counts = summary ?? lines.at(-1);
  if (counts === undefined) return [];
  const rows = [...wanted.values()].reduce((sum, record) => sum + record.rows, 0);
  // What is not billed may be in doubt: no answer that came after a lost one tells.
  const members = ['accepted', 'alreadyRecorded', 'notSubscribed', 'refused', 'expired', 'unknown'];
  const sum = members.reduce((total, name) => total + counts[name], 0);
  const findings: Finding[] = [];
  if (counts.rows !== rows || counts.records !== wanted.size || sum !== wanted.size)
    findings.push(finding('other', `the summary does not add up: ${JSON.stringify(counts)}`));
  const outcomes = lines.filter(({ type }) => type === 'outcome');
  if (format === 'jsonl' && outcomes.length !== wanted.size)
    findings.push(finding('other', `${outcomes.length} outcomes for ${wanted.size} records`));
  const places = new Set(outcomes.map(({ line }) => line));
  if (places.size !== outcomes.length) findings.push(finding('other', 'a line has two outcomes'));
  return findings;
};

/** Several requests under way overtake each other. */
const isInOrder = ({ flags }: Trial): boolean =>
  flags.some((flag, place) => flag === '--concurrency' && flags[place + 1] === '1');

/**
 * What a run sends first expires first. It begins with what an earlier run left without an answer, so that the order
 * may break once in each run; and each product has an order of its own, since its requests are its own.
 */
const judgeOrder = (requests: readonly LoggedRequest[], history: readonly HistoryLine[]): Finding[] => {
  const roundOf = (at: string): number => history.findLast(line => line.at <= at)?.round ?? 0;
  const seen = new Set<string>();
  const last = new Map<string, number>();
  const breaks = new Map<string, number>();
  for (const { at, records } of requests) {
    const [record] = records;
    const place = `round ${roundOf(at)}, ${record?.LicenseArn ?? record?.ProductCode}`;
    const times = records.filter(one => !seen.has(keyOf(one))).map(({ Timestamp }) => Timestamp);
    for (const one of records) seen.add(keyOf(one));
    if (times.length === 0) continue;
    if (Math.min(...times) < (last.get(place) ?? 0)) breaks.set(place, (breaks.get(place) ?? 0) + 1);
    last.set(place, Math.max(...times));
  }
  return [...breaks]
    .filter(([, count]) => count > 1)
    .map(([place, count]) => finding('other', `${place}: the order of expiry broke ${count} times`));
};

const LEFT = new Set([...Object.values(FILES), `${FILES.ledger}.lock`, 'trial.json']);

/** Each run has its rejects, unless they are those of before. A kill may strike while they are written. */
const MAY_BE_LEFT = /^(round-\d+\.(out|err)|after-\d+|usage\.rejected(\.\d+)?\.csv(\.[0-9a-f]{8}\.part)?)$/;

/** No secret in any byte, and nothing left lying about. */
const judgeTraces = (folder: string): Finding[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap(entry => {
    const findings: Finding[] = [];
    const isTop = entry.parentPath === folder;
    if (isTop && !LEFT.has(entry.name) && !MAY_BE_LEFT.test(entry.name))
      findings.push(finding('other', `${entry.name} was left behind`));
    if (!entry.isFile()) return findings;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    for (const canary of CANARIES)
      if (bytes.includes(canary)) findings.push(finding('other', `a secret is in ${entry.name}`));
    return findings;
  });

if (import.meta.main) {
  for (const folder of process.argv.slice(2)) {
    const { findings } = judge(folder);
    for (const { kind, text } of findings) process.stdout.write(`${folder}: ${kind}: ${text}\n`);
    if (findings.length > 0) process.exitCode = 1;
  }
}
