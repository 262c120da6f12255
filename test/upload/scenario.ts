import fc from 'fast-check';
import { GONE, TROUBLES } from './simulated-service.ts';

/** One line of a simulated file. */
export type Line = {
  readonly mode: 'account' | 'license' | 'customer';
  readonly customer: string;
  readonly product: string;
  /** Whether a licensed line names its product too. */
  readonly named: boolean;
  readonly dimension: string;
  readonly hoursAgo: number;
  readonly minute: 0 | 20;
  readonly quantity: number | 'none';
  readonly tag: string;
};

export type Scenario = {
  readonly files: readonly (readonly Line[])[];
  readonly rounds: readonly {
    /** Which of the files is sent. */
    readonly file: number;
    readonly minutesLater: number;
    /** The process dies when it touches the world for the so many-th time. */
    readonly killAt: number | undefined;
    /** What earlier runs left open is left once more. */
    readonly skipOpen: boolean;
  }[];
  readonly troubles: readonly {
    readonly trouble: (typeof TROUBLES)[number];
    readonly place: number;
    readonly turns: number;
  }[];
  readonly again: 'Success' | 'DuplicateRecord';
  readonly start: string;
  readonly merge: 'none' | 'sum';
  readonly skipInvalid: boolean;
  readonly concurrency: number;
  readonly rate: number | undefined;
};

