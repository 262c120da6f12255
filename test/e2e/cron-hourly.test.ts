import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { typed } from '../cli/setup.ts';
import { newFolder } from '../helpers/tool.ts';

const FOLDER = join(import.meta.dirname, '../../examples/cron');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

/** That it bills, and mails what it must, is in cron-month.test.ts. */
describe('hourly.sh', () => {
  const HEAD = 'RECORD  HOUR               CUSTOMER      DIMENSION  QUANTITY  OUTCOME';
  const row = (outcome: string): string => `line 2  2026-11-30T04:00Z  111122223333  users  3  ${outcome}`;
  const table = (...outcomes: string[]): string => [HEAD, ...outcomes.map(row)].join('\n');
  const REFUSED = 'x refused  AWS: 4 is unknown';

  type Circumstances = {
    /** Other commands by their first two words: each says its name and ends so. */
    readonly others?: readonly { readonly words: string; readonly name: string; readonly code: number }[];
    readonly ageMs?: number;
    readonly said?: string;
    readonly flags?: readonly string[];
  };

  const OTHERS = [
    { words: 'subscribers --ended-since', name: 'ended' },
    { words: 'gaps --zero-fill', name: 'filled' },
    { words: 'gaps --agreements', name: 'agreed' },
  ];

  /** In a shell. */
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

  /**
   * Runs it where `ampmeter batch` prints this and ends so, and everything else finds nothing. That program starts no other:
   * the shells of these tests start many.
   */
  const hourly = (
    folder: string,
    stdout: string,
    code: number,
    { others = [], ageMs = 0, said = 'said', flags = [] }: Circumstances = {},
  ): string => {
    const printed = stdout === '' ? ':' : `printf '%s\\n' ${quoted(stdout)}`;
    writeFileSync(
      join(folder, 'ampmeter'),
      [
        `#!/bin/sh`,
        `IFS='|'; echo "$*" >> called; IFS=' '`,
        `case "$1 $2" in`,
        `'batch usage.csv') ${printed}; echo ${quoted(said)} >&2; exit ${code} ;;`,
        ...others.map(({ words, name, code }) => `'${words}') echo ${name} >&2; exit ${code} ;;`),
        'esac',
      ].join('\n'),
      { mode: 0o755 },
    );
    writeFileSync(join(folder, 'usage.csv'), '');
    const ago = new Date(Date.now() - ageMs);
    utimesSync(join(folder, 'usage.csv'), ago, ago);
    const env = { PATH: `${folder}:${process.env['PATH']}`, AMPMETER_STATE: folder };
    const script = [join(FOLDER, 'hourly.sh'), 'usage.csv', ...flags];
    const ran = spawnSync('sh', script, { encoding: 'utf8', env });
    return ran.stdout + ran.stderr;
  };

  test('prints problems and what the run has said, but not what the next run sends', () => {
    const folder = newFolder();
    const fine = ['+ accepted', '✓ accepted  -  122b376c', '+ already-recorded'];
    assert.equal(hourly(folder, table(...fine, REFUSED), 4), `${HEAD}\n${row(REFUSED)}\nsaid\n`);
    assert.equal(hourly(folder, table(REFUSED), 0), `${table(REFUSED)}\nsaid\n`);
    assert.equal(hourly(folder, table(REFUSED, '! unsent  why'), 5), `${table(REFUSED)}\nsaid\n`);
    assert.equal(hourly(folder, table(...fine), 0), '');
    assert.equal(hourly(folder, table('! unsent  why', '? unknown  why'), 5), '');
    assert.equal(hourly(folder, '', 8), '');
  });

  test('prints an invalid row, without the head of an empty table', () => {
    const folder = newFolder();
    const said = 'usage.csv:3:43: error: quantity is missing';
    assert.equal(hourly(folder, table('+ accepted'), 4, { said }), `${said}\n`);
  });

  test('hands further flags to batch, for the file only', () => {
    const folder = newFolder();
    const flags = ['--map', 'quantity=Total used', '--round', 'carry'];
    hourly(folder, '', 0, { flags });
    const [first = '', ...others] = readFileSync(join(folder, 'called'), 'utf8').trimEnd().split('\n');
    assert.match(first, /^batch\|usage\.csv\|--map\|quantity=Total used\|--round\|carry\|--heartbeat\|/);
    assert.match(others.join('\n'), /^batch\|zeros\.csv\|--rejects\|/m);
    assert.doesNotMatch(others.join(), /--map/);
  });

  test('prints a failure once, and again when it is another one', () => {
    const folder = newFolder();
    assert.deepEqual(
      [6, 6, 7, 0, 6].map(code => hourly(folder, '', code)),
      ['said\n', '', 'said\n', '', 'said\n'],
    );
  });

  test('prints a failure of each other command once and no outage, whatever the others do', () => {
    const folder = newFolder();
    const runs = (codes: readonly number[]): string => {
      const others = OTHERS.map((other, index) => ({ ...other, code: codes[index] ?? 0 }));
      return hourly(folder, '', 0, { others });
    };
    const hours: readonly (readonly [codes: readonly number[], mail: string])[] = [
      [[5, 6, 6], 'filled\nagreed\n'],
      [[6, 6, 6], 'ended\n'],
      [[6, 5, 4], ''],
      [[5, 6, 0], 'filled\n'],
      [[4, 4, 7], 'agreed\n'],
      [[7, 7, 5], 'filled\nended\n'],
      [[0, 7, 7], 'agreed\n'],
    ];
    for (const [codes, mail] of hours) assert.equal(runs(codes), mail, String(codes));
  });

  test('fills nothing with 0 while the export fails, and says once that it is old', () => {
    const folder = newFolder();
    const others = [{ words: 'gaps --zero-fill', name: 'filled', code: 6 }];
    const old = 'ampmeter: usage.csv is older than three hours\n';
    const hours = (age: number, code = 0): string =>
      hourly(folder, '', code, { others, ageMs: age * 3_600_000 });
    assert.deepEqual([hours(4), hours(5), hours(0, 3), hours(1)], [old, '', 'said\n', 'filled\n']);
  });

  test('has command lines of this tool', async () => {
    const lines = read('hourly.sh')
      .replaceAll('\\\n', ' ')
      .matchAll(/(?:^ *|if )ampmeter ([^>|;]*)/gm);
    const commands = Array.from(lines, async ([, words = '']) => {
      const placed = words.replace(/ 2$/, '').replace('"$@"', 'x.csv').replaceAll('"', '').trim();
      return (await typed(placed.split(/\s+/))).command;
    });
    assert.deepEqual(await Promise.all(commands), ['batch', 'gaps', 'subscribers', 'gaps', 'gaps']);
    const [batch = ''] = /ampmeter batch [\s\S]*?--known-problems ok/.exec(read('hourly.sh')) ?? [];
    const words = batch
      .replaceAll('\\\n', ' ')
      .replace('"$@"', '/usage.csv')
      .replaceAll('"', '')
      .split(/\s+/)
      .slice(1);
    const { options } = await typed(words);
    assert.deepEqual([options['skipInvalid'], options['knownProblems']], [true, 'ok']);
  });
});
