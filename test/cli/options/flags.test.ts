import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommanderError } from 'commander';
import { examplesIn } from '../../commands/help/examples.ts';
import { helpOf, program, typed } from '../setup.ts';

const OUTPUT = { output: 'table', color: 'auto', debug: false };
const SERVICE = {
  ...OUTPUT,
  profile: undefined,
  region: undefined,
  endpointUrl: undefined,
  dualStack: false,
  fips: false,
  caBundle: undefined,
  local: false,
  showRequest: false,
};

const SELECTION = {
  since: undefined,
  until: undefined,
  customer: undefined,
  license: undefined,
  productCode: undefined,
  dimension: undefined,
  ledger: undefined,
  region: undefined,
  endpointUrl: undefined,
};

/** How to reach the APIs about agreements. */
const ACCESS = {
  profile: undefined,
  dualStack: false,
  fips: false,
  caBundle: undefined,
  giveUpAfterMs: 60_000,
};

/** What each command does when only what it cannot do without is typed. */
const PLAIN = {
  batch: {
    line: 'batch a.csv',
    options: {
      ...SERVICE,
      giveUpAfterMs: 30 * 60_000,
      files: ['a.csv'],
      productCode: undefined,
      timestamp: undefined,
      timezone: undefined,
      timestampFormat: 'auto',
      map: new Map(),
      delimiter: undefined,
      inputFormat: undefined,
      merge: 'none',
      round: undefined,
      late: 'conflict',
      newUsage: false,
      skipInvalid: false,
      skipOpen: false,
      allowEmpty: false,
      allowRoundAccounts: false,
      allowNullText: false,
      checkDimensions: undefined,
      dryRun: false,
      rate: undefined,
      concurrency: 8,
      ledger: undefined,
      waitMs: 0,
      results: undefined,
      rejects: undefined,
      quiet: false,
      knownProblems: 'report',
      problemsOnly: false,
      heartbeat: undefined,
      heartbeatEnd: undefined,
    },
  },
  meter: {
    line: 'meter --product-code p --dimension d --quantity 3',
    options: {
      ...SERVICE,
      giveUpAfterMs: 30_000,
      productCode: 'p',
      dimension: 'd',
      quantity: '3',
      round: undefined,
      timestamp: 'now',
      timezone: undefined,
      allocation: [],
      allocations: undefined,
      clientToken: undefined,
      allowNullText: false,
      dryRun: false,
    },
  },
  resolve: {
    line: 'resolve token',
    options: { ...SERVICE, giveUpAfterMs: 30_000, token: 'token', tokenFile: undefined },
  },
  register: {
    line: 'register --product-code p --public-key-version 1',
    options: {
      ...SERVICE,
      giveUpAfterMs: 30_000,
      productCode: 'p',
      publicKeyVersion: 1,
      nonce: undefined,
      publicKey: undefined,
    },
  },
  history: {
    line: 'history',
    options: {
      ...OUTPUT,
      ...SELECTION,
      ...ACCESS,
      value: false,
      statuses: undefined,
      run: undefined,
      by: undefined,
      runs: false,
    },
  },
  gaps: {
    line: 'gaps',
    options: {
      ...OUTPUT,
      ...SELECTION,
      ...ACCESS,
      agreements: false,
      subscribers: undefined,
      delimiter: undefined,
      allowRoundAccounts: false,
      allowNullText: false,
      withinMs: 3 * 3_600_000,
      lookbackMs: 7 * 24 * 3_600_000,
      zeroFill: undefined,
      force: false,
    },
  },
  subscribers: {
    line: 'subscribers',
    options: {
      ...OUTPUT,
      ...SERVICE,
      giveUpAfterMs: 60_000,
      product: undefined,
      since: undefined,
      until: undefined,
      endedSinceMs: undefined,
      ledger: undefined,
      lookbackMs: 7 * 24 * 3_600_000,
      subscribers: undefined,
      delimiter: undefined,
      allowRoundAccounts: false,
      allowNullText: false,
    },
  },
  report: {
    line: 'report --html page.html',
    options: {
      ...OUTPUT,
      ...SELECTION,
      ...ACCESS,
      agreements: false,
      html: 'page.html',
      reconciliation: undefined,
      force: false,
    },
  },
  doctor: {
    line: 'doctor',
    options: { ...OUTPUT, ...SERVICE, giveUpAfterMs: 5000, command: 'batch', ledger: undefined },
  },
  explain: {
    line: 'explain',
    options: { ...OUTPUT, name: undefined },
  },
  emulator: {
    line: 'emulator',
    options: {
      ...OUTPUT,
      host: '127.0.0.1',
      port: 4100,
      window: 'on',
      signatures: 'verify',
      catalog: undefined,
      faults: [],
      behaviours: [],
      seed: 0,
      rate: undefined,
      clock: undefined,
      log: undefined,
      state: undefined,
      cloudTrail: undefined,
      cloudTrailDelay: 0,
    },
  },
} as const;

