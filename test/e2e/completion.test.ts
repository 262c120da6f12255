import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { COMPLETION_FILES } from '../../scripts/generated.ts';
import { SHELLS } from '../../src/commands/completion/options.ts';
import { newFolder, tool } from '../helpers/tool.ts';

const ROOT = join(import.meta.dirname, '../..');

for (const shell of SHELLS) {
  test(`the built tool prints what stands in ${COMPLETION_FILES[shell]}`, async () => {
    const { code, stdout, stderr } = await tool(['completion', shell], { cwd: newFolder() });
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(
      stdout === readFileSync(join(ROOT, COMPLETION_FILES[shell]), 'utf8'),
      'stale: npm run completions',
    );
  });
}

test('the package carries them, and the manual page', () => {
  for (const folder of ['completions', 'man']) assert.ok(manifest.files.includes(folder), folder);
  // npm links the pages of a list alone.
  assert.deepEqual(manifest.man, ['man/ampmeter.1']);
});

test('another shell is an error that names those there are', async () => {
  const { code, stderr } = await tool(['completion', 'tcsh']);
  assert.equal(code, 2);
  assert.match(stderr, /Allowed choices are bash, zsh, fish/);
});

test('what completes is not in the help, and is not suggested', async () => {
  assert.doesNotMatch((await tool(['--help'])).stdout, /__complete/);
  assert.doesNotMatch((await tool(['__complet'])).stderr, /__complete/);
});
