import { isRelative } from '../../usage/timestamp.ts';

/** A command line as it was typed: flags by their long names, each with its value, or true when it takes none. */
export type Line = {
  readonly flags: ReadonlyMap<string, string | true>;
  readonly words: readonly string[];
};

/**
 * Flags that have no effect on a command line. Who types one expects what it says, and reads the result as if it had
 * been done: that is a mistake, and said before anything is done. Only a flag that asks for what happens anyway may
 * stand: `--no-rejects` where nothing is written, `--no-ledger` beside `--local`.
 */
export type Rule = {
  readonly commands: readonly string[];
  /** With their value where only that one has no effect. */
  readonly flags: readonly string[];
  readonly because: string;
  /** Instead of the usual advice. */
  readonly next?: string;
} & (
  | {
      /** What makes them so, as it is typed; undefined where nothing does. */
      readonly with: (line: Line) => string | undefined;
    }
  | {
      /** What they need, and is not there; undefined where it is. */
      readonly without: (line: Line) => string | undefined;
    }
);

const given =
  (flag: string) =>
  ({ flags }: Line): string | undefined =>
    flags.has(flag) ? flag : undefined;

const givenAs =
  (flag: string, value: string) =>
  ({ flags }: Line): string | undefined =>
    flags.get(flag) === value ? `${flag} ${value}` : undefined;

const missing =
  (flag: string, written = flag) =>
  ({ flags }: Line): string | undefined =>
    flags.has(flag) ? undefined : written;

const relativeTime = ({ flags }: Line): string | undefined => {
  const when = flags.get('--timestamp');
  return typeof when === 'string' && isRelative(when) ? `--timestamp ${when}` : undefined;
};

const isJsonLines = (name: string): boolean => /\.(jsonl|ndjson)$/i.test(name);

/** No cell is parted from another, neither in what is read nor in what is written. */
const nothingButJson = ({ flags, words }: Line): string | undefined => {
  const results = flags.get('--results');
  if (typeof results === 'string' && !isJsonLines(results)) return undefined;
  const format = flags.get('--input-format');
  if (format === 'jsonl') return '--input-format jsonl';
  return format === undefined && words.length > 0 && words.every(isJsonLines) ? words[0] : undefined;
};

const CALLING = ['batch', 'meter', 'resolve', 'register'];
const FOR_SCRIPTS = ['--output json', '--output jsonl'];

