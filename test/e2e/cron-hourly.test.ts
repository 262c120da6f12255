import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
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
    /** The first words of another command, which fails. */
    readonly failing?: { readonly words: string; readonly name: string; readonly code: number };
    readonly ageMs?: number;
    readonly said?: string;
    readonly flags?: readonly string[];
  };

  /** Runs it where `ampmeter batch` prints this and ends so, and everything else finds nothing. */
  const hourly = (
    folder: string,
    stdout: string,
    code: number,
    { failing, ageMs = 0, said = 'said', flags = [] }: Circumstances = {},
  ): string => {
    const ampmeter = join(folder, 'ampmeter');
    const batch = `cat '${join(folder, 'stdout')}'; echo '${said}' >&2; exit ${code}`;
    const { words, name, code: otherCode } = failing ?? { words: 'none', name: '', code: 0 };
    const other = `[ "$1 $2" = '${words}' ] && { echo ${name} >&2; exit ${otherCode}; }`;
    writeFileSync(
      ampmeter,
      `#!/bin/sh\n(IFS='|'; echo "$*" >> called)\n[ "$1" = batch ] && [ "$2" = usage.csv ] && { ${batch}; }\n${other}\nexit 0\n`,
    );
    chmodSync(ampmeter, 0o755);
    writeFileSync(join(folder, 'stdout'), stdout === '' ? '' : `${stdout}\n`);
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

  for (const [words, name] of [
    ['subscribers --ended-since', 'ended'],
    ['gaps --zero-fill', 'fill'],
    ['gaps --agreements', 'agreed'],
  ] as const)
    test(`prints a failure of ${words} once, and no outage`, () => {
      const folder = newFolder();
      const runs = (code: number): string => hourly(folder, '', 0, { failing: { words, name, code } });
      assert.deepEqual([5, 6, 6, 5, 4, 7].map(runs), ['', `${name}\n`, '', '', '', `${name}\n`]);
    });

  test('fills nothing with 0 while the export fails, and says once that it is old', () => {
    const folder = newFolder();
    const failing = { words: 'gaps --zero-fill', name: 'filled', code: 6 };
    const old = 'ampmeter: usage.csv is older than three hours\n';
    const hours = (age: number, code = 0): string =>
      hourly(folder, '', code, { failing, ageMs: age * 3_600_000 });
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