type Case = readonly [flags: string, different: Readonly<Record<string, unknown>>];

const OUTPUT_FLAGS: readonly Case[] = [
  ['-o json', { output: 'json' }],
  ['-ojsonl', { output: 'jsonl' }],
  ['--output=table', { output: 'table' }],
  ['--color always', { color: 'always' }],
  ['--color never', { color: 'never' }],
  ['--debug', { debug: true }],
];

const SERVICE_FLAGS: readonly Case[] = [
  ...OUTPUT_FLAGS,
  ['--profile seller', { profile: 'seller' }],
  ['--region eu-west-1', { region: 'eu-west-1' }],
  ['--endpoint-url http://localhost:4100', { endpointUrl: 'http://localhost:4100' }],
  ['--dual-stack', { dualStack: true }],
  ['--fips', { fips: true }],
  ['--ca-bundle corp.pem', { caBundle: 'corp.pem' }],
  ['--local', { local: true }],
  ['--give-up-after 90s', { giveUpAfterMs: 90_000 }],
  ['--give-up-after 500ms', { giveUpAfterMs: 500 }],
  ['--give-up-after 2m', { giveUpAfterMs: 120_000 }],
  ['--give-up-after 1h', { giveUpAfterMs: 3_600_000 }],
  ['--show-request', { showRequest: true }],
];

const AGREEMENT_FLAGS: readonly Case[] = [
  ['--agreements --profile seller', { agreements: true, profile: 'seller' }],
  ['--agreements --dual-stack', { agreements: true, dualStack: true }],
  ['--agreements --fips', { agreements: true, fips: true }],
  ['--agreements --ca-bundle corp.pem', { agreements: true, caBundle: 'corp.pem' }],
  ['--agreements --give-up-after 2s', { agreements: true, giveUpAfterMs: 2000 }],
];

const SELECTION_FLAGS: readonly Case[] = [
  ['--since -7d', { since: '-7d' }],
  ['--until 2026-11-22', { until: '2026-11-22' }],
  ['--customer 111122223333', { customer: '111122223333' }],
  ['--licence arn:x', { license: 'arn:x' }],
  ['--license arn:x', { license: 'arn:x' }],
  ['--product-code p', { productCode: 'p' }],
  ['--dimension d', { dimension: 'd' }],
  ['--ledger other.db', { ledger: 'other.db' }],
  ['--region eu-west-1', { region: 'eu-west-1' }],
  ['--endpoint-url http://localhost:4100', { endpointUrl: 'http://localhost:4100' }],
];

