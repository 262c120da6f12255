import { below, type Random } from '../../../src/emulator/faults/random.ts';
import { exportTexts } from '../carry/exports.ts';
import { TROUBLES } from '../plans.ts';
import { contestedFiles, REGIONS } from './contested.ts';

/** Several machines with one ledger in a table. The same seed, the same trial, but for who is faster. */
export type TableTrial = {
  readonly name: string;
  readonly seed: number;
  /** Exports that grow, uploaded with fractions; or files that contradict each other. */
  readonly kind: 'carry' | 'contested';
  /** What the service does. */
  readonly faults: readonly string[];
  readonly table: TableTroubles;
  readonly machines: readonly (readonly PlannedRun[])[];
  /** Uploaded one after the other at the end, when nothing goes wrong any more, until each is done. */
  readonly last: readonly Upload[];
  /** The files by name. */
  readonly files: Readonly<Record<string, string>>;
};

export type Upload = { readonly file: string; readonly region: string; readonly flags: readonly string[] };

type PlannedRun = Upload & { readonly trouble: Trouble | null };

/** What happens to a process. It is stopped for `stopMs`, or killed. */
export type Trouble = { readonly when: Moment; readonly stopMs: number | null };

type Moment =
  | { readonly kind: 'time'; readonly ms: number }
  /** When so many more requests to the table are done, by any machine, before the last of them has its reply. */
  | { readonly kind: 'table'; readonly count: number }
  /** When so many more requests have come to the service. */
  | { readonly kind: 'aws'; readonly count: number };

/** How probable each fault is for a request, and the requests after which nothing is received for a while. */
export type TableTroubles = {
  readonly throttled: number;
  readonly notReceived: number;
  readonly lost: number;
  readonly half: number;
  readonly doneLate: number;
  readonly toldLate: number;
  readonly outage: { readonly after: number; readonly ms: number } | null;
};

/** Runs under trouble retry for so long: a machine may stand still for longer. */
const GIVE_UP = '5s';

export const randomTableTrial = (seed: number, dice: Random): TableTrial => {
  const common = {
    name: `table-${seed}`,
    seed,
    // After half a reply, a record may be in doubt until CloudTrail is asked.
    faults: TROUBLES.filter(name => !name.startsWith('truncated') && dice() < 0.3),
    table: tableTroubles(dice),
  };
  const count = 2 + below(3, dice);
  return dice() < 0.4 ? carryTrial(common, count, dice) : contestedTrial(common, count, dice);
};

type Common = Pick<TableTrial, 'name' | 'seed' | 'faults' | 'table'>;

const contestedTrial = (common: Common, count: number, dice: Random): TableTrial => {
  const regions = dice() < 0.4 ? REGIONS : [REGIONS[0]];
  const files = contestedFiles({ count: 1 + below(3, dice), regions }, dice);
  const uploads = files.map(({ name, region }): Upload => ({ file: name, region, flags: [] }));
  return {
    ...common,
    kind: 'contested',
    machines: machinesOf(count, dice, () => [uploads[below(uploads.length, dice)] as Upload]),
    last: uploads,
    files: Object.fromEntries(files.map(({ name, text }) => [name, text])),
  };
};

const CARRY = ['--round', 'carry', '--late', 'carry', '--merge', 'sum'];

/** Each machine uploads later exports as time goes by, some of them only what a few customers used. */
const carryTrial = (common: Common, count: number, dice: Random): TableTrial => {
  const exports = exportTexts({ streams: 3 + below(4, dice), count: 3, poisoned: dice() < 0.2 }, dice).map(
    texts => texts.map((text, place) => (place === 0 ? text : text.slice(text.indexOf('\n') + 1))).join(''),
  );
  const files: Record<string, string> = {};
  for (const [number, text] of exports.entries()) {
    files[`export-${number}-0.csv`] = text;
    for (const half of [0, 1]) files[`part-${number}-${half}.csv`] = halfOf(text, half);
  }
  const upload = (file: string): Upload => ({ file, region: REGIONS[0], flags: CARRY });
  const number = () => below(exports.length, dice);
  return {
    ...common,
    kind: 'carry',
    machines: machinesOf(count, dice, () => {
      const [first, second] = [number(), number()].toSorted();
      return [first, second].map(one =>
        upload(dice() < 0.4 ? `part-${one}-${below(2, dice)}.csv` : `export-${one}-0.csv`),
      );
    }),
    // Once more when it is done: then nothing may be left to bill.
    last: [0, 1].map(() => upload(`export-${exports.length - 1}-0.csv`)),
    files,
  };
};

/** The rows of every other stream; all that an export says of an hour stays together. */
const halfOf = (text: string, half: number): string => {
  const [header, ...rows] = text.split('\n');
  const kept = rows.filter(row => row === '' || Number(row.split(',i-')[1]) % 2 === half);
  return [header, ...kept].join('\n');
};

const machinesOf = (count: number, dice: Random, uploads: () => readonly Upload[]): PlannedRun[][] =>
  Array.from({ length: count }, () =>
    Array.from({ length: 1 + below(2, dice) }, uploads)
      .flat()
      .map(upload => ({ ...upload, flags: [...upload.flags, ...flagsOf(dice)], trouble: troubleOf(dice) })),
  );

const flagsOf = (dice: Random): string[] => [
  '--give-up-after',
  GIVE_UP,
  '--concurrency',
  String([1, 2, 8][below(3, dice)]),
  ...(dice() < 0.15 ? ['--skip-open'] : []),
];

/** For longer than a retry pauses, than all retries may take, and than one request to the table may take. */
const STOPS_MS = [300, 1500, 6000, 6000, 11_000];

const troubleOf = (dice: Random): Trouble | null => {
  const chance = dice();
  if (chance < 0.3) return null;
  return { when: momentOf(dice), stopMs: chance < 0.65 ? null : (STOPS_MS[below(5, dice)] ?? 0) };
};

const momentOf = (dice: Random): Moment => {
  const chance = dice();
  if (chance < 0.2) return { kind: 'time', ms: 250 + below(700, dice) };
  return chance < 0.8
    ? { kind: 'table', count: 20 + below(150, dice) }
    : { kind: 'aws', count: 1 + below(5, dice) };
};

const tableTroubles = (dice: Random): TableTroubles => {
  const chance = () => (dice() < 0.5 ? dice() * 0.05 : 0);
  return {
    throttled: chance(),
    notReceived: chance(),
    lost: chance(),
    half: chance(),
    doneLate: chance(),
    toldLate: chance(),
    outage: dice() < 0.15 ? { after: 20 + below(300, dice), ms: 1000 + below(4000, dice) } : null,
  };
};
