import {
  given,
  givenAs,
  type Line,
  ledgerFile,
  missing,
  onlyJsonLines,
  outputLines,
  relativeTime,
  unlessTable,
} from './flag-conditions.ts';

/**
 * Flags that would have no effect on a command line. A user who types such a flag expects its effect and would misread
 * the result, so it is an error before anything is done. A flag that asks for what happens anyway is allowed:
 * `--no-rejects` where nothing is written, `--no-ledger` with `--local`.
 */
export type Rule = {
  readonly commands: readonly string[];
  /** With a value where only that value has no effect. */
  readonly flags: readonly string[];
  readonly because: string;
  /** Instead of the usual advice. */
  readonly next?: string;
} & (
  | {
      /** What makes them ineffective, as it is typed; undefined where nothing does. */
      readonly with: (line: Line) => string | undefined;
    }
  | {
      /** What they need and the line lacks; undefined where it is there. */
      readonly without: (line: Line) => string | undefined;
    }
);

const CALLING = ['batch', 'meter', 'resolve', 'register'];
const CREDENTIALS = ['--profile', '--dual-stack', '--fips', '--ca-bundle', '--give-up-after'];
/** The endpoint of a profile also says which records of a ledger are meant. */
const ONLY_CREDENTIALS = CREDENTIALS.filter(flag => flag !== '--profile');
const FOR_SCRIPTS = ['--output json', '--output jsonl'];

