import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { COMPLETION_FILES, generated } from '../../../scripts/generated.ts';
import { SHELLS } from '../../../src/commands/completion/options.ts';
import { makeProgram } from '../../helpers/shell-program.ts';
import { newFolder } from '../../helpers/tool.ts';
import { ledgerWith } from './ledger.ts';
import { ask, missing } from './shells.ts';

const COMPLETIONS = await generated();

const LICENSE = 'arn:aws:license-manager::123456789012:license:l-';
const LICENSES = [`${LICENSE}aaa`, `${LICENSE}abb`] as const;

/** A folder somebody stands in, with the tool on the path, two ledgers and an AWS config. */
const shellFolder = (shell: (typeof SHELLS)[number]) => {
  const cwd = newFolder();
  const home = newFolder();
  const bin = newFolder();
  for (const file of ['usage.csv', 'use case.csv']) writeFileSync(join(cwd, file), '');
  mkdirSync(join(cwd, 'used'));
  mkdirSync(join(home, '.aws'));
  writeFileSync(
    join(home, '.aws/config'),
    '[default]\nregion = us-east-1\n[profile seller]\n[profile "test two"]\n[sso-session corp]\n[profile $(touch pwned)]\n[profile corp:seller]\n',
  );
  writeFileSync(join(home, '.aws/credentials'), '[seller]\naws_access_key_id = AKIDEXAMPLE\n[old]\n');
  ledgerWith(join(home, 'ledger.db'), [
    { product: 'prodalpha', dimension: 'users' },
    { product: 'prodbeta', dimension: 'gb' },
    { product: '$(touch pwned)', dimension: '`touch pwned`' },
    { product: 'red\u001b[31m', dimension: '-o' },
    { product: 'team:prod', dimension: 'ns::gb' },
    { product: 'team:test', dimension: 'me@corp.example' },
    { product: LICENSES[0], dimension: 'users', mode: 'licence' },
    { product: LICENSES[1], dimension: 'users', mode: 'licence' },
  ]);
  ledgerWith(join(cwd, 'other.db'), [{ product: 'prodother', dimension: 'users' }]);
  const file = COMPLETION_FILES[shell];
  const completion = join(bin, file);
  mkdirSync(dirname(completion), { recursive: true });
  writeFileSync(completion, COMPLETIONS[file] ?? '');
  const env = {
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    AMPMETER_LEDGER: join(home, 'ledger.db'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
  };
  return { cwd, env, bin, completion };
};

type Case = {
  readonly line: string;
  /** All that is offered, in this order when it has one. */
  readonly only?: readonly string[];
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
};

const CASES: readonly Case[] = [
  {
    line: 'ampmeter ',
    has: ['batch', 'meter', 'resolve', 'register', 'ledger', 'emulator', 'completion', 'help'],
    lacks: ['__complete', 'usage.csv', 'info'],
  },
  { line: 'ampmeter ba', only: ['batch'] },
  { line: 'ampmeter --v', only: ['--version'] },
  {
    line: 'ampmeter ledger ',
    has: ['info', 'verify', 'backup', 'prune', 'copy', 'create'],
    lacks: ['batch', 'usage.csv'],
  },
  { line: 'ampmeter ledger prune --be', only: ['--before'] },
  { line: 'ampmeter batch --skip-i', only: ['--skip-invalid'] },
  { line: 'ampmeter batch usage.csv --no-', only: ['--no-ledger', '--no-rejects'] },
  { line: 'ampmeter batch -o ', only: ['table', 'json', 'jsonl'] },
  { line: 'ampmeter batch --output j', only: ['json', 'jsonl'] },
  { line: 'ampmeter batch --output=t', only: ['table'] },
  { line: 'ampmeter batch --merge ', only: ['none', 'sum'] },
  { line: 'ampmeter batch --region eu-central-', only: ['eu-central-1', 'eu-central-2'] },
  { line: 'ampmeter batch --timezone Europe/Ber', only: ['Europe/Berlin'] },
  { line: 'ampmeter batch --rate ', only: [] },
  { line: 'ampmeter batch --rate 10 --merge s', only: ['sum'] },
  { line: 'ampmeter batch us', only: ['usage.csv', 'use case.csv', 'used/'] },
  { line: 'ampmeter batch usage.csv us', has: ['usage.csv'] },
  { line: 'ampmeter batch --results us', only: ['usage.csv', 'use case.csv', 'used/'] },
  { line: 'ampmeter batch --ledger batch us', has: ['usage.csv'] },
  { line: 'ampmeter batch -- --sk', only: [] },
  { line: 'ampmeter emulator --cloudtrail us', only: ['used/'] },
  { line: 'ampmeter emulator us', only: [] },
  { line: 'ampmeter completion ', only: ['bash', 'zsh', 'fish'] },
  { line: 'ampmeter batch --profile s', only: ['seller'] },
  { line: 'ampmeter batch --profile ', has: ['default', 'seller', 'test two', 'old'], lacks: ['corp'] },
  { line: 'ampmeter batch --product-code ', has: ['prodalpha', 'prodbeta'], lacks: ['prodother'] },
  { line: 'ampmeter batch --product-code proda', only: ['prodalpha'] },
  { line: 'ampmeter batch --product-code=proda', only: ['prodalpha'] },
  { line: 'ampmeter batch --ledger other.db --product-code prod', only: ['prodother'] },
  { line: 'ampmeter batch --ledger=other.db --product-code prod', only: ['prodother'] },
  { line: "ampmeter batch --ledger 'other.db' --product-code prod", only: ['prodother'] },
  { line: 'ampmeter batch --ledger missing.db --product-code prod', only: [] },
  { line: 'ampmeter batch --ledger usage.csv --product-code prod', only: [] },
  { line: 'ampmeter meter --dimension ', has: ['gb', 'users'], lacks: ['-o'] },
  { line: 'ampmeter history --license ', only: LICENSES },
  { line: 'ampmeter history --licence ', only: LICENSES },
  { line: 'ampmeter gaps --license arn:aws:lic', only: LICENSES },
  { line: `ampmeter report --license ${LICENSE}ab`, only: [LICENSES[1]] },
  { line: `ampmeter history --license=${LICENSE}a`, only: LICENSES },
  { line: `ampmeter history --license ${LICENSE}x`, only: [] },
  { line: `ampmeter history --license ${LICENSES[0]} --by `, has: ['hour', 'day'] },
  { line: 'ampmeter history --since 2026-11-22T10:00:00Z --status ref', only: ['refused'] },
  { line: 'ampmeter history --product-code team:', only: ['team:prod', 'team:test'] },
  { line: 'ampmeter history --dimension ns::', only: ['ns::gb'] },
  { line: 'ampmeter history --dimension me@c', only: ['me@corp.example'] },
  { line: 'ampmeter batch --profile corp:sel', only: ['corp:seller'] },
  { line: 'ampmeter history --status ', has: ['accepted', 'already-recorded', 'unknown'] },
  { line: 'ampmeter history --endpoint-url http://127', only: ['http://127.0.0.1:4100/'] },
  { line: 'ampmeter reconcile --cloudtrail us', only: ['usage.csv', 'use case.csv', 'used/'] },
  { line: 'ampmeter explain Thrott', only: ['ThrottlingException'] },
  { line: 'ampmeter explain not-s', has: ['not-subscribed'] },
  { line: 'ampmeter help win', only: ['windows'] },
  { line: 'ampmeter help ledger ', only: ['info', 'verify', 'backup', 'prune', 'copy', 'create', 'import'] },
  { line: 'ampmeter help ledger p', only: ['prune'] },
  { line: 'ampmeter help batch ', only: [] },
  { line: 'ampmeter help windows ', only: [] },
  { line: 'ampmeter history --status accepted,ref', only: ['accepted,refused'] },
  { line: 'ampmeter history --status=accepted,refused,exp', only: ['accepted,refused,expired'] },
  { line: 'ampmeter emulator --fault reset-b', only: ['reset-before:0.1'] },
  { line: 'ampmeter emulator --fault clock-skew:', only: ['clock-skew:0.1'] },
  {
    line: 'ampmeter emulator --behaviour identical-resend=',
    only: ['identical-resend=success', 'identical-resend=duplicate'],
  },
  { line: 'ampmeter emulator --behaviour identical-resend=d', only: ['identical-resend=duplicate'] },
];

/** As each shell writes it: with the flag before it, a slash or a space after it, or quoted. */
const plain = (candidate: string): string =>
  candidate
    .replace(/^--[\w-]+=(?=.)/, '')
    .replaceAll(/\\(.)/g, '$1')
    .replace(/[ =]$/, '')
    .replace(/^(used)$/, '$1/');

for (const shell of SHELLS) {
  const skip = await missing(shell);
  describe(`in ${shell}`, { skip }, () => {
    const { cwd, env, bin, completion } = shellFolder(shell);
    let offers: ReadonlyMap<string, readonly string[]>;
    before(async () => {
      using _program = makeProgram(bin);
      const lines = CASES.map(({ line }) => line);
      offers = await ask(shell, lines, { completion, cwd, env });
    });

    for (const { line, only, has = [], lacks = [] } of CASES) {
      test(`${line}|`, () => {
        // zsh may have one under two headings.
        const found = [...new Set((offers.get(line) ?? []).map(plain))];
        if (only !== undefined) assert.deepEqual(found.toSorted(), only.toSorted());
        for (const candidate of has) assert.ok(found.includes(candidate), `${candidate}: ${found}`);
        for (const candidate of lacks) assert.ok(!found.includes(candidate), `${candidate}: ${found}`);
        for (const candidate of offers.get(line) ?? [])
          assert.doesNotMatch(candidate, /[\u0000-\u001f\u007f]/);
      });
    }
    test('nothing that stands in a file is run', () => {
      assert.equal(existsSync(join(cwd, 'pwned')), false, String(readdirSync(cwd)));
    });
  });
}
