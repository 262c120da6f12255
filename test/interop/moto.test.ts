import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { send } from '../emulator/setup.ts';
import { fileWith, TOOL } from '../helpers/tool.ts';
import { clientEnv } from './for-clients.ts';
import { PYTHON, withoutModules } from './python.ts';
import { run } from './run.ts';

/** The emulator, started in place of moto's server, and the operations that it logs. */
const startInPlaceOfMoto = async (t: TestContext): Promise<{ url: string; calls: () => string[] }> => {
  const log = fileWith('', 'requests.jsonl');
  const flags = ['--port', '0', '--signatures', 'skip', '--window', 'off', '--log', log, '-o', 'json'];
  const child = spawn(process.execPath, [TOOL, 'emulator', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  const early = once(child, 'exit').then(([code]) => assert.fail(`it ended with ${code}`));
  early.catch(() => {});
  const [line] = await Promise.race([once(child.stdout, 'data'), early]);
  const calls = () =>
    readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map(text => JSON.parse(text))
      .map(({ operation, records }) => `${operation} of ${records.length}`);
  return { url: (JSON.parse(String(line)) as { url: string }).url, calls };
};

/** In moto's server mode, its decorator only resets the server and creates clients that call it. */
const serverMode = (url: string): NodeJS.ProcessEnv => ({
  ...clientEnv({ url }),
  TEST_SERVER_MODE: 'true',
  TEST_SERVER_MODE_ENDPOINT: url,
});

const noMoto = withoutModules('moto');
const published = process.env['MOTO_TESTS'];
const notPublished =
  published === undefined
    ? "MOTO_TESTS does not name the folder `tests` of moto's sources"
    : withoutModules('moto', 'pytest');

describe('a suite for moto', () => {
  test('runs against the emulator', { skip: noMoto }, async t => {
    const { url, calls } = await startInPlaceOfMoto(t);
    const suite = join(import.meta.dirname, 'moto-suite.py');
    const { code, stderr } = await run(PYTHON, [suite], { env: serverMode(url) });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Ran 2 tests/);
    assert.deepEqual(calls(), Array(3).fill('BatchMeterUsage of 25'));
    const { text } = await send(url, { method: 'GET', path: '/_emulator/records' });
    assert.deepEqual(JSON.parse(text), [], 'the decorator resets it at the end');
  });

  test("such as moto's own test of the service, unchanged", { skip: notPublished }, async t => {
    const { url, calls } = await startInPlaceOfMoto(t);
    const file = join(published ?? '', 'test_meteringmarketplace/test_meteringmarketplace.py');
    const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', file];
    const { code, stdout, stderr } = await run(PYTHON, args, { env: serverMode(url) });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /\b1 passed/);
    assert.deepEqual(calls(), ['BatchMeterUsage of 10']);
  });
});