export const FLAG_RULES: readonly Rule[] = [
  {
    commands: ['batch'],
    without: ({ words }) => (words.length === 0 ? 'a file' : undefined),
    flags: [
      '--timestamp',
      '--new-usage',
      '--timezone',
      '--timestamp-format',
      '--product-code',
      '--map',
      '--delimiter',
      '--input-format',
      '--merge',
      '--round',
      '--late',
      '--skip-invalid',
      '--skip-open',
      '--allow-empty',
      '--allow-round-accounts',
      '--allow-null-text',
      '--check-dimensions',
      '--results',
      '--rejects',
      '--local',
      '--no-ledger',
    ],
    because: 'without files, batch sends the records that earlier runs left open',
    next: 'ampmeter batch usage.csv; to see it work: ampmeter batch examples/usage.csv --timestamp -1h --local; all flags: ampmeter batch --help',
  },
  {
    commands: CALLING,
    with: given('--local'),
    flags: ['--endpoint-url', '--profile', '--dual-stack', '--fips', '--ca-bundle'],
    because: '--local calls a private emulator, which does not use it',
  },
  {
    commands: CALLING,
    with: given('--local'),
    flags: ['--show-request'],
    because: 'the private emulator ends with the command, so nothing could reply to the request',
    next: 'run ampmeter emulator, and use --endpoint-url with its URL instead of --local',
  },
  {
    commands: ['batch'],
    with: given('--local'),
    flags: ['--heartbeat', '--heartbeat-end'],
    because: 'with --local nothing is billed, so a heartbeat would be wrong',
  },
  {
    commands: ['batch'],
    with: given('--local'),
    flags: ['--ledger', '--wait', '--skip-open', '--new-usage', '--known-problems ok'],
    because: '--local uses a temporary ledger, which is empty at the start',
  },
  {
    commands: ['register'],
    with: given('--local'),
    flags: ['--public-key'],
    because: 'the private emulator has its own key',
    next: 'run ampmeter emulator, use --endpoint-url with its URL, and get its key from /_emulator/public-key',
  },
  {
    commands: ['batch'],
    with: given('--no-ledger'),
    flags: ['--wait', '--skip-open', '--new-usage', '--known-problems ok'],
    because: 'without a ledger there is no earlier run: nothing to wait for, left open or known',
  },
  { commands: ['batch'], without: outputLines, flags: ['--problems-only'], because: 'it is for that format' },
  {
    commands: ['batch'],
    with: given('--no-ledger'),
    flags: ['--round carry', '--late carry'],
    because: 'what is carried is computed from the records in the ledger, and without one it would be lost',
    next: 'omit --no-ledger, or use --round up, down or nearest',
  },
  {
    commands: ['batch'],
    with: line =>
      ['up', 'down', 'nearest'].map(how => givenAs('--round', how)(line)).find(text => text !== undefined),
    flags: ['--late carry'],
    because: 'a record that is rounded by itself carries nothing',
    next: 'use --round carry with --late carry',
  },
  {
    commands: ['batch'],
    with: given('--dry-run'),
    flags: ['--results', '--rejects', '--heartbeat', '--heartbeat-end'],
    because: 'a dry run bills nothing and writes no files',
  },
  {
    commands: ['batch'],
    with: given('--dry-run'),
    flags: ['--show-request'],
    because: 'one prints the plan, the other prints the requests, and neither sends anything',
  },
  {
    commands: CALLING,
    with: given('--show-request'),
    flags: FOR_SCRIPTS,
    because: 'the request is printed as a curl command, and there is no result to format',
  },
  {
    commands: ['batch'],
    with: given('--show-request'),
    flags: ['--results', '--rejects', '--heartbeat', '--heartbeat-end'],
    because: 'the requests are printed, not sent',
  },
  {
    commands: ['register'],
    with: given('--show-request'),
    flags: ['--public-key'],
    because: 'the request is printed, not sent, so there is no reply to verify',
  },
  {
    commands: ['batch', 'meter'],
    with: relativeTime,
    flags: ['--timezone'],
    because: 'a relative time is the same in every zone',
  },
  {
    commands: ['meter'],
    without: missing('--timestamp'),
    flags: ['--timezone'],
    because: 'the time is now, which is the same in every zone',
  },
  {
    commands: ['batch'],
    with: given('--timestamp'),
    flags: ['--timestamp-format'],
    because: 'it applies to the timestamp column, which --timestamp replaces',
  },
  {
    commands: ['batch'],
    with: onlyJsonLines,
    flags: ['--delimiter'],
    because: 'JSON Lines files have no cells to separate',
  },
  {
    commands: ['history'],
    with: given('--runs'),
    flags: ['--by', '--customer', '--license', '--product-code', '--dimension', '--status', '--value'],
    because: 'they select or add up records, and --runs lists runs',
  },
  {
    commands: ['history'],
    without: unlessTable(missing('--value')),
    flags: ONLY_CREDENTIALS,
    because: 'nothing else needs credentials',
  },
  {
    commands: ['gaps', 'subscribers'],
    without: missing('--subscribers'),
    flags: ['--delimiter', '--allow-round-accounts', '--allow-null-text'],
    because: 'it applies to the subscribers file',
  },
  {
    commands: ['gaps', 'report'],
    without: unlessTable(missing('--agreements')),
    flags: ONLY_CREDENTIALS,
    because: 'nothing else needs credentials',
  },
  {
    commands: ['gaps'],
    with: given('--subscribers'),
    flags: ['--lookback'],
    because: 'the file lists who is billed, and the ledger is not searched',
  },
  {
    commands: ['gaps'],
    without: missing('--zero-fill'),
    flags: ['--force', '--within'],
    because: 'it applies to the rows that are written',
  },
  {
    commands: ['gaps', 'report'],
    with: line => givenAs('--zero-fill', '-')(line) ?? givenAs('--html', '-')(line),
    flags: ['--force'],
    because: 'standard output is not a file that can be overwritten',
  },
  {
    commands: ['gaps'],
    with: givenAs('--zero-fill', '-'),
    flags: [...FOR_SCRIPTS, '--output csv'],
    because: 'the rows and the result would both go to standard output',
    next: 'use --zero-fill with a file',
  },
  {
    commands: ['subscribers'],
    with: given('--ended-since'),
    flags: ['--since', '--until'],
    because: 'it is itself a range that ends now',
  },
  {
    commands: ['subscribers'],
    with: given('--local'),
    flags: [
      '--ledger',
      '--lookback',
      '--region',
      '--endpoint-url',
      '--profile',
      '--dual-stack',
      '--fips',
      '--ca-bundle',
    ],
    because: 'the private emulator needs no connection, and no ledger is read',
  },
  {
    commands: ['subscribers'],
    with: given('--no-ledger'),
    flags: ['--lookback', '--region'],
    because: 'no ledger is read',
  },
  {
    commands: ['report'],
    with: givenAs('--html', '-'),
    flags: FOR_SCRIPTS,
    because: 'standard output can contain only the page',
    next: 'use --html with a file',
  },
  {
    commands: ['reconcile'],
    with: given('--usage'),
    flags: ['--ledger', '--settle', '--wait'],
    because: 'the usage files are compared, and the ledger is not read',
  },
  {
    commands: ['reconcile'],
    without: missing('--settle'),
    flags: ['--wait'],
    because: 'without it nothing is written, so there is no run to wait for',
  },
  {
    commands: ['reconcile', 'ledger import'],
    with: unlessTable(given('--cloudtrail')),
    flags: ONLY_CREDENTIALS,
    because: 'the events are read from files, and AWS is not called',
  },
  {
    commands: ['ledger info', 'ledger verify', 'ledger backup', 'ledger prune'],
    with: ledgerFile,
    flags: CREDENTIALS,
    because: 'only a table needs credentials',
  },
  {
    commands: ['ledger create'],
    with: given('--print'),
    flags: ['--dual-stack', '--fips', '--ca-bundle', '--give-up-after'],
    because: 'AWS is not called',
  },
  {
    commands: ['ledger prune', 'ledger import'],
    with: given('--dry-run'),
    flags: ['--wait'],
    because: 'a dry run only reads, which works while another run is in progress',
  },
];
