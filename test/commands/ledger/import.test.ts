import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { program, typed } from '../../cli/setup.ts';

const PLAIN = {
  output: 'table',
  color: 'auto',
  debug: false,
  ledger: undefined,
};

const IMPORT = {
  action: 'import',
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
  dryRun: false,
  waitMs: 0,
};

const FLAGS: readonly (readonly [flags: string, shared: object, own: object])[] = [
  ['-o json', { output: 'json' }, {}],
  ['--output jsonl', { output: 'jsonl' }, {}],
  ['--color never', { color: 'never' }, {}],
  ['--debug', { debug: true }, {}],
  ['--profile seller', {}, { profile: 'seller' }],
  ['--region eu-west-1', {}, { region: 'eu-west-1' }],
  ['--endpoint-url http://localhost:4100', {}, { endpointUrl: 'http://localhost:4100' }],
  ['--dual-stack', {}, { dualStack: true }],
  ['--fips', {}, { fips: true }],
  ['--ca-bundle ca.pem', {}, { caBundle: 'ca.pem' }],
  ['--give-up-after 90s', {}, { giveUpAfterMs: 90_000 }],
  ['--since -7d --until 2026-11-01', {}, { since: '-7d', until: '2026-11-01' }],
  ['--cloudtrail a.json b', {}, { cloudTrail: ['a.json', 'b'] }],
  ['--dry-run', {}, { dryRun: true }],
  ['--ledger other.db', { ledger: 'other.db' }, {}],
  ['--wait 10m', {}, { waitMs: 600_000 }],
];

describe('ledger import', () => {
  test('with nothing but its name', async () => {
    assert.deepEqual((await typed('ledger import')).options, { ...PLAIN, what: IMPORT });
  });

  for (const [flags, shared, own] of FLAGS) {
    test(flags, async () => {
      assert.deepEqual((await typed(`ledger import ${flags}`)).options, {
        ...PLAIN,
        ...shared,
        what: { ...IMPORT, ...own },
      });
    });
  }

  test('has no flag that is not in this table', () => {
    const known = new Set(FLAGS.flatMap(([flags]) => flags.split(' ')));
    const ledger = program().commands.find(one => one.name() === 'ledger');
    const found = ledger?.commands.find(one => one.name() === 'import');
    assert.deepEqual(
      found?.options.map(({ long }) => long).filter(long => !known.has(String(long))),
      [],
    );
  });

  for (const line of ['--cloudtrail x --dual-stack', '--cloudtrail x --fips', '--dry-run --wait 10m']) {
    test(`${line} has a flag without an effect`, async () => {
      await assert.rejects(typed(`ledger import ${line}`), /cannot be used together/);
    });
  }
});
