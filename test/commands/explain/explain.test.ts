import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommanderError } from 'commander';
import { EXPLAINED, runExplain } from '../../../src/commands/explain/run.ts';
import { UsageError } from '../../../src/errors.ts';
import { helpOf, typed } from '../../cli/setup.ts';

const OUTPUT = { output: 'table', color: 'auto', debug: false };

/** What is printed. */
const explained = async (
  name: string | undefined,
  output: 'table' | 'json' | 'jsonl' = 'table',
  columns?: number,
): Promise<string> => {
  let text = '';
  const stream = {
    write: async (part: string) => {
      text += part;
    },
    isTTY: columns !== undefined,
    columns: () => columns,
  };
  const world = { env: { LANG: 'C.UTF-8' }, stdout: stream, stderr: stream } as never;
  assert.equal(await runExplain({ name, output, color: 'never', debug: false }, world), 0);
  return text;
};

describe('explain', () => {
  test('is understood', async () => {
    assert.deepEqual(await typed('explain'), { command: 'explain', options: { ...OUTPUT, name: undefined } });
    assert.deepEqual(await typed('explain 5 -o json'), {
      command: 'explain',
      options: { ...OUTPUT, output: 'json', name: '5' },
    });
    await assert.rejects(typed('explain a b'), CommanderError);
  });

  test('tells of all meanings of a name', async () => {
    const text = await explained('expiredtoken');
    assert.match(
      text,
      /^ExpiredTokenException \(AWS metering error\)[\s\S]*\n\nExpiredTokenException \(AWS common error\)/,
    );
  });

  test('lists everything, once each, in a table that fits', async () => {
    const whole = (await explained(undefined)).trimEnd().split('\n');
    assert.equal(whole.length, EXPLAINED.length + 1);
    assert.match(whole[0] ?? '', /^NAME +KIND +MEANS$/);
    const narrow = (await explained(undefined, 'table', 80)).trimEnd().split('\n');
    assert.equal(narrow.length, whole.length);
    assert.deepEqual(
      narrow.filter(line => line.length > 80),
      [],
    );
  });

  test('lists everything for scripts', async () => {
    const lines = (await explained(undefined, 'jsonl')).trimEnd().split('\n');
    assert.deepEqual(
      lines.map(line => JSON.parse(line).name),
      EXPLAINED.map(({ name }) => name),
    );
    assert.equal(JSON.parse(await explained(undefined, 'json')).length, EXPLAINED.length);
  });

  const WRONG: readonly (readonly [typed: string, pattern: RegExp])[] = [
    ['Trottling', /^did you mean ThrottlingException\? /],
    ['not-subscribd', /^did you mean not-subscribed\? /],
    ['dimension', /^did you mean InvalidUsageDimensionException\? /],
    ['42', /^run ampmeter explain to list all/],
    ['\u001b[2J', /^run ampmeter explain to list all/],
  ];
  for (const [name, pattern] of WRONG) {
    test(`does not know ${JSON.stringify(name)}`, async () => {
      await assert.rejects(explained(name), error => {
        assert.ok(error instanceof UsageError);
        assert.match(error.next ?? '', pattern);
        return true;
      });
    });
  }
});

test('doctor is understood', async () => {
  const { command, options } = await typed(
    'doctor meter --profile p --region r --ledger l.db --give-up-after 2s',
  );
  assert.equal(command, 'doctor');
  const { profile, region, ledger, giveUpAfterMs, local, command: examined } = options;
  assert.deepEqual(
    { profile, region, ledger, giveUpAfterMs, local, examined },
    { profile: 'p', region: 'r', ledger: 'l.db', giveUpAfterMs: 2_000, local: false, examined: 'meter' },
  );
  const plain = (await typed('doctor')).options;
  assert.deepEqual([plain['command'], plain['giveUpAfterMs']], ['batch', 5_000]);
  await assert.rejects(typed('doctor emulator'), /Allowed choices are batch, resolve, meter, register/);
});

for (const [command, codes] of [
  ['explain', [0, 2]],
  ['doctor', [0, 2, 5, 6, 9]],
  ['help', [0, 2]],
] as const) {
  test(`the help of ${command} has examples that can be typed, and its exit codes`, async () => {
    const [, after = ''] = (await helpOf(command)).split('\nExamples:\n');
    const [examples = '', list = ''] = after.split('\n\nExit codes:\n');
    const lines = examples.split('\n');
    assert.ok(lines.length >= 3);
    for (const line of lines) {
      const words = line.replace(/^ {2}ampmeter /, '');
      // The help of a command is printed, and nothing is run.
      if (!/^help (batch|ledger)/.test(words)) await assert.doesNotReject(typed(words), line);
    }
    const listed = [...list.matchAll(/^ +(\d+) {2}\S/gm)].map(([, code]) => Number(code));
    for (const code of codes) assert.ok(listed.includes(code), `${code} is not listed`);
  });
}
