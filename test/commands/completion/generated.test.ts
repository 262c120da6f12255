import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import manifest from '../../../package.json' with { type: 'json' };
import { generated, sourceTree } from '../../../scripts/generated.ts';
import { allOf } from '../../../src/commands/completion/command-spec.ts';
import { newFolder } from '../../helpers/tool.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FILES = await generated();
const COMMANDS = allOf(await sourceTree());

for (const [file, text] of Object.entries(FILES)) {
  test(`${file} is what the command tree makes of it`, () => {
    const path = join(ROOT, file);
    const stands = existsSync(path) ? readFileSync(path, 'utf8') : '';
    assert.ok(stands === text, `${file} is stale: npm run completions`);
  });
}

test('every command and every flag stands in each of them', () => {
  for (const [file, text] of Object.entries(FILES)) {
    const written = file.startsWith('man/') ? text.replaceAll('\\-', '-') : text;
    for (const { path, flags } of COMMANDS) {
      if (path.length > 1 && path.at(-1) === 'help') continue;
      assert.ok(written.includes(path.at(-1) ?? ''), `${file}: ${path}`);
      for (const name of flags.flatMap(({ names }) => names)) {
        const there =
          file.endsWith('.fish') && name.startsWith('--')
            ? `-l ${name.slice(2)} `
            : name.replace(/^-(?=\w$)/, '');
        assert.ok(written.includes(there), `${file}: ${path.join(' ')} ${name}`);
      }
    }
  }
});

const MAN = join(ROOT, 'man/ampmeter.1');

/** What each program says of the page: nothing when all is well. */
const READERS: readonly (readonly [program: string, args: readonly string[]])[] = [
  ['mandoc', ['-T', 'lint', '-W', 'warning', MAN]],
  ['groff', ['-man', '-Kutf8', '-ww', '-z', MAN]],
];

describe('the manual page', () => {
  test('has the date of its version', () => {
    const { version, released } = manifest;
    assert.equal(new Date(`${released}T00:00:00Z`).toISOString().slice(0, 10), released);
    assert.ok(readFileSync(MAN, 'utf8').includes(`\n.TH AMPMETER 1 "${released}" "ampmeter ${version}" `));
  });

  for (const [program, args] of READERS) {
    const skip = spawnSync(program, ['-v']).error === undefined ? false : `${program} is not installed`;
    test(`is read by ${program} without a complaint`, { skip }, () => {
      const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      assert.equal(`${stdout}${stderr}`, '');
    });
  }

  const skip = spawnSync('man', ['--version']).error === undefined ? false : 'man is not installed';
  test('shows what is typed as it is typed', { skip }, t => {
    const env = {
      PATH: process.env['PATH'],
      MANWIDTH: '200',
      MANPAGER: 'cat',
      LC_ALL: 'C.UTF-8',
      HOME: newFolder(),
    };
    const { stdout, status } = spawnSync('man', ['-l', MAN], { encoding: 'utf8', env });
    if (status !== 0) return t.skip('this man does not know -l');
    const shown = stdout.replaceAll(/.\u0008/g, '');
    for (const text of [
      'ampmeter batch examples/usage.csv --timestamp -1h --local',
      "'Dept=Sales,Env=prod:12'",
      '{fpath[1]}/_ampmeter"',
      '~/.config/fish/completions/ampmeter.fish',
    ]) {
      assert.ok(shown.includes(text), text);
    }
  });
});
