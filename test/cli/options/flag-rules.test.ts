import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import { FLAG_RULES } from '../../../src/cli/options/flag-rules.ts';
import { UsageError } from '../../../src/errors.ts';
import { program, typed } from '../setup.ts';

/** What the line is refused with. */
const refused = async (line: string | readonly string[]): Promise<UsageError> => {
  const error = await typed(line).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UsageError, `${line}: ${error ?? 'is taken'}`);
  return error;
};

const METER = 'meter --product-code p --dimension d --quantity 1';
const REGISTER = 'register --product-code p --public-key-version 1';
const PRUNE = 'ledger prune --before -90d';

/** Lines with a flag that has no effect, and the message. */
const IDLE: readonly (readonly [line: string, description: string])[] = [
  ...[
    '--timestamp -1h',
    '--timezone UTC',
    '--timestamp-format excel',
    '--product-code p',
    '--map quantity=Units',
    '--delimiter ;',
    '--input-format csv',
    '--timestamp-format excel',
    '--merge sum',
    '--round up',
    '--late carry',
    '--skip-invalid',
    '--skip-open',
    '--allow-empty',
    '--allow-round-accounts',
    '--allow-null-text',
    '--check-dimensions',
    '--results r.csv',
    '--rejects r.csv',
    '--local',
    '--no-ledger',
  ].map(flag => [`batch ${flag}`, `${flag.split(' ')[0]} needs a file: `] as const),
  ['batch --timestamp now --new-usage', '--timestamp, --new-usage need a file: '],
  ...['batch a.csv', METER, 'resolve t', REGISTER].flatMap(line =>
    [
      '--endpoint-url http://127.0.0.1:1',
      '--profile x',
      '--dual-stack',
      '--fips',
      '--ca-bundle f',
      '--show-request',
    ].map(
      flag =>
        [`${line} --local ${flag}`, `--local and ${flag.split(' ')[0]} cannot be used together: `] as const,
    ),
  ),
  ...['--heartbeat beat', '--ledger l.db', '--wait 1m', '--skip-open'].map(
    flag =>
      [`batch a.csv --local ${flag}`, `--local and ${flag.split(' ')[0]} cannot be used together: `] as const,
  ),
  ['batch a.csv --local --timestamp now --new-usage', '--local and --new-usage cannot be used together: '],
  [`${REGISTER} --local --public-key k.pem`, '--local and --public-key cannot be used together: '],
  ['batch a.csv --no-ledger --round carry', '--no-ledger and --round carry cannot be used together: '],
  ['batch a.csv --no-ledger --late carry', '--no-ledger and --late carry cannot be used together: '],
  ...['up', 'down', 'nearest'].map(
    how =>
      [
        `batch a.csv --round ${how} --late carry`,
        `--round ${how} and --late carry cannot be used together: `,
      ] as const,
  ),
  [
    'batch a.csv --timestamp now --timestamp-format excel',
    '--timestamp and --timestamp-format cannot be used together: ',
  ],
  ['batch a.csv --no-ledger --wait 1m', '--no-ledger and --wait cannot be used together: '],
  ['batch a.csv --no-ledger --skip-open', '--no-ledger and --skip-open cannot be used together: '],
  [
    'batch a.csv --no-ledger --timestamp now --new-usage',
    '--no-ledger and --new-usage cannot be used together: ',
  ],
  ...['--results r.csv', '--rejects r.csv', '--heartbeat b', '--show-request'].map(
    flag =>
      [
        `batch a.csv --dry-run ${flag}`,
        `--dry-run and ${flag.split(' ')[0]} cannot be used together: `,
      ] as const,
  ),
  [
    'batch a.csv --heartbeat b --dry-run --results r.csv',
    '--dry-run cannot be used with --results, --heartbeat: ',
  ],
  ...['--results r.csv', '--rejects r.csv', '--heartbeat b'].map(
    flag =>
      [
        `batch a.csv --show-request ${flag}`,
        `--show-request and ${flag.split(' ')[0]} cannot be used together: `,
      ] as const,
  ),
  ...['batch a.csv', METER, 'resolve t', REGISTER].flatMap(line =>
    ['json', 'jsonl'].map(
      format =>
        [
          `${line} --show-request -o ${format}`,
          `--show-request and --output ${format} cannot be used together: `,
        ] as const,
    ),
  ),
  [
    `${REGISTER} --show-request --public-key k.pem`,
    '--show-request and --public-key cannot be used together: ',
  ],
  ['batch a.csv --timestamp -2h --timezone UTC', '--timestamp -2h and --timezone cannot be used together: '],
  [
    'batch a.csv --timestamp 2026-11-29T07:00:00Z --timestamp-format excel',
    '--timestamp and --timestamp-format cannot be used together: ',
  ],
  [`${METER} --timestamp now --timezone UTC`, '--timestamp now and --timezone cannot be used together: '],
  [`${METER} --timezone UTC`, '--timezone needs --timestamp: '],
  ['batch a.jsonl b.ndjson --delimiter ;', 'a.jsonl and --delimiter cannot be used together: '],
  [
    'batch - --input-format jsonl --delimiter ;',
    '--input-format jsonl and --delimiter cannot be used together: ',
  ],
  ['batch a.json b.jsonl.gz c.json.gz --delimiter ;', 'a.json and --delimiter cannot be used together: '],
  [
    'batch - --input-format json --delimiter ;',
    '--input-format json and --delimiter cannot be used together: ',
  ],
  ['batch a.jsonl --results r.jsonl --delimiter ;', 'a.jsonl and --delimiter cannot be used together: '],
  ...[
    '--by day',
    '--customer c',
    '--license l',
    '--product-code p',
    '--dimension d',
    '--status unknown',
    '--value',
  ].map(
    flag => [`history --runs ${flag}`, `--runs and ${flag.split(' ')[0]} cannot be used together: `] as const,
  ),
  ...['--delimiter ;', '--allow-round-accounts', '--allow-null-text'].map(
    flag => [`gaps ${flag}`, `${flag.split(' ')[0]} needs --subscribers: `] as const,
  ),
  ...['--delimiter ;', '--allow-round-accounts', '--allow-null-text'].map(
    flag => [`subscribers ${flag}`, `${flag.split(' ')[0]} needs --subscribers: `] as const,
  ),
  ['gaps --subscribers s.csv --lookback 7d', '--subscribers and --lookback cannot be used together: '],
  ...['--dual-stack', '--fips', '--ca-bundle c.pem', '--give-up-after 1m'].flatMap(flag =>
    ['gaps', 'report --html p.html'].map(
      command => [`${command} ${flag}`, `${flag.split(' ')[0]} needs --agreements: `] as const,
    ),
  ),
  ...['--dual-stack', '--fips', '--ca-bundle c.pem', '--give-up-after 1m'].map(
    flag => [`history ${flag}`, `${flag.split(' ')[0]} needs --value: `] as const,
  ),
  ['gaps --force', '--force needs --zero-fill: '],
  ['gaps --within 5h', '--within needs --zero-fill: '],
  ['batch a.csv --problems-only', '--problems-only needs --output jsonl: '],
  ['batch a.csv -o json --problems-only', '--problems-only needs --output jsonl: '],
  [
    'batch a.csv --no-ledger --known-problems ok',
    '--no-ledger and --known-problems ok cannot be used together: ',
  ],
  ['batch a.csv --local --known-problems ok', '--local and --known-problems ok cannot be used together: '],
  ['batch a.csv --local --heartbeat-end beat', '--local and --heartbeat-end cannot be used together: '],
  ['batch a.csv --dry-run --heartbeat-end beat', '--dry-run and --heartbeat-end cannot be used together: '],
  ['gaps --zero-fill - --force', '--zero-fill - and --force cannot be used together: '],
  ['gaps --zero-fill - -o json', '--zero-fill - and --output json cannot be used together: '],
  ['gaps --zero-fill - -o csv', '--zero-fill - and --output csv cannot be used together: '],
  ['gaps --zero-fill=- -ojsonl', '--zero-fill - and --output jsonl cannot be used together: '],
  ...['--since -1h', '--until now'].map(
    flag =>
      [
        `subscribers --ended-since 1h ${flag}`,
        `--ended-since and ${flag.split(' ')[0]} cannot be used together: `,
      ] as const,
  ),
  ...[
    '--ledger l.db',
    '--lookback 7d',
    '--region eu-west-1',
    '--endpoint-url http://127.0.0.1:1',
    '--profile x',
    '--dual-stack',
    '--fips',
    '--ca-bundle f',
  ].map(
    flag =>
      [`subscribers --local ${flag}`, `--local and ${flag.split(' ')[0]} cannot be used together: `] as const,
  ),
  ...['--lookback 7d', '--region eu-west-1'].map(
    flag =>
      [
        `subscribers --no-ledger ${flag}`,
        `--no-ledger and ${flag.split(' ')[0]} cannot be used together: `,
      ] as const,
  ),
  ['report --html - --force', '--html - and --force cannot be used together: '],
  ['report --html - -o json', '--html - and --output json cannot be used together: '],
  ['reconcile --usage u --ledger l', '--usage and --ledger cannot be used together: '],
  ['reconcile --usage u --settle', '--usage and --settle cannot be used together: '],
  ['reconcile --usage u --wait 1m', '--usage and --wait cannot be used together: '],
  ['reconcile --wait 1m', '--wait needs --settle: '],
  ...['--dual-stack', '--fips', '--ca-bundle f', '--give-up-after 1m'].flatMap(flag =>
    ['reconcile', 'ledger import'].map(
      command =>
        [
          `${command} --cloudtrail f ${flag}`,
          `--cloudtrail and ${flag.split(' ')[0]} cannot be used together: `,
        ] as const,
    ),
  ),
  ...['--profile x', '--dual-stack', '--fips', '--ca-bundle f', '--give-up-after 1m'].flatMap(flag =>
    ['ledger info', 'ledger verify', 'ledger backup b.db', PRUNE].map(
      command =>
        [
          `${command} --ledger l.db ${flag}`,
          `l.db and ${flag.split(' ')[0]} cannot be used together: `,
        ] as const,
    ),
  ),
  ...['--dual-stack', '--fips', '--ca-bundle f', '--give-up-after 1m'].map(
    flag =>
      [
        `ledger create --print policy ${flag}`,
        `--print and ${flag.split(' ')[0]} cannot be used together: `,
      ] as const,
  ),
  ['ledger import --dry-run --wait 1m', '--dry-run and --wait cannot be used together: '],
  [`${PRUNE} --dry-run --wait 1m`, '--dry-run and --wait cannot be used together: '],
];

