/**
 * The judge of fractions and hours that grow. It knows nothing of the tool's own code: it computes what should be billed
 * from the texts of all exports that were ever uploaded, and compares that with the service's log and with the ledger.
 * As a program: `node test/torture/carry/checker.ts FOLDER…`
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Finding, Verdict } from '../checker.ts';
import { FILES } from '../driver.ts';
import { type LoggedRecord, type LoggedRequest, readLog } from '../setup.ts';
import type { CarryRun } from './driver.ts';
import { amountIn, floorOf, ONE, shareTrouble } from './sums.ts';

/** What an export says of an hour. */
type Said = { readonly used: bigint; readonly parts: ReadonlyMap<string, bigint> };

export type Wanted = {
  readonly stream: string;
  readonly isBilled: boolean;
  /** By the number of the export. */
  readonly said: Map<number, Said>;
};

export type Stored = {
  readonly key: string;
  readonly stream: string;
  readonly status: string;
  readonly sent: number;
  readonly used: bigint;
  readonly carriedIn: bigint;
  readonly parts: ReadonlyMap<string, number>;
};

export const judgeCarry = (folder: string): Verdict => {
  const history: CarryRun[] = readFileSync(join(folder, FILES.history), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const requests = readLog(join(folder, FILES.log)).filter(({ operation }) => operation !== null);
  const wanted = wantedIn(folder);
  const ledger = storedIn(join(folder, FILES.ledger));
  return {
    folder,
    runs: history.length,
    kills: history.filter(({ signal }) => signal === 'SIGKILL').length,
    requests: requests.length,
    findings: [
      ...judgeAmounts(wanted, requests, ledger),
      ...judgeCopies(folder, history, wanted, billedIn(requests)),
      ...judgeEnd(folder, history, wanted, ledger),
    ],
  };
};

/** What is billed is what the exports come to. */
export const judgeAmounts = (
  wanted: ReadonlyMap<string, Wanted>,
  requests: readonly LoggedRequest[],
  ledger: readonly Stored[],
): Finding[] => {
  const billed = billedIn(requests);
  return [
    ...judgeKeys(
      wanted,
      billed,
      requests.flatMap(({ records }) => records),
    ),
    ...ledger.flatMap(row => judgeRecord(row, wanted.get(row.key), billed.get(row.key)?.[0])),
    ...judgeStreams(wanted, billed, ledger),
  ];
};

const billedIn = (requests: readonly LoggedRequest[]): Map<string, LoggedRecord[]> =>
  Map.groupBy(
    requests.flatMap(({ records }) => records).filter(({ outcome }) => outcome === 'recorded'),
    keyOf,
  );

const finding = (kind: Finding['kind'], text: string): Finding => ({ kind, text });

/** From the texts of the files that are named `export-NUMBER-PART.csv`. */
export const wantedIn = (folder: string): Map<string, Wanted> => {
  const wanted = new Map<string, Wanted>();
  const names = readdirSync(folder).filter(name => name.startsWith('export-'));
  for (const [number, ofExport] of Map.groupBy(names, name => Number(name.split('-')[1]))) {
    const rows = ofExport.flatMap(name => rowsIn(readFileSync(join(folder, name), 'utf8')));
    for (const [key, group] of Map.groupBy(rows, row => row.key)) {
      const [{ stream, isBilled } = { stream: '', isBilled: false }] = group;
      const parts = new Map<string, bigint>();
      for (const { team, used } of group) parts.set(team, (parts.get(team) ?? 0n) + used);
      const used = group.reduce((sum, row) => sum + row.used, 0n);
      const record = wanted.get(key) ?? { stream, isBilled, said: new Map() };
      wanted.set(key, record);
      record.said.set(number, { used, parts });
    }
  }
  return wanted;
};

const rowsIn = (csv: string) => {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const names = header.split(',');
  return lines.map(line => {
    const cells = line.split(',');
    const cell = (name: string): string => cells[names.indexOf(name)] ?? '';
    const hour = Math.floor(Date.parse(cell('timestamp')) / 3_600_000) * 3600;
    const [account, dimension] = [cell('customer_aws_account_id'), cell('dimension')];
    const stream = [cell('license_arn') || cell('product_code'), account, dimension].join(' ');
    return {
      key: `${stream} ${hour}`,
      stream,
      isBilled: account !== '404404404404' && dimension !== 'unknown_dimension',
      team: cell('tag:Team'),
      used: amountIn(cell('quantity')),
    };
  });
};

const streamOf = (record: LoggedRecord): string =>
  [record.LicenseArn ?? record.ProductCode, record.CustomerAWSAccountId, record.Dimension].join(' ');

const keyOf = (record: LoggedRecord): string =>
  `${streamOf(record)} ${Math.floor(record.Timestamp / 3600) * 3600}`;

const storedIn = (path: string): Stored[] => {
  if (!existsSync(path)) return [];
  const db = new DatabaseSync(path);
  try {
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'record'").get() === undefined) return [];
    return db.prepare('SELECT * FROM record').all().map(storedOf);
  } finally {
    db.close();
  }
};

/** A record of the ledger, by the names of its columns. */
export const storedOf = (row: Readonly<Record<string, unknown>>): Stored => {
  const stream = [row['offering'], row['customer'], row['dimension']].join(' ');
  const parts: readonly { allocatedUsageQuantity: number; tags?: readonly { value: string }[] }[] =
    JSON.parse(String(row['allocations'] ?? '[]'));
  return {
    key: `${stream} ${row['timestamp']}`,
    stream,
    status: String(row['status']),
    sent: Number(row['quantity']),
    used: amountIn(String(row['used'] ?? row['quantity'])),
    carriedIn: amountIn(String(row['carried_in'] ?? '0')),
    parts: new Map(parts.map(part => [part.tags?.[0]?.value ?? '', part.allocatedUsageQuantity])),
  };
};

const ACCEPTED = new Set(['accepted', 'already-recorded']);
const MAY_BE_BILLED = new Set([...ACCEPTED, 'sent', 'unknown']);

/** Each hour of the exports is billed once; what is billed besides is the rest of an hour that grew. */
const judgeKeys = (
  wanted: ReadonlyMap<string, Wanted>,
  billed: ReadonlyMap<string, readonly LoggedRecord[]>,
  sent: readonly LoggedRecord[],
): Finding[] => {
  const findings: Finding[] = [];
  const streams = new Map([...wanted.values()].map(({ stream, isBilled }) => [stream, isBilled]));
  for (const [key, { isBilled }] of wanted)
    if (isBilled && !billed.has(key)) findings.push(finding('lost', key));
  for (const [key, [first, ...more]] of billed) {
    if (more.length > 0) findings.push(finding('billed twice', key));
    if (first === undefined || streams.get(streamOf(first)) !== true)
      findings.push(finding('billed twice', `${key} is of no export, or was rejected`));
  }
  for (const record of sent)
    if (record.outcome === 'duplicate')
      findings.push(finding('wrong quantity', `${keyOf(record)} met another quantity`));
  return findings;
};

/** What a record sent is what the balance and one of the exports come to; its used amount is the one of the last export. */
const judgeRecord = (
  { key, status, sent, used, carriedIn, parts }: Stored,
  wanted: Wanted | undefined,
  record: LoggedRecord | undefined,
): Finding[] => {
  if (!ACCEPTED.has(status)) return [];
  const wrong = (text: string): Finding[] => [finding('wrong quantity', `${key}: ${text}`)];
  if (record === undefined) return [finding('lost', `the ledger claims ${key}`)];
  if (record.Quantity !== sent) return wrong(`${record.Quantity} are billed, the ledger has ${sent}`);
  const said = [...(wanted?.said ?? [])].sort(([a], [b]) => a - b).map(([, version]) => version);
  const last = said.at(-1)?.used ?? 0n;
  if (last > used) return wrong(`${last} were used at last, the ledger has ${used}`);
  if (last < used && !said.some(version => version.used === used)) return wrong(`no export says ${used}`);
  // It may have been sent for an earlier export, or for none of them: with the rest of an hour that grew.
  const versions: Said[] = [...said, { used: 0n, parts: new Map() }];
  const fitting = versions.filter(version => sent === Number(floorOf(carriedIn + version.used)));
  if (fitting.length === 0) return wrong(`${sent} of ${used} with ${carriedIn}`);
  const allocated = (record.UsageAllocations ?? []).map(
    ({ AllocatedUsageQuantity, Tags }) => [Tags?.[0]?.Value ?? '', AllocatedUsageQuantity] as const,
  );
  if (String([...parts].sort()) !== String(allocated.sort()))
    return wrong(`parts ${allocated.join(' ')} are billed, the ledger has ${[...parts].join(' ')}`);
  const troubles = fitting.map(version => shareTrouble(sent, parts, version.parts));
  return troubles.includes(undefined) ? [] : wrong(`${troubles[0]}`);
};

/** What was used, by the exports, is billed, but for less than a unit. */
const judgeStreams = (
  wanted: ReadonlyMap<string, Wanted>,
  billed: ReadonlyMap<string, readonly LoggedRecord[]>,
  ledger: readonly Stored[],
): Finding[] => {
  const balances = new Map<string, bigint>();
  const add = (stream: string, amount: bigint): void =>
    void balances.set(stream, (balances.get(stream) ?? 0n) + amount);
  const kept = new Map(ledger.map(({ key, used }) => [key, used]));
  for (const [key, { stream, isBilled, said }] of wanted) {
    if (!isBilled) continue;
    const last = [...said].sort(([a], [b]) => a - b).at(-1)?.[1].used ?? 0n;
    const used = kept.get(key) ?? 0n;
    // An hour that shrank after it was billed stays as it was: `judgeRecord` has checked that an export says so.
    add(stream, used > last ? used : last);
  }
  for (const records of billed.values())
    for (const record of records) add(streamOf(record), -BigInt(record.Quantity) * ONE);
  return [...balances]
    .filter(([, balance]) => balance < 0n || balance >= ONE)
    .map(([stream, balance]) =>
      finding(balance < 0n ? 'billed twice' : 'lost', `${stream}: ${balance} of 10^18 is the balance`),
    );
};

/** Once a record may be billed, what it sent and what was carried into it never change, and its used amount only grows. */
const judgeCopies = (
  folder: string,
  history: readonly CarryRun[],
  wanted: ReadonlyMap<string, Wanted>,
  billed: ReadonlyMap<string, readonly LoggedRecord[]>,
): Finding[] => {
  const findings: Finding[] = [];
  let before = new Map<string, Stored>();
  for (const { round } of history) {
    const frozen = storedIn(join(folder, `after-${round}`, FILES.ledger)).filter(
      ({ key, status }) => MAY_BE_BILLED.has(status) && wanted.get(key)?.isBilled !== false,
    );
    for (const row of frozen) {
      const { key, status, sent, carriedIn, used, parts } = row;
      const old = before.get(key);
      if (ACCEPTED.has(status) && billed.get(key) === undefined)
        findings.push(finding('lost', `after round ${round}, the ledger claims ${key}`));
      if (old === undefined) continue;
      if (sent !== old.sent || carriedIn !== old.carriedIn || String([...parts]) !== String([...old.parts]))
        findings.push(finding('wrong quantity', `round ${round} changed what was sent for ${key}`));
      if (used < old.used) findings.push(finding('wrong quantity', `round ${round}: ${key} shrank`));
    }
    before = new Map(frozen.map(row => [row.key, row]));
  }
  return findings;
};

type Outcome = {
  readonly status: string;
  readonly Timestamp: string;
  readonly LicenseArn?: string;
  readonly ProductCode?: string;
  readonly CustomerAWSAccountId: string;
  readonly Dimension: string;
};

const keyIn = ({ Timestamp, LicenseArn, ProductCode, CustomerAWSAccountId, Dimension }: Outcome): string =>
  [LicenseArn ?? ProductCode, CustomerAWSAccountId, Dimension, Date.parse(Timestamp) / 1000].join(' ');

/** The last run ends with the right code and sends nothing; hours that shrank are named as conflicts. */
const judgeEnd = (
  folder: string,
  history: readonly CarryRun[],
  wanted: ReadonlyMap<string, Wanted>,
  ledger: readonly Stored[],
): Finding[] => {
  const [last] = history.slice(-1);
  const findings: Finding[] = [];
  for (const { round, code, signal, kill } of history) {
    const isFine = code === null ? kill !== null && signal === 'SIGKILL' : [0, 4, 5].includes(code);
    const said = readFileSync(join(folder, `round-${round}.err`), 'utf8').slice(-500);
    if (!isFine) findings.push(finding('exit code lied', `round ${round}: ${code ?? signal}\n${said}`));
  }
  if (last === undefined || last.number === null) return findings;
  const { round, number, code } = last;
  const text = readFileSync(join(folder, `round-${round}.out`), 'utf8');
  return [...findings, ...judgeLastExport(text, { number, code, wanted, ledger })];
};

type LastExport = {
  readonly number: number;
  readonly code: number | null;
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly ledger: readonly Stored[];
};

/** `text`: what the run printed that uploaded this export last. */
export const judgeLastExport = (text: string, { number, code, wanted, ledger }: LastExport): Finding[] => {
  const findings: Finding[] = [];
  const shrunk = ledger.flatMap(({ key, status, used }) => {
    const record = wanted.get(key);
    const now = record?.said.get(number)?.used;
    return record?.isBilled && ACCEPTED.has(status) && now !== undefined && now < used ? [key] : [];
  });
  const lines: Outcome[] = text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  // Of what is rejected, it may not be known whether AWS has it: that is a conflict, too.
  const conflicts = lines.filter(line => line.status === 'conflict' && wanted.get(keyIn(line))?.isBilled);
  if (conflicts.length !== shrunk.length)
    findings.push(finding('other', `${conflicts.length} conflicts for ${shrunk.length} hours that shrank`));
  const isHopeless = shrunk.length > 0 || [...wanted.values()].some(({ isBilled }) => !isBilled);
  if (code !== (isHopeless ? 4 : 0))
    findings.push(finding('exit code lied', `${code} at the end${isHopeless ? '' : ', all billed'}`));
  if (lines.some(({ status }) => status === 'accepted'))
    findings.push(finding('billed twice', 'the same export again had something to bill'));
  return findings;
};

if (import.meta.main) {
  for (const folder of process.argv.slice(2)) {
    const { findings } = judgeCarry(folder);
    for (const { kind, text } of findings) process.stdout.write(`${folder}: ${kind}: ${text}\n`);
    if (findings.length > 0) process.exitCode = 1;
  }
}
