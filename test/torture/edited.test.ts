import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Cli, changed, cliFor, summaryOf } from './cli-run.ts';
import { type Referee, type Run, refereeOf, until } from './setup.ts';
import { plainFile } from './usage-file.ts';

/** That of the test that runs. */
let referee: Referee;

const sent = () => referee.requests().flatMap(({ records }) => records);

/** No key was ever sent with two quantities. */
const assertOneQuantity = (): void => {
  for (const [account, records] of Map.groupBy(sent(), record => record.CustomerAWSAccountId)) {
    const quantities = new Set(records.map(({ Quantity }) => Quantity));
    assert.equal(quantities.size, 1, `${account} was sent with ${[...quantities].join(' and ')}`);
  }
};

const CSV = plainFile(25);
const EDITED = changed(CSV, 3, row => row.replace(',users,4,', ',users,4000,'));

const assertConflict = (ended: Run): void => {
  assert.equal(ended.code, 4, ended.stderr);
  const { summary, problems } = JSON.parse(ended.stdout);
  assert.equal(summary.conflict, 1);
  assert.deepEqual([problems[0].line, problems[0].status], [5, 'conflict']);
  assert.match(problems[0].reason, /the ledger has 4,/);
};

describe('a file that is edited between runs (T28)', () => {
  test('after the quantity was billed: a conflict, and only one quantity was ever sent', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url, CSV);
    assert.equal((await cli.batch()).code, 0);
    cli.write(EDITED);
    const second = await cli.batch();
    assertConflict(second);
    assert.equal(summaryOf(second)['alreadyRecorded'], 24);
    assert.equal(referee.requests().length, 1);
  });

  test('after the answer was lost: a conflict, the old quantity is settled, the others are billed', async t => {
    referee = await refereeOf(t, { faults: ['reset-after:1'], seed: 1 });
    const cli = cliFor(referee.url, CSV);
    const first = await cli.batchInVain();
    assert.equal(first.code, 5, first.stderr);
    await referee.setFaults({ faults: [] });
    cli.write(EDITED);
    assertConflict(await cli.batch());
    assertOneQuantity();
    assert.deepEqual(cli.statuses(), { accepted: 25 });
    assert.equal((await cli.batch()).code, 4);
  });

  test('after a kill while a request was under way: no second quantity', async t => {
    referee = await refereeOf(t, { faults: ['slow:1@60000'], seed: 1 });
    const cli = cliFor(referee.url, CSV);
    await killedUnderWay(cli);
    await referee.setFaults({ faults: [] });
    cli.write(EDITED);
    assertConflict(await cli.batch());
    assertOneQuantity();
  });

  test('before AWS took it: the new quantity counts', async t => {
    referee = await refereeOf(t, { faults: ['throttle:1'], seed: 1 });
    const cli = cliFor(referee.url, CSV);
    const first = await cli.batchInVain();
    assert.equal(first.code, 5, first.stderr);
    assert.equal(summaryOf(first)['unsent'], 25);
    await referee.setFaults({ faults: [] });
    cli.write(EDITED);
    const second = await cli.batch();
    assert.equal(second.code, 0, second.stderr);
    const billed = sent().filter(({ outcome }) => outcome === 'recorded');
    assert.equal(billed.length, 25);
    assert.ok(billed.some(({ Quantity }) => Quantity === 4000));
  });

  test('rows in another order, and more of them: only the new ones are sent', async t => {
    referee = await refereeOf(t);
    const cli = cliFor(referee.url, CSV);
    assert.equal((await cli.batch()).code, 0);
    const [header, ...rows] = plainFile(40).trimEnd().split('\n');
    cli.write(`${[header, ...rows.toReversed()].join('\n')}\n`);
    const second = await cli.batch();
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual([summaryOf(second)['accepted'], summaryOf(second)['alreadyRecorded']], [15, 25]);
    assert.equal(sent().length, 40);
    assertOneQuantity();
  });

  test('another minute of the same hour is the same record (P3)', async t => {
    referee = await refereeOf(t);
    const at = (minute: string): string => CSV.replaceAll(':00:00.000Z', `:${minute}:00.000Z`);
    const cli = cliFor(referee.url, at('05'));
    assert.equal((await cli.batch()).code, 0);
    cli.write(at('35'));
    const second = await cli.batch();
    assert.equal(second.code, 0, second.stderr);
    assert.equal(summaryOf(second)['alreadyRecorded'], 25);
    assert.equal(referee.requests().length, 1);
    for (const { Timestamp } of sent()) assert.equal(Timestamp % 3600, 0);
  });

  test('two rows of one hour are an error that names both, or one sum (P3)', async t => {
    referee = await refereeOf(t);
    const [header, row = ''] = CSV.split('\n');
    const rows = ['05', '35'].map(minute => row.replace(':00:00.000Z', `:${minute}:00.000Z`));
    const cli = cliFor(referee.url, `${[header, ...rows].join('\n')}\n`);
    const first = await cli.batch();
    assert.equal(first.code, 3, first.stderr);
    assert.match(first.stdout, /also line 3/);
    assert.equal(referee.requests().length, 0);
    const second = await cli.batch(['--merge', 'sum']);
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual(
      sent().map(({ Quantity }) => Quantity),
      [2],
    );
  });
});

const killedUnderWay = async (cli: Cli): Promise<void> => {
  const run = await cli.batch([], {
    onStart: async child => {
      await until(() => referee.requests().length === 1, 'a request');
      child.kill('SIGKILL');
    },
  });
  assert.equal(run.signal, 'SIGKILL', run.stderr);
};

test('a record billed at one endpoint is not taken as billed at another (P13)', async t => {
  referee = await refereeOf(t);
  const other = await refereeOf(t);
  const cli = cliFor(referee.url, CSV);
  assert.equal((await cli.batch()).code, 0);
  const second = await cli.batch([], { env: { AWS_ENDPOINT_URL: other.url } });
  assert.equal(second.code, 0, second.stderr);
  assert.equal(summaryOf(second)['accepted'], 25);
  assert.equal(other.requests().length, 1);
});

test('the same record through another Region is not sent: AWS would bill it twice', async t => {
  referee = await refereeOf(t);
  const cli = cliFor(referee.url, CSV);
  assert.equal((await cli.batch()).code, 0);
  const second = await cli.batch([], { env: { AWS_REGION: 'eu-central-1' } });
  assert.equal(second.code, 4, second.stderr);
  assert.equal(summaryOf(second)['conflict'], 25);
  assert.equal(referee.requests().length, 1);
});

test('an account with a leading zero, and rejects that are corrected and submitted again', async t => {
  referee = await refereeOf(t);
  const csv = changed(CSV, 0, row => row.replace(/,\d{12},/, ',012345678901,')).replace(
    ',users,9,',
    ',unknown_dimension,9,',
  );
  const cli = cliFor(referee.url, csv);
  const first = await cli.batch();
  assert.equal(first.code, 4, first.stderr);
  assert.ok(sent().some(({ CustomerAWSAccountId }) => CustomerAWSAccountId === '012345678901'));
  const rejects = join(cli.cwd, 'usage.rejected.csv');
  const fix = (text: string): string => text.replace('unknown_dimension', 'users');
  const before = sent().length;
  cli.write(fix(readFileSync(rejects, 'utf8')));
  const second = await cli.batch();
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(
    sent()
      .slice(before)
      .map(({ Quantity }) => Quantity),
    [9],
  );
});