const OWN: Readonly<Record<keyof typeof PLAIN, readonly Case[]>> = {
  batch: [
    ...SERVICE_FLAGS,
    ['b.csv -', { files: ['a.csv', 'b.csv', '-'] }],
    ['--product-code p1', { productCode: 'p1' }],
    ['--timestamp -2h', { timestamp: '-2h' }],
    ['--new-usage', { newUsage: true }],
    ['--timezone Europe/Berlin', { timezone: 'Europe/Berlin' }],
    ['--timestamp-format excel', { timestampFormat: 'excel' }],
    ['--map quantity=Units', { map: new Map([['quantity', 'Units']]) }],
    [
      '--map quantity=a=b --map timestamp=When',
      {
        map: new Map([
          ['quantity', 'a=b'],
          ['timestamp', 'When'],
        ]),
      },
    ],
    ['--delimiter ;', { delimiter: ';' }],
    ['--delimiter tab', { delimiter: '\t' }],
    ['--input-format jsonl', { inputFormat: 'jsonl' }],
    ['--input-format json', { inputFormat: 'json' }],
    ['--timezone UTC --timestamp-format excel', { timezone: 'UTC', timestampFormat: 'excel' }],
    ['--merge sum', { merge: 'sum' }],
    ['--round carry', { round: 'carry' }],
    ['--round nearest', { round: 'nearest' }],
    ['--late carry', { late: 'carry' }],
    ['--skip-invalid', { skipInvalid: true }],
    ['--skip-open', { skipOpen: true }],
    ['--allow-empty', { allowEmpty: true }],
    ['--allow-round-accounts', { allowRoundAccounts: true }],
    ['--allow-null-text', { allowNullText: true }],
    ['--check-dimensions', { checkDimensions: 'warn' }],
    ['--check-dimensions error', { checkDimensions: 'error' }],
    ['--check-dimensions=off', { checkDimensions: 'off' }],
    ['--dry-run', { dryRun: true }],
    ['--rate 2.5', { rate: 2.5 }],
    ['--rate none', { rate: 'none' }],
    ['--concurrency 64', { concurrency: 64 }],
    ['--ledger other.db', { ledger: 'other.db' }],
    ['--no-ledger', { ledger: false }],
    ['--wait 10m', { waitMs: 600_000 }],
    ['--wait 1d', { waitMs: 86_400_000 }],
    ['--results out.csv', { results: 'out.csv' }],
    ['--rejects bad.csv', { rejects: 'bad.csv' }],
    ['--no-rejects', { rejects: false }],
    ['--heartbeat last-success.json', { heartbeat: 'last-success.json' }],
    ['--heartbeat-end last-end.json', { heartbeatEnd: 'last-end.json' }],
    ['--known-problems ok', { knownProblems: 'ok' }],
    ['-o jsonl --problems-only', { output: 'jsonl', problemsOnly: true }],
    ['-q', { quiet: true }],
    ['--quiet', { quiet: true }],
  ],
  meter: [
    ...SERVICE_FLAGS,
    ['--round up', { round: 'up' }],
    ['--round nearest', { round: 'nearest' }],
    ['--timestamp -1h', { timestamp: '-1h' }],
    ['--timestamp 2026-11-22T10:00 --timezone UTC', { timestamp: '2026-11-22T10:00', timezone: 'UTC' }],
    ['--allocation A=1:2 --allocation :1', { allocation: ['A=1:2', ':1'] }],
    ['--allocations -', { allocations: '-' }],
    ['--client-token abc', { clientToken: 'abc' }],
    ['--allow-null-text', { allowNullText: true }],
    ['--dry-run', { dryRun: true }],
  ],
  resolve: [...SERVICE_FLAGS, ['--token-file form.txt', { tokenFile: 'form.txt' }]],
  register: [
    ...SERVICE_FLAGS,
    ['--nonce abc', { nonce: 'abc' }],
    ['--public-key key.pem', { publicKey: 'key.pem' }],
  ],
  history: [
    ...OUTPUT_FLAGS,
    ...SELECTION_FLAGS,
    ['-o csv', { output: 'csv' }],
    ['--by customer', { by: 'customer' }],
    ['--runs', { runs: true }],
    ['--run 7', { run: 7 }],
    ['--value', { value: true }],
    ['--value --profile seller', { value: true, profile: 'seller' }],
    ['--value --dual-stack', { value: true, dualStack: true }],
    ['--value --fips', { value: true, fips: true }],
    ['--value --ca-bundle corp.pem', { value: true, caBundle: 'corp.pem' }],
    ['--value --give-up-after 2s', { value: true, giveUpAfterMs: 2000 }],
    ['--status refused', { statuses: ['refused'] }],
    ['--status refused,unknown --status refused', { statuses: ['refused', 'unknown'] }],
  ],
  gaps: [
    ...OUTPUT_FLAGS,
    ['-o csv', { output: 'csv' }],
    ...SELECTION_FLAGS,
    ['--agreements', { agreements: true }],
    ...AGREEMENT_FLAGS,
    ['--subscribers who.csv', { subscribers: 'who.csv' }],
    ['--subscribers who.csv --delimiter ;', { subscribers: 'who.csv', delimiter: ';' }],
    ['--subscribers - --allow-round-accounts', { subscribers: '-', allowRoundAccounts: true }],
    ['--subscribers - --allow-null-text', { subscribers: '-', allowNullText: true }],
    ['--lookback 36h', { lookbackMs: 36 * 3_600_000 }],
    ['--lookback 90m', { lookbackMs: 90 * 60_000 }],
    ['--lookback 0h', { lookbackMs: 0 }],
    ['--lookback 30d', { lookbackMs: 30 * 24 * 3_600_000 }],
    ['--zero-fill zeros.csv', { zeroFill: 'zeros.csv' }],
    ['--zero-fill zeros.csv --force', { zeroFill: 'zeros.csv', force: true }],
    ['--zero-fill zeros.csv --within 24h', { zeroFill: 'zeros.csv', withinMs: 24 * 3_600_000 }],
  ],
  subscribers: [
    ...SERVICE_FLAGS.filter(([flags]) => flags !== '--show-request'),
    ['-o csv', { output: 'csv' }],
    ['--product abc', { product: 'abc' }],
    ['--since -7d', { since: '-7d' }],
    ['--until now', { until: 'now' }],
    ['--ended-since 90m', { endedSinceMs: 90 * 60_000 }],
    ['--ledger other.db', { ledger: 'other.db' }],
    ['--no-ledger', { ledger: false }],
    ['--lookback 36h', { lookbackMs: 36 * 3_600_000 }],
    ['--subscribers who.csv', { subscribers: 'who.csv' }],
    ['--subscribers who.csv --delimiter ;', { subscribers: 'who.csv', delimiter: ';' }],
    ['--subscribers - --allow-round-accounts', { subscribers: '-', allowRoundAccounts: true }],
    ['--subscribers - --allow-null-text', { subscribers: '-', allowNullText: true }],
  ],
  report: [
    ...OUTPUT_FLAGS,
    ...SELECTION_FLAGS,
    ['--agreements', { agreements: true }],
    ...AGREEMENT_FLAGS,
    ['--reconciliation agreed.json', { reconciliation: 'agreed.json' }],
    ['--force', { force: true }],
  ],
  doctor: [
    ...SERVICE_FLAGS.filter(([flags]) => !['--local', '--show-request'].includes(flags)),
    ['meter', { command: 'meter' }],
    ['--ledger other.db', { ledger: 'other.db' }],
  ],
  explain: [...OUTPUT_FLAGS, ['5', { name: '5' }]],
  emulator: [
    ...OUTPUT_FLAGS,
    ['--host ::1', { host: '::1' }],
    ['--port 0', { port: 0 }],
    ['--window off', { window: 'off' }],
    ['--signatures skip', { signatures: 'skip' }],
    ['--catalog catalog.json', { catalog: 'catalog.json' }],
    ['--fault throttle:0.1 --fault error503:1@2', { faults: ['throttle:0.1', 'error503:1@2'] }],
    ['--seed 7', { seed: 7 }],
    ['--rate 10', { rate: 10 }],
    ['--clock 2026-12-01T05:59:59Z', { clock: new Date('2026-12-01T05:59:59Z') }],
    ['--log requests.jsonl', { log: 'requests.jsonl' }],
    [
      '--behaviour identical-resend=duplicate --behaviour batch-window=6h',
      { behaviours: ['identical-resend=duplicate', 'batch-window=6h'] },
    ],
    ['--state emulator.jsonl', { state: 'emulator.jsonl' }],
    ['--cloudtrail trail', { cloudTrail: 'trail' }],
    ['--cloudtrail-delay 15m', { cloudTrailDelay: 900_000 }],
  ],
};