/** Mostly the first, at times one of the others. */
const often = <T>(weight: number, usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const lineOf = (dimensions: readonly string[], hours: readonly number[]): fc.Arbitrary<Line> =>
  fc.record({
    mode: often<Line['mode']>(2, 'account', 'license', 'customer'),
    customer: often(5, '111122223333', '444455556666', '777788889999'),
    product: often(6, 'p1', 'p2', GONE),
    named: fc.boolean(),
    dimension: fc.constantFrom(...dimensions),
    hoursAgo: fc.constantFrom(...hours),
    minute: fc.constantFrom<0 | 20>(0, 20),
    quantity: often<number | 'none'>(15, 5, 0, 7, 'none'),
    tag: often(6, '', 'A', 'B'),
  });

const MANY = Array.from({ length: 30 }, (_, number) => `d${number}`);

const linesOf = (
  dimensions: readonly string[],
  hours: readonly number[],
  minLength: number,
  maxLength: number,
) => fc.array(lineOf(dimensions, hours), { minLength, maxLength, size: 'max' });

const edits = fc.array(
  fc.record({
    at: fc.nat(99),
    to: fc.oneof(
      { weight: 3, arbitrary: fc.record({ quantity: fc.constantFrom(5, 6) }) },
      { weight: 1, arbitrary: fc.record({ tag: fc.constantFrom('', 'A') }) },
      { weight: 1, arbitrary: fc.record({ product: fc.constantFrom('p1', 'p2') }) },
      { weight: 2, arbitrary: fc.record({ mode: fc.constantFrom<Line['mode']>('account', 'license') }) },
    ),
    how: fc.constantFrom('change', 'change', 'add', 'remove'),
  }),
  { minLength: 1, maxLength: 5 },
);

type Edits = typeof edits extends fc.Arbitrary<infer E> ? E : never;

const corrected = (lines: readonly Line[], changes: Edits): Line[] => {
  const next = [...lines];
  for (const { at, to, how } of changes) {
    const place = at % next.length;
    const old = next[place];
    if (old === undefined) continue;
    if (how === 'remove') next.splice(place, next.length > 1 ? 1 : 0);
    else next.splice(place, how === 'change' ? 1 : 0, { ...old, ...to });
  }
  return next;
};

/** A file, and the same after somebody's corrections. */
const files = fc
  .tuple(
    fc.oneof(
      { weight: 2, arbitrary: linesOf(['d1', 'd2', 'bad'], [1, 2, 23], 1, 8) },
      { weight: 1, arbitrary: linesOf([...MANY, 'bad1'], [1, 2, 22, 23, 24, 26], 1, 70) },
    ),
    fc.array(edits, { maxLength: 2 }),
  )
  .map(([first, corrections]) => {
    const all: Line[][] = [first];
    for (const changes of corrections) all.push(corrected(all.at(-1) ?? first, changes));
    return all;
  });

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  files,
  rounds: fc.array(
    fc.record({
      file: fc.nat(2),
      minutesLater: often(3, 0, 25, 60, 120, 1500),
      killAt: fc.option(fc.oneof(fc.nat(40), fc.nat(400)), { nil: undefined }),
      skipOpen: often(5, false, true),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  troubles: fc.array(
    fc.record({ trouble: fc.constantFrom(...TROUBLES), place: fc.nat(30), turns: fc.nat(3) }),
    { maxLength: 30 },
  ),
  again: fc.constantFrom('Success', 'DuplicateRecord'),
  start: fc.constantFrom('2026-11-22T10:30:00Z', '2026-11-22T10:59:50Z', '2026-12-01T05:58:00Z'),
  merge: fc.constantFrom('sum', 'none'),
  skipInvalid: often(5, true, false),
  concurrency: fc.integer({ min: 1, max: 8 }),
  rate: fc.constantFrom(undefined, 10, 3),
});

const HEADER =
  'timestamp,customer_aws_account_id,customer_identifier,license_arn,product_code,dimension,quantity,tag:T';

/** The file as it lies on the disk; the times in it do not move with the clock. */
export const csvOf = (lines: readonly Line[], start: string): string =>
  `${[HEADER, ...lines.map(line => cellsOf(line, start).join(','))].join('\n')}\n`;

const cellsOf = (line: Line, start: string): readonly string[] => [
  new Date(hourOf(line, start) * 1000 + line.minute * 60_000).toISOString(),
  line.mode === 'customer' ? '' : line.customer,
  line.mode === 'customer' ? customerOf(line) : '',
  line.mode === 'license' ? licenseOf(line) : '',
  line.mode === 'license' && !line.named ? '' : line.product,
  line.dimension,
  String(line.quantity),
  line.tag,
];

/** As the service names who pays. */
const customerOf = ({ mode, customer }: Line): string =>
  mode === 'customer' ? `buyer-${customer}` : customer;

/** A license is for one product. */
const licenseOf = ({ product }: Pick<Line, 'product'>): string =>
  `arn:aws:license-manager::123456789012:license:l-${product}`;

/** The hour of a line, epoch seconds. */
export const hourOf = ({ hoursAgo }: Pick<Line, 'hoursAgo'>, start: string): number =>
  Math.floor(Date.parse(start) / 3_600_000 - hoursAgo) * 3600;

/** What AWS recognizes a line's usage by, as the simulated service says it. */
const keyOfLine = (line: Line, start: string): string =>
  [
    line.mode,
    line.mode === 'license' ? licenseOf(line) : line.product,
    customerOf(line),
    line.dimension,
    new Date(hourOf(line, start) * 1000).toISOString().slice(0, 13),
  ].join('|');

/** What should be billed of a file: by key the content, as the simulated service says it; undefined: invalid. */
export const expectedOf = (
  lines: readonly Line[],
  { merge, start }: Pick<Scenario, 'merge' | 'start'>,
): Map<string, { readonly line: Line; readonly content: string | undefined; readonly places: number[] }> => {
  const groups = Map.groupBy(
    lines.map((line, index) => ({ line, place: index + 2 })).filter(({ line }) => line.quantity !== 'none'),
    ({ line }) => keyOfLine(line, start),
  );
  /** An invalid row takes the rest of its record along: sent, it would close the hour. */
  const spoiled = new Set(lines.filter(line => line.quantity === 'none').map(line => keyOfLine(line, start)));
  return new Map(
    [...groups].map(([key, group]) => {
      const byTag = Map.groupBy(group, ({ line }) => line.tag);
      const sum = (some: typeof group): number =>
        some.reduce((total, { line }) => total + Number(line.quantity), 0);
      const isRepeated = merge === 'none' && [...byTag.values()].some(same => same.length > 1);
      const parts = [...byTag]
        .map(([tag, same]) => `${tag === '' ? undefined : `T=${tag}`}:${sum(same)}`)
        .sort();
      const content = [sum(group), ...(byTag.size === 1 && byTag.has('') ? [] : parts)].join(' ');
      const [first] = group as [(typeof group)[number]];
      return [
        key,
        {
          line: first.line,
          content: isRepeated || spoiled.has(key) ? undefined : content,
          places: group.map(({ place }) => place),
        },
      ];
    }),
  );
};
