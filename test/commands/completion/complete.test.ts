import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sourceProgram, sourceTree } from '../../../scripts/generated.ts';
import { allOf } from '../../../src/commands/completion/command-spec.ts';
import { runComplete } from '../../../src/commands/completion/complete.ts';
import { valueInLine } from '../../../src/commands/completion/typed-word.ts';
import { DYNAMIC_VALUES, type DynamicValue } from '../../../src/commands/completion/values.ts';
import { parseFault } from '../../../src/emulator/faults/parse.ts';
import { FAULTS } from '../../../src/emulator/faults/table.ts';
import { nodeWorld } from '../../../src/node-world.ts';
import { STATUSES } from '../../../src/usage/outcome.ts';
import { newFolder } from '../../helpers/tool.ts';
import { ledgerWith } from './ledger.ts';

const signals = {
  stop: new AbortController().signal,
  abandon: new AbortController().signal,
  stopCode: () => undefined,
};

/** What the tool says when it is asked, on this machine. */
const said = async (
  what: DynamicValue,
  env: Record<string, string>,
  line: readonly string[] = [],
): Promise<string> => {
  let text = '';
  const world = nodeWorld(process, signals);
  const write = async (part: string): Promise<void> => {
    text += part;
  };
  const stdout = { ...world.stdout, write };
  assert.equal(
    await runComplete({ what, line, program: sourceProgram() }, { ...world, env, stdout, platform: 'linux' }),
    0,
  );
  return text;
};

test('runs come newest first, with when they were, how they ended and what they read', async () => {
  const ledger = join(newFolder(), 'ledger.db');
  ledgerWith(ledger, [
    { product: 'p', dimension: 'd' },
    { product: 'p', dimension: 'd' },
  ]);
  assert.equal(
    await said('runs', { AMPMETER_LEDGER: ledger }),
    '2\t2026-11-22T11:00:00.000Z, exit code 0, usage\\x1b[2J.csv\n' +
      '1\t2026-11-22T10:00:00.000Z, exit code 0, usage\\x1b[2J.csv\n',
  );
});

test('what is used most comes first, of all destinations, and nothing twice', async () => {
  const ledger = join(newFolder(), 'ledger.db');
  const rows = ['rare', 'often', 'often'].map(dimension => ({ product: 'p', dimension }));
  ledgerWith(ledger, rows);
  assert.equal(await said('dimensions', { AMPMETER_LEDGER: ledger }), 'often\t\nrare\t\n');
  assert.equal(await said('products', { AMPMETER_LEDGER: ledger }), 'p\t\n');
  assert.equal(await said('customers', { AMPMETER_LEDGER: ledger }), '111122223333\t\n');
  assert.equal(await said('licenses', { AMPMETER_LEDGER: ledger }), '');
  assert.equal(await said('endpoints', { AMPMETER_LEDGER: ledger }), 'http://127.0.0.1:4100/\t\n');
});

test('what would move the cursor, hide, or be read as a flag is not offered', async () => {
  const ledger = join(newFolder(), 'ledger.db');
  const hostile = ['\u001b[2J', 'a\nb', 'a\tb', '\u202ecod', '--ledger', '-o', '', 'x'.repeat(600), 'fine'];
  ledgerWith(
    ledger,
    hostile.map(dimension => ({ product: 'p', dimension })),
  );
  assert.equal(await said('dimensions', { AMPMETER_LEDGER: ledger }), 'fine\t\n');
});

/** The same on every machine. */
const BUILT_IN: readonly DynamicValue[] = [
  'behaviours',
  'explanations',
  'faults',
  'statuses',
  'topics',
  'zones',
];

test('a list of statuses goes on without those it has', async () => {
  const offered = async (word: string): Promise<readonly string[]> =>
    (await said('statuses', {}, ['history', '--status', word])).split('\t\n').slice(0, -1);
  assert.deepEqual(await offered(''), [...STATUSES]);
  const more = STATUSES.filter(status => status !== 'accepted').map(status => `accepted,${status}`);
  for (const word of ['accepted,', 'accepted,ref', '--status=accepted,', '"accepted,'])
    assert.deepEqual(await offered(word), more, word);
});

test('every fault that is offered can be armed', async () => {
  const lines = (await said('faults', {})).trimEnd().split('\n');
  assert.deepEqual(
    lines.map(line => {
      const fault = parseFault(line.split('\t')[0] ?? '');
      return fault.ok && fault.value.fault.name;
    }),
    FAULTS.map(({ name }) => name),
  );
});