describe('a flag that has no effect is refused', () => {
  for (const [line, description] of IDLE)
    test(line, async () => {
      const { message, next } = await refused(line);
      assert.ok(message.startsWith(description), message);
      assert.ok(next !== undefined);
    });
});

/** Lines that scripts use. */
const KEPT: readonly string[] = [
  'batch a.csv --dry-run --rate 5 --wait 1m --skip-open --ledger l.db -q -o json',
  'batch a.csv --dry-run --no-rejects --color never --debug',
  'batch a.csv --local --no-ledger --results r.csv --rejects b.csv --region eu-west-1',
  'batch a.csv --no-ledger --results r.csv --heartbeat b',
  'batch a.csv --no-ledger --round up --late conflict',
  'batch a.csv --round carry --late carry',
  'batch a.csv --show-request -o table --give-up-after 5s --wait 1m -q',
  'batch --dry-run',
  'batch --show-request',
  'batch --heartbeat b --wait 1m --rate 5 --concurrency 2 -o json --no-rejects',
  'batch a.csv --timestamp 2026-11-22T10:00 --timezone Europe/Berlin',
  'batch a.jsonl b.csv --delimiter ;',
  'batch a.jsonl --results r.csv --delimiter ;',
  'batch a.csv --input-format csv --delimiter ;',
  'batch a.jsonl --input-format csv --delimiter ;',
  'batch a.csv --delimiter ; --results r.csv',
  'batch a.csv -q --quiet --debug --debug',
  'batch a.csv --region us-east-1 --region us-east-1',
  `${METER} --dry-run --show-request`,
  `${METER} --dry-run -o json --give-up-after 1s`,
  `${METER} --timestamp 1764064800 --timezone UTC`,
  `${REGISTER} --local --nonce x`,
  'resolve t --local --region eu-west-1 -o json',
  'history --runs --run 7 --since -7d -o csv',
  'gaps --subscribers s.csv --delimiter ; --allow-null-text --allow-round-accounts',
  'gaps --zero-fill z.csv --force -o json',
  'gaps --zero-fill z.csv --within 24h',
  'batch a.csv -o jsonl --problems-only',
  'batch a.csv --known-problems ok',
  'batch a.csv --local --known-problems report',
  'subscribers --local --no-ledger --ended-since 1h -o csv',
  'subscribers --no-ledger --endpoint-url http://127.0.0.1:1 --since -1d',
  'gaps --zero-fill - -o table',
  ...[
    'history',
    'gaps',
    'report --html r.html',
    'reconcile --cloudtrail a',
    'ledger import --cloudtrail a',
  ].map(command => `${command} --profile p`),
  'history --ledger dynamodb://ampmeter --profile p --give-up-after 1m',
  'gaps --ledger dynamodb://eu-central-1/ampmeter --fips --dual-stack',
  'report --html r.html --ledger dynamodb://ampmeter --ca-bundle ca.pem',
  'reconcile --cloudtrail a --ledger dynamodb://ampmeter --profile p',
  'ledger import --cloudtrail a --ledger dynamodb://ampmeter --profile p',
  'ledger info --ledger dynamodb://ampmeter --profile p --give-up-after 1m',
  'ledger verify --ledger dynamodb://ampmeter --ca-bundle ca.pem',
  'ledger backup b.db --ledger dynamodb://ampmeter --fips --dual-stack',
  `${PRUNE} --ledger dynamodb://ampmeter --profile p`,
  'ledger copy l.db dynamodb://ampmeter --profile p --give-up-after 1m',
  'ledger create --ledger dynamodb://ampmeter --profile p --ca-bundle ca.pem',
  'ledger create --ledger dynamodb://ampmeter --print policy --profile p',
  'report --html r.html --force -o json',
  'reconcile --settle --wait 1m --give-up-after 1m --profile x',
  'reconcile --cloudtrail a b --cloudtrail c --region us-east-1 --settle --wait 1m',
  `${PRUNE} --dry-run -o json`,
  'emulator --seed 7 --cloudtrail-delay 15m --fault throttle:0.1 --fault error503:1',
];

