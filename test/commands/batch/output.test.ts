import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchReporter } from '../../../src/commands/batch/output.ts';
import type { SettledRecord } from '../../../src/usage/outcome.ts';
import { testWorld } from '../../helpers/world.ts';
import { sampleRecord } from '../../usage/samples.ts';

const COUNT = 3000;

const notBilled = (): SettledRecord[] =>
  Array.from({ length: COUNT }, (_, line) => ({
    record: sampleRecord({ quantity: line }),
    rows: [{ file: 'usage.csv', line }],
    outcome: { status: 'unsent', reason: 'the run ended', meteringRecordId: undefined },
  }));

/** What is written for a run with many records that are not billed, in pieces. */
const written = async (
  output: 'json' | 'jsonl',
  how: 'plan' | 'end',
  isStopped = false,
): Promise<string[]> => {
  const pieces: string[] = [];
  const world = testWorld();
  const stdout = { write: async (text: string) => void pieces.push(text), isClosed: () => false };
  const reporter = batchReporter(
    { output, quiet: false, knownProblems: 'report', problemsOnly: false, skipInvalid: false } as never,
    {} as never,
    { ...world, stdout, stderr: stdout } as never,
    { err: { warn: String }, out: {}, symbols: {} } as never,
  );
  const report = {
    plan: {
      run: {
        results: { notBilled, notPlanned: notBilled },
        problems: { recall: () => ({ isKnown: false, isDue: true }) },
      },
      found: { problems: [], total: 0 },
      isInvalid: false,
    },
    tally: {},
    known: {},
    summary: { run: 1, records: COUNT },
    rejects: [],
  } as never;
  if (isStopped) world.stopping.abort();
  if (how === 'end') await reporter.end(report);
  else await reporter.plan({ records: COUNT, dimensions: [] } as never, report);
  return pieces.filter(piece => piece !== '');
};

for (const how of ['plan', 'end'] as const) {
  test(`-o json writes the records of ${how === 'plan' ? 'a dry run' : 'a run'} many at a time`, async () => {
    const pieces = await written('json', how);
    const { problems, summary, plan } = JSON.parse(pieces.join(''));
    assert.deepEqual([problems.length, problems[7].line, summary.records], [COUNT, 7, COUNT]);
    assert.equal(plan !== undefined, how === 'plan');
    assert.ok(pieces.length < 20, `${pieces.length} pieces`);
  });
}

test('-o jsonl does so in a dry run', async () => {
  const pieces = await written('jsonl', 'plan');
  const types = pieces
    .join('')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line).type);
  assert.deepEqual(types.slice(-3), ['outcome', 'plan', 'summary']);
  assert.equal(types.length, COUNT + 2);
  assert.ok(pieces.length < 20, `${pieces.length} pieces`);
});

test('a document is whole although the program is asked to stop', async () => {
  const { problems } = JSON.parse((await written('json', 'end', true)).join(''));
  assert.equal(problems.length, COUNT);
});