test('help is offered on what there is help on', async () => {
  const offered = async (...line: readonly string[]): Promise<readonly (string | undefined)[]> =>
    (await said('topics', {}, ['help', ...line])).split('\n').map(text => text.split('\t')[0]);
  const first = await offered('');
  for (const name of ['batch', 'ledger', 'windows']) assert.ok(first.includes(name), name);
  const subcommands = ['info', 'verify', 'backup', 'prune', 'copy', 'create', 'import', ''];
  assert.deepEqual(await offered('ledger', ''), subcommands);
  assert.deepEqual(await offered('--', 'ledger', 'pr'), subcommands);
  for (const line of [
    ['batch', ''],
    ['windows', ''],
    ['ledger', 'prune', 'import', ''],
    ['nope', ''],
  ])
    assert.deepEqual(await offered(...line), [''], line.join(' '));
});

describe('nothing is said, and nothing fails,', () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'no-database'), 'x'.repeat(5000));
  const PLACES: readonly (readonly [name: string, env: Record<string, string>])[] = [
    ['without a home', {}],
    ['without a ledger', { AMPMETER_LEDGER: join(folder, 'none.db') }],
    ['with a folder in its place', { AMPMETER_LEDGER: folder, AWS_CONFIG_FILE: folder }],
    ['with another file in its place', { AMPMETER_LEDGER: join(folder, 'no-database') }],
    ['with a device in its place', { AMPMETER_LEDGER: '/dev/zero', AWS_CONFIG_FILE: '/dev/zero' }],
  ];
  for (const [name, env] of PLACES) {
    test(name, async () => {
      for (const what of DYNAMIC_VALUES.filter(one => !BUILT_IN.includes(one)))
        assert.equal(await said(what, env), '', what);
    });
  }
});

describe('the ledger of a line that is being typed is', () => {
  const LINES: readonly (readonly [line: string, value: string | undefined])[] = [
    ['history --ledger a.db --run', 'a.db'],
    ['history --ledger=a.db --run', 'a.db'],
    ['history --ledger = a.db --run', 'a.db'],
    ['history --ledger ~/a.db --run', '/home/me/a.db'],
    ["history --ledger '~/a.db' --run", '~/a.db'],
    ['history --ledger "a\\"$x.db" --run', 'a"$x.db'],
    ['history -- --ledger a.db', undefined],
    ['history --run', undefined],
    ['history --ledger', undefined],
  ];
  for (const [line, value] of LINES) {
    test(`${value} in ${line}`, () => {
      assert.equal(valueInLine(line.split(' '), '--ledger', { env: { HOME: '/home/me' } }), value);
    });
  }
  test('one with a space in it', () => {
    assert.equal(valueInLine(['--ledger', 'my\\ a.db'], '--ledger', { env: {} }), 'my a.db');
  });
});

test('what can be explained comes with what it is, and nothing twice', async () => {
  const lines = (await said('explanations', {})).trimEnd().split('\n');
  for (const line of ['ThrottlingException\tAWS metering error', 'not-subscribed\toutcome', '5\texit code'])
    assert.ok(lines.includes(line), line);
  assert.equal(new Set(lines.map(line => line.split('\t')[0])).size, lines.length);
});

test('a flag with two names is completed by both', async () => {
  const history = allOf(await sourceTree()).find(({ path }) => path[0] === 'history');
  const license = history?.flags.find(({ names }) => names.includes('--license'));
  assert.deepEqual(license?.names, ['--license', '--licence']);
  assert.deepEqual(license?.value, { kind: 'dynamic', what: 'licenses' });
});

test('no package of AWS is loaded', async () => {
  const ledger = join(newFolder(), 'ledger.db');
  ledgerWith(ledger, [{ product: 'p', dimension: 'd' }]);
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) { process.stderr.write(name + '\\n'); return next(name, context); } });`;
  const main = join(import.meta.dirname, '../../../src/main.ts');
  for (const what of ['products', 'profiles']) {
    const child = spawn(
      process.execPath,
      [
        '--no-warnings',
        '--import',
        `data:text/javascript,${encodeURIComponent(hook)}`,
        main,
        '__complete',
        what,
      ],
      { env: { AMPMETER_LEDGER: ledger, HOME: newFolder() } },
    );
    let loaded = '';
    let stdout = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      loaded += text;
    });
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    assert.equal(await new Promise(resolve => child.on('close', resolve)), 0, loaded);
    assert.equal(stdout, what === 'products' ? 'p\t\n' : '');
    assert.match(loaded, /completion\/complete\.ts/);
    assert.doesNotMatch(loaded, /@aws-sdk|@smithy|csv-parse|emulator\/server/);
  }
});