for (const [command, { line, options }] of Object.entries(PLAIN)) {
  describe(command, () => {
    test('with nothing but what it needs', async () => {
      assert.deepEqual(await typed(line), { command, options });
    });
    for (const [flags, different] of OWN[command as keyof typeof PLAIN]) {
      test(flags, async () => {
        assert.deepEqual((await typed(`${line} ${flags}`)).options, { ...options, ...different });
      });
    }
    test('has no flag that is not in this table', () => {
      const known = new Set(
        `${line} ${OWN[command as keyof typeof PLAIN].map(([flags]) => flags).join(' ')}`.split(/[ =]/),
      );
      const found = program().commands.find(one => one.name() === command);
      const flags = found?.options.map(({ long }) => long).filter(long => !known.has(String(long)));
      assert.deepEqual(flags, []);
    });
  });
}

test('every command is in this table', () => {
  // reconcile has its own in test/commands, ledger has commands of its own, and the others have no flags.
  const others = ['reconcile', 'ledger', 'completion', '__complete', 'help'];
  assert.deepEqual(
    program()
      .commands.map(command => command.name())
      .sort(),
    [...Object.keys(PLAIN), ...others].sort(),
  );
});

test('a command line that names no file, or no token, is understood; what to do about it is said later', async () => {
  assert.deepEqual((await typed('batch')).options['files'], []);
  assert.equal((await typed('resolve')).options['token'], undefined);
});