export const FLAG_RULES: readonly Rule[] = [
  {
    commands: ['batch'],
    without: ({ words }) => (words.length === 0 ? 'a file' : undefined),
    flags: [
      '--timestamp',
      '--new-usage',
      '--timezone',
      '--product-code',
      '--map',
      '--delimiter',
      '--input-format',
      '--merge',
      '--skip-invalid',
      '--skip-open',
      '--allow-empty',
      '--allow-round-accounts',
      '--allow-null-text',
      '--results',
      '--rejects',
      '--local',
      '--no-ledger',
    ],
    because: 'without files batch sends what earlier runs left open',
    next: 'ampmeter batch usage.csv; to see it work: ampmeter batch examples/usage.csv --timestamp now --local; all flags: ampmeter batch --help',
  },
  {
    commands: CALLING,
    with: given('--local'),
    flags: ['--endpoint-url', '--profile', '--dual-stack', '--fips', '--ca-bundle'],
    because: '--local calls a private emulator, which needs none of it',
  },
  {
    commands: CALLING,
    with: given('--local'),
    flags: ['--show-request'],
    because: 'the private emulator ends with the command, and nothing could answer the request',
    next: 'run ampmeter emulator, and name it with --endpoint-url instead of --local',
  },
  {
    commands: ['batch'],
    with: given('--local'),
    flags: ['--heartbeat'],
    because: 'with --local nothing is billed, and a monitor must not hear that it was',
  },
  {
    commands: ['batch'],
    with: given('--local'),
    flags: ['--ledger', '--wait', '--skip-open', '--new-usage'],
    because: '--local has a ledger of its own, which is empty at the start and gone at the end',
  },
  {
    commands: ['register'],
    with: given('--local'),
    flags: ['--public-key'],
    because: 'the private emulator has a key of its own',
    next: 'run ampmeter emulator, name it with --endpoint-url, and take its key from /_emulator/public-key',
  },
  {
    commands: ['batch'],
    with: given('--no-ledger'),
    flags: ['--wait', '--skip-open', '--new-usage'],
    because: 'without a ledger there is no run to wait for, and nothing that earlier runs left',
  },
  {
    commands: ['batch'],
    with: given('--dry-run'),
    flags: ['--results', '--rejects', '--heartbeat'],
    because: 'a dry run bills nothing and writes no files',
  },
  {
    commands: ['batch'],
    with: given('--dry-run'),
    flags: ['--show-request'],
    because: 'one prints the plan, the other the requests, and neither sends them',
  },
  {
    commands: CALLING,
    with: given('--show-request'),
    flags: FOR_SCRIPTS,
    because: 'the request is printed as a curl command, and there is no result',
  },
  {
    commands: ['batch'],
    with: given('--show-request'),
    flags: ['--results', '--rejects', '--heartbeat'],
    because: 'the requests are printed and not sent',
  },
  {
    commands: ['register'],
    with: given('--show-request'),
    flags: ['--public-key'],
    because: 'the request is printed and not sent, so that there is no reply to verify',
  },
  {
    commands: ['batch', 'meter'],
    with: relativeTime,
    flags: ['--timezone'],
    because: 'such a time is the same in every zone',
  },
  {
    commands: ['meter'],
    without: missing('--timestamp'),
    flags: ['--timezone'],
    because: 'the time is now, which is the same in every zone',
  },
  {
    commands: ['batch'],
    with: nothingButJson,
    flags: ['--delimiter'],
    because: 'JSON Lines have no cells that it could separate',
  },
  {
    commands: ['history'],
    with: given('--runs'),
    flags: ['--by', '--customer', '--licence', '--product-code', '--dimension', '--status'],
    because: 'they select or add up records, and runs are listed',
  },
  {
    commands: ['gaps'],
    without: missing('--subscribers'),
    flags: ['--delimiter', '--allow-round-accounts', '--allow-null-text'],
    because: 'it is about the file of subscribers',
  },
  {
    commands: ['gaps'],
    with: given('--subscribers'),
    flags: ['--lookback'],
    because: 'the file says who is to be billed, and the ledger is not asked',
  },
  {
    commands: ['gaps'],
    without: missing('--zero-fill'),
    flags: ['--force'],
    because: 'it is about the file that is written',
  },
  {
    commands: ['gaps'],
    with: givenAs('--zero-fill', '-'),
    flags: ['--force'],
    because: 'standard output is no file to write over',
  },
  {
    commands: ['gaps'],
    with: givenAs('--zero-fill', '-'),
    flags: FOR_SCRIPTS,
    because: 'the rows of zeros and the result would share standard output',
    next: 'name a file with --zero-fill',
  },
  {
    commands: ['report'],
    with: givenAs('--html', '-'),
    flags: ['--force'],
    because: 'standard output is no file to write over',
  },
  {
    commands: ['report'],
    with: givenAs('--html', '-'),
    flags: FOR_SCRIPTS,
    because: 'the page is the only thing on standard output',
    next: 'name a file with --html',
  },
  {
    commands: ['reconcile'],
    without: missing('--settle'),
    flags: ['--wait'],
    because: 'nothing is written, so that no run has to be waited for',
  },
  {
    commands: ['reconcile'],
    with: given('--cloudtrail'),
    flags: ['--profile', '--dual-stack', '--fips', '--ca-bundle', '--give-up-after'],
    because: 'the events are read from files, and nothing is called',
  },
  {
    commands: ['ledger prune'],
    with: given('--dry-run'),
    flags: ['--wait'],
    because: 'a dry run only reads, also while another run goes on',
  },
];
