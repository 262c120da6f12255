import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, test } from 'node:test';
import { isFull } from '../helpers/volume.ts';
import { judge, type Verdict } from './checker.ts';
import { cliFor, summaryOf } from './cli-run.ts';
import { runTrial } from './driver.ts';
import { figuresLine, findingsText } from './figures.ts';
import { type Referee, refereeOf, sleep, until } from './setup.ts';
import { plainFile } from './usage-file.ts';

const billed = (referee: Referee): number =>
  referee
    .requests()
    .flatMap(({ records }) => records)
    .filter(({ outcome }) => outcome === 'recorded').length;

describe('a signal at any time (T26)', { concurrency: 2 }, () => {
  test('an answer that never comes is not waited for forever', async t => {
    const own = await refereeOf(t, { faults: ['slow:1@60000'], seed: 1 });
    const cli = cliFor(own.url);
    const first = await cli.batch([], {
      onStart: async child => {
        await until(() => own.requests().length > 0, 'a request');
        child.kill('SIGTERM');
      },
    });
    assert.equal(first.code, 143, first.stderr);
    assert.equal(summaryOf(first)['unknown'], 25, 'with its answer they were accepted');
  });

  test('the state is saved, and the same command finishes the job', async t => {
    const referee = await refereeOf(t);
    const verdicts: Verdict[] = [];
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGINT', 'SIGTERM'] as const;
    for (const [index, signal] of signals.slice(0, isFull ? 5 : 1).entries()) {
      const kill = { kind: 'signal', signal } as const;
      const folder = await runTrial(referee, {
        name: 'signal',
        seed: 40 + index,
        records: 200,
        poisoned: index === 2,
        faults: ['slow:1@30', 'reset-after:0.1'],
        flags: ['-o', 'jsonl', '--concurrency', '2'],
        kills: [kill, kill, kill],
      });
      verdicts.push(judge(folder));
    }
    t.diagnostic(figuresLine(verdicts));
    assert.equal(findingsText(verdicts), '');
  });
});

describe('a signal while requests are under way (T26)', { concurrency: 2 }, () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    test(`${signal}: what is under way is waited for and settled, and nothing new begins`, async t => {
      const referee = await refereeOf(t, { faults: ['slow:1@3000'], seed: 1 });
      const cli = cliFor(referee.url, plainFile(200));
      const first = await cli.batch(['--concurrency', '2'], {
        onStart: async child => {
          await until(() => referee.requests().length === 2, 'two requests');
          child.kill(signal);
        },
      });
      assert.equal(first.code, 128 + constants.signals[signal], first.stderr);
      assert.equal(referee.requests().length, 2);
      const { accepted, unsent, unknown } = summaryOf(first);
      assert.deepEqual([accepted, unsent, unknown], [50, 150, 0]);
      await referee.setFaults({ faults: [] });
      const second = await cli.batch();
      assert.equal(second.code, 0, second.stderr);
      assert.equal(summaryOf(second)['accepted'], 150);
      assert.equal(billed(referee), 200);
    });
  }

  test('a second one ends it at once, and nothing is lost', async t => {
    const referee = await refereeOf(t, { faults: ['slow:1@60000'], seed: 1 });
    const cli = cliFor(referee.url, plainFile(200));
    const first = await cli.batch([], {
      onStart: async child => {
        await until(() => referee.requests().length > 0, 'a request');
        child.kill('SIGINT');
        await sleep(300);
        child.kill('SIGINT');
      },
    });
    assert.equal(first.code, 130, first.stderr);
    assert.equal(cli.statuses()['accepted'], undefined, 'it has not waited for the reply');
    await referee.setFaults({ faults: [] });
    const second = await cli.batch();
    assert.equal(second.code, 0, second.stderr);
    assert.equal(billed(referee), 200);
  });
});

describe('output that nobody takes (T27)', { concurrency: 3 }, () => {
  const RECORDS = 400;
  const shell = (script: string): string[] => ['bash', '-c', script, 'bash'];
  const LOST = '> /dev/full';
  const CUT = '| head -1';
  const cases: readonly (readonly [string, string])[] = [
    [CUT, '"$@" | head -1; exit $' + '{PIPESTATUS[0]}'],
    ['| true', '"$@" | true; exit $' + '{PIPESTATUS[0]}'],
    ['>&-', '"$@" >&-'],
    ['2>&-', '"$@" 2>&-'],
    ['>&- 2>&-', '"$@" >&- 2>&-'],
    [LOST, '"$@" > /dev/full'],
    ['2> /dev/full', '"$@" 2> /dev/full'],
  ];
  for (const [name, script] of cases) {
    if (name.includes('/dev/full') && !existsSync('/dev/full')) continue;
    // A table is written when all is over: what becomes of it is the same, whoever does not take it.
    for (const output of isFull || name === LOST ? ['jsonl', 'table'] : ['jsonl']) {
      const tells = name === LOST ? 'that nobody has the result' : 'of the work';
      test(`${name} with -o ${output}: the work is done, and the exit code tells ${tells}`, async t => {
        const referee = await refereeOf(t);
        const csv = plainFile(RECORDS);
        if (isFull || name === LOST || name === CUT) {
          const good = cliFor(referee.url, csv);
          const done = await good.batch(['-o', output], { through: shell(script) });
          // A table of so many records lists those that are not billed, and here there are none.
          assert.equal(done.code, name === LOST && output === 'jsonl' ? 1 : 0, done.stderr);
          assert.equal(billed(referee), RECORDS);
        }
        const bad = cliFor(referee.url, csv.replace(',users,', ',unknown_dimension,'));
        const ended = await bad.batch(['-o', output], { through: shell(script) });
        assert.equal(ended.code, name === LOST ? 1 : 4, ended.stderr);
        assert.ok(billed(referee) >= RECORDS - 1, `${billed(referee)} records`);
      });
    }
  }

  for (const output of ['json', 'jsonl']) {
    test(`-o ${output} is whole, however slowly it is read`, async t => {
      const referee = await refereeOf(t);
      const csv = plainFile(900)
        .replaceAll('111122220', '404404404')
        .replaceAll(/,404404404(\d{3}),,torture,users/g, ',404404404404,,torture,d$1');
      const cli = cliFor(referee.url, csv);
      const script = '"$@" | (sleep 1.5; cat); exit $' + '{PIPESTATUS[0]}';
      const ended = await cli.batch(['-o', output], { through: shell(script) });
      assert.equal(ended.code, 4, ended.stderr);
      assert.ok(ended.stdout.length > 100_000, `${ended.stdout.length} characters`);
      if (output === 'json') assert.equal(JSON.parse(ended.stdout).problems.length, 900);
      else
        assert.equal(
          ended.stdout
            .trim()
            .split('\n')
            .map(line => JSON.parse(line)).length,
          901,
        );
    });
  }
});