test('after -- everything is a file', async () => {
  assert.deepEqual((await typed(['batch', '--', '--rate', '-x.csv'])).options['files'], ['--rate', '-x.csv']);
});

const WRONG: readonly (readonly [line: string, pattern: RegExp])[] = [
  ['history --by week', /Allowed choices are hour, day/],
  ['history --status billed', /Allowed choices are accepted/],
  ['history --status accepted,', /Allowed choices are accepted/],
  ['history --run 0', /from 1 to/],
  ['gaps -o xml', /Allowed choices are table, json, jsonl, csv/],
  ['gaps --lookback 7', /for example 36h or 7d/],
  ['batch a.csv --no-such-flag', /unknown option '--no-such-flag'/],
  ['batch a.csv --skip-invalit', /Did you mean --skip-invalid/],
  ['batch a.csv --rate 0', /requests a second/],
  ['batch a.csv --rate -1', /requests a second/],
  ['batch a.csv --rate 1e3', /requests a second/],
  ['batch a.csv --rate Infinity', /requests a second/],
  ['batch a.csv --concurrency 0', /from 1 to 64/],
  ['batch a.csv --concurrency 65', /from 1 to 64/],
  ['batch a.csv --concurrency 08', /from 1 to 64/],
  ['batch a.csv --concurrency 0x8', /from 1 to 64/],
  ['batch a.csv --wait 10', /a number and a unit/],
  ['batch a.csv --wait 0s', /a number and a unit/],
  ['batch a.csv --wait -10m', /a number and a unit/],
  ['batch a.csv --wait 1000000h', /a number and a unit/],
  ['batch a.csv --give-up-after 1.5h', /a number and a unit/],
  ['gaps --lookback -1h', /for example 36h or 7d/],
  ['gaps --lookback 10000d', /for example 36h or 7d/],
  ['emulator --cloudtrail-delay -1s', /for example 0s, 90s or 15m/],
  ['batch a.csv --delimiter ab', /one character/],
  ['batch a.csv --delimiter "', /one character/],
  ['batch a.csv --map units=Units', /the columns are/],
  ['batch a.csv --map quantity', /column=Header/],
  ['batch a.csv --map quantity=', /column=Header/],
  ['batch a.csv --map quantityX', /column=Header/],
  ['batch a.csv --map =Units', /column=Header/],
  ['batch a.csv --map quantity=A --map quantity=B', /mapped twice/],
  ['batch a.csv --merge add', /Allowed choices are none, sum/],
  ['batch a.csv --round half', /Allowed choices are up, down, nearest, carry/],
  ['batch a.csv --late sum', /Allowed choices are conflict, carry/],
  ['batch a.csv --input-format xml', /Allowed choices are csv, jsonl, json/],
  ['batch a.csv --timestamp-format iso', /Allowed choices are auto, excel/],
  ['batch a.csv -o xml', /Allowed choices are table, json, jsonl/],
  ['batch a.csv --color sometimes', /Allowed choices are/],
  ['batch a.csv --region', /argument missing/],
  ['meter --product-code p --dimension d', /--quantity <number>' not specified/],
  ['meter --dimension d --quantity 3', /--product-code <code>' not specified/],
  ['meter --product-code p --dimension d --quantity 1.7 --round half', /choices are up, down, nearest/],
  [
    'meter --product-code p --dimension d --quantity 1.7 --round carry',
    /from the records in a ledger, and meter has none\. Allowed choices are up, down, nearest/,
  ],
  ['register --product-code p', /--public-key-version <number>' not specified/],
  ['register --product-code p --public-key-version 0', /from 1 to/],
  ['resolve a b', /too many arguments/],
  ['emulator --port 65536', /from 0 to 65535/],
  ['emulator --fault nonsense:0.1', /nonsense/],
  ['emulator --fault throttle:2', /is not a number from 0 to 1/],
  ['emulator --rate 0', /above 0/],
  ['emulator --clock yesterday', /Use a time with a zone/],
  ['bach a.csv', /Did you mean batch/],
];

for (const [line, pattern] of WRONG) {
  test(`${line}: ${pattern.source}`, async () => {
    await assert.rejects(typed(line), error => {
      assert.ok(error instanceof CommanderError && error.exitCode !== 0);
      assert.match(error.message, pattern);
      return true;
    });
  });
}

/** What the contract says may come back from each command. */
const EXIT_CODES: Readonly<Record<string, readonly number[]>> = {
  batch: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130],
  meter: [0, 2, 3, 4, 5, 6, 7],
  resolve: [0, 2, 5, 6, 7],
  register: [0, 2, 3, 5, 6, 7],
  emulator: [1, 2, 130],
};

for (const [command, codes] of Object.entries(EXIT_CODES)) {
  test(`the help of ${command} has examples, and lists its exit codes in order`, async () => {
    const help = await helpOf(command);
    assert.match(help, /\nExamples:\n {2}ampmeter /);
    const [, list = ''] = help.split('Exit codes:\n');
    const listed = [...list.matchAll(/^ +(\d+) {2}\S/gm)].map(([, code]) => Number(code));
    assert.deepEqual(
      listed,
      listed.toSorted((a, b) => a - b),
    );
    for (const code of codes) assert.ok(listed.includes(code), `${code} is not listed`);
  });
}

test('every example in a help text can be typed', async () => {
  for (const command of Object.keys(PLAIN)) {
    const typedIn = examplesIn(await helpOf(command)).flatMap(line => line.split(/ \|\|? |; /));
    assert.notEqual(typedIn.length, 0);
    for (const example of typedIn) {
      const [, words] = /(?:^|\s)ampmeter (.*?)(?: > \S+)?$/.exec(example) ?? [];
      if (words === undefined) continue;
      await assert.doesNotReject(typed(words.replaceAll('"', '')), example);
    }
  }
});
