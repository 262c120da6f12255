import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ServiceError } from '../../../src/errors.ts';
import { adviceFor } from '../../../src/render/text/advice.ts';
import { helpOf, program, typed } from '../../cli/setup.ts';

const PLAIN = {
  output: 'table',
  color: 'auto',
  debug: false,
  profile: undefined,
  region: undefined,
  endpointUrl: undefined,
  dualStack: false,
  fips: false,
  local: false,
  showRequest: false,
  caBundle: undefined,
  giveUpAfterMs: 120_000,
  since: undefined,
  until: 'now',
  cloudTrail: [],
  usage: [],
  settle: false,
  all: false,
  ledger: undefined,
  waitMs: 0,
};

const FLAGS: readonly (readonly [flags: string, different: Readonly<Record<string, unknown>>])[] = [
  ['-o csv', { output: 'csv' }],
  ['--output jsonl', { output: 'jsonl' }],
  ['--color never', { color: 'never' }],
  ['--debug', { debug: true }],
  ['--profile seller', { profile: 'seller' }],
  ['--region eu-west-1', { region: 'eu-west-1' }],
  ['--endpoint-url http://localhost:4100', { endpointUrl: 'http://localhost:4100' }],
  ['--dual-stack', { dualStack: true }],
  ['--fips', { fips: true }],
  ['--ca-bundle ca.pem', { caBundle: 'ca.pem' }],
  ['--give-up-after 90s', { giveUpAfterMs: 90_000 }],
  ['--since -7d --until 2026-11-01', { since: '-7d', until: '2026-11-01' }],
  ['--cloudtrail a.json b --settle', { cloudTrail: ['a.json', 'b'], settle: true }],
  ['--cloudtrail a --cloudtrail -', { cloudTrail: ['a', '-'] }],
  ['--usage a.csv b.csv', { usage: ['a.csv', 'b.csv'] }],
  ['--all', { all: true }],
  ['--ledger other.db', { ledger: 'other.db' }],
  ['--settle --wait 10m', { settle: true, waitMs: 600_000 }],
];

describe('reconcile', () => {
  test('with nothing but its name', async () => {
    assert.deepEqual(await typed('reconcile'), { command: 'reconcile', options: PLAIN });
  });

  for (const [flags, different] of FLAGS) {
    test(flags, async () => {
      assert.deepEqual((await typed(`reconcile ${flags}`)).options, { ...PLAIN, ...different });
    });
  }

  test('has no flag that is not in this table', () => {
    const known = new Set(FLAGS.flatMap(([flags]) => flags.split(' ')));
    const found = program().commands.find(one => one.name() === 'reconcile');
    const flags = found?.options.map(({ long }) => long).filter(long => !known.has(String(long)));
    assert.deepEqual(flags, []);
  });

  test('explains itself', async () => {
    const help = await helpOf('reconcile');
    for (const text of [
      'Examples:',
      'Exit codes:',
      'billed-twice',
      'unproven',
      '--cloudtrail',
      'LookupEvents',
    ])
      assert.ok(help.includes(text), text);
  });

  test('names the permission that it lacks', () => {
    const denied = (operation: string): string | undefined =>
      adviceFor(
        new ServiceError('No.', {
          kind: 'credentials',
          operation,
          code: 'AccessDeniedException',
          maybeDelivered: false,
        }),
      );
    assert.match(denied('LookupEvents') ?? '', /cloudtrail:LookupEvents/);
    assert.doesNotMatch(denied('BatchMeterUsage') ?? '', /cloudtrail/);
  });
});
