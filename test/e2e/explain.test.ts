import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOPICS } from '../../src/commands/help/options.ts';
import { displayWidth, PROSE_WIDTH } from '../../src/render/text/width.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { withEmulator } from '../helpers/tool.ts';

test('what an error ends with can be typed, and says the same', async () => {
  await withEmulator(async (_, env) => {
    const refused = await tool(['resolve', 'expired_token'], { env });
    assert.equal(refused.code, 7, refused.stderr);
    const [, next] = /\n {2}next: {2}(.*)\n/.exec(refused.stderr) ?? [];
    const [, line] = /\n {2}see: {3}ampmeter (.*)\n$/.exec(refused.stderr) ?? [];
    assert.equal(line, 'explain ExpiredTokenException');
    const explained = await tool([...(line ?? '').split(' '), '-o', 'json']);
    assert.equal(explained.code, 0);
    assert.equal(JSON.parse(explained.stdout)[0].next, next);
  });
});

test('as JSON an error says the step, and no command', async () => {
  await withEmulator(async (_, env) => {
    const { stderr } = await tool(['resolve', 'expired_token', '-o', 'json'], { env });
    const error = JSON.parse(stderr);
    assert.deepEqual(Object.keys(error), ['type', 'code', 'message', 'exitCode', 'because', 'next']);
  });
});

test('everything that is listed can be explained', async () => {
  const listed = await tool(['explain']);
  const names = listed.stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map(line => line.split(' ')[0] ?? '');
  assert.ok(names.length > 70);
  for (const name of [names[0], names.at(-1), 'ECONNREFUSED', 'Locked']) {
    const { code, stdout } = await tool(['explain', name ?? '']);
    assert.equal(code, 0);
    assert.match(stdout, /\n {2}means: /);
  }
});

test('a slip is an error with a suggestion', async () => {
  const { code, stdout, stderr } = await tool(['explain', 'InvalidTokn']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /did you mean InvalidTokenException\?/);
});

test('each topic of help fits a terminal of the usual width', async () => {
  for (const topic of Object.keys(TOPICS)) {
    const { code, stdout } = await tool(['help', topic]);
    assert.equal(code, 0);
    for (const line of stdout.split('\n')) assert.ok(displayWidth(line) <= PROSE_WIDTH, line);
  }
});

test('help shows topics and commands, and helps with slips', async () => {
  const windows = await tool(['help', 'windows']);
  assert.equal(windows.code, 0);
  assert.match(windows.stdout, /24 hours/);
  const all = await tool(['help']);
  assert.equal(all.stdout, (await tool(['--help'])).stdout);
  assert.match(all.stdout, /Topics.*\n {2}csv /);
  assert.equal((await tool(['help', 'batch'])).stdout, (await tool(['batch', '--help'])).stdout);
  const slip = await tool(['help', 'widows']);
  assert.equal(slip.code, 2);
  assert.match(slip.stderr, /did you mean windows\?/);
});