describe('a flag that has an effect is taken', () => {
  for (const line of KEPT) test(line, () => assert.doesNotReject(typed(line)));
});

const commandsIn = (command: Command, path: string): readonly (readonly [path: string, Command])[] => [
  [path, command],
  ...command.commands.flatMap(below => commandsIn(below, `${path} ${below.name()}`.trim())),
];
const ALL = commandsIn(program(), '');

test('every rule is about flags that its commands have, and is in the table above', () => {
  for (const { commands, flags, because } of FLAG_RULES) {
    for (const path of commands) {
      const command = ALL.find(([name]) => name === path)?.[1];
      for (const flag of flags) {
        const name = flag.split(' ')[0] ?? '';
        const known = command?.options.some(({ short, long }) => [short, long].includes(name));
        assert.ok(known, `${path} ${name}`);
        const typedAs = name.replace('--output', '-o');
        const isTested = IDLE.some(([line]) => line.startsWith(path) && line.includes(typedAs));
        assert.ok(isTested, `${path} ${flag}: ${because}`);
      }
    }
  }
});

describe('the value of a flag', () => {
  for (const [path, command] of ALL) {
    for (const option of command.options.filter(({ required }) => required)) {
      const name = `ampmeter ${path} ${option.long}`;
      test(`${name} is not empty`, async () => {
        const words = [...path.split(' '), String(option.long)];
        // A flag with two names is called by its first.
        const called = option.long === '--licence' ? '--license' : option.long;
        if (option.parseArg === undefined)
          assert.match((await refused([...words, ''])).message, new RegExp(`${called} is empty$`));
        else await assert.rejects(typed([...words, '']));
      });
    }
  }
});

test('no argument may be empty, but for what a completion looks at', async () => {
  for (const words of [
    ['batch', 'a.csv', ''],
    ['resolve', ''],
    ['ledger', 'backup', ''],
  ])
    assert.equal((await refused(words)).message, 'an argument is empty');
  await assert.doesNotReject(typed(['__complete', 'runs', '--', '']));
});

test('of a flag that is given twice, or beside its opposite, the last counts', async () => {
  await assert.doesNotReject(typed(['batch', 'a.csv', '--rate', '5', '--rate', '2']));
  await assert.doesNotReject(typed(['batch', 'a.csv', '--no-ledger', '--wait', '1m', '--ledger', 'x.db']));
  const { message } = await refused(['batch', 'a.csv', '--wait', '1m', '--ledger', 'x.db', '--no-ledger']);
  assert.match(message, /^--no-ledger and --wait cannot be used together/);
});
