import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { emulatorHere, environmentOf, fileWith, hourAgo, hoursOf, newFolder } from '../helpers/tool.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const row = (dimension: string, customer = '111122223333'): string =>
  `${HEADER}\n${hourAgo(2)},${customer},exampleproduct,${dimension},1\n`;
const UNTIMED = `${HEADER.replace('timestamp,', '')}\n111122223333,exampleproduct,timeless,1\n`;

/** A device that is always full: it is only written to. */
const FULL = '/dev/full';

describe('output for which there is no space', { skip: !existsSync(FULL) && `there is no ${FULL}` }, () => {
  let emulator: Emulator;
  let env: Record<string, string>;
  let full: number;
  const lost = (...args: string[]) => tool(args, { env, stdout: full });

  before(async () => {
    full = openSync(FULL, 'w');
    emulator = await emulatorHere();
    env = environmentOf(emulator);
    assert.equal((await tool(['batch', fileWith(row('first'))], { env })).code, 0);
  });
  after(async () => {
    closeSync(full);
    await emulator.close();
  });

  const METER = ['meter', '--product-code', 'p', '--dimension', 'd', '--quantity', '1'];
  const COMMANDS: readonly (readonly string[])[] = [
    ['batch', fileWith(row('new'))],
    ['batch', fileWith(row('new', '404404404404')), '--no-rejects'],
    ['batch', fileWith(row('other')), '-o', 'json'],
    ['batch', fileWith(row('other')), '-o', 'jsonl'],
    ['batch', fileWith(row('dry')), '--dry-run'],
    ['batch', fileWith(row('dry', '404404404404')), '--dry-run', '-o', 'json'],
    ['batch', fileWith(row('shown')), '--show-request'],
    METER,
    [...METER, '--dry-run'],
    [...METER, '--show-request'],
    [...METER, '--local'],
    ['resolve', 'test_token', '--local'],
    ['register', '--product-code', 'p', '--public-key-version', '1'],
    ['history'],
    ['history', '-o', 'csv'],
    ['gaps', '--since', '-3h'],
    ['gaps', '--zero-fill', '-', '--since', '-3h'],
    ['subscribers', '--local'],
    ['subscribers', '--local', '-o', 'csv'],
    ['report', '--html', '-'],
    ['reconcile', '--all'],
    ['reconcile', '-o', 'json'],
    ['ledger', 'import'],
    ['ledger', 'import', '--dry-run', '-o', 'json'],
    ['ledger', 'info'],
    ['ledger', 'backup', join(newFolder(), 'copy.db')],
    ['ledger', 'create', '--ledger', 'dynamodb://ampmeter', '--print', 'policy'],
    ['doctor'],
    ['emulator', '--port', '0'],
    ['explain'],
    ['help', 'csv'],
    ['completion', 'bash'],
    ['--help'],
    ['ledger', 'prune', '--help'],
    ['--version'],
  ];
  for (const args of COMMANDS) {
    test(`ampmeter ${args.map(word => (word.startsWith('/') ? 'FILE' : word)).join(' ')} says so, with exit code 1`, async () => {
      const { code, stderr } = await lost(...args);
      assert.equal(code, 1, stderr);
      assert.equal(stderr.match(/standard output could not be written/g)?.length, 1, stderr);
    });
  }

  test('is an error of its own where scripts read', async () => {
    const { stderr } = await lost('history', '-o', 'json');
    const { type, code, exitCode, next } = JSON.parse(stderr);
    assert.deepEqual([type, code, exitCode], ['error', 'Output', 1]);
    assert.match(next, /run the same command again/);
    assert.match(
      (await lost(...METER)).stderr,
      /next: +free some space.*; then repeat the same call: ampmeter/,
    );
    const target = join(newFolder(), 'copy.db');
    assert.match((await lost('ledger', 'backup', target)).stderr, /next: +a copy that was made is complete/);
    assert.equal((await tool(['ledger', 'verify', '--ledger', target])).code, 0);
    for (const args of [
      ['batch', '--help'],
      ['batch', fileWith(row('dry')), '--dry-run'],
    ])
      assert.match(
        (await lost(...args)).stderr,
        /next: +free some space.*, and run the same command again: no record is billed twice$/m,
      );
    assert.doesNotMatch((await lost('ledger', 'backup', '--help')).stderr, /the copy is complete/);
  });

  test('leaves the code of a command that did nothing', async () => {
    const none = await lost('batch', fileWith(`${HEADER}\n`), '-o', 'json');
    assert.equal(none.code, 3, none.stderr);
    assert.equal((await lost('explain', 'no-such-name')).code, 2);
    assert.equal((await lost('history', '--ledger', join(newFolder(), 'no.db'))).code, 9);
  });

  test('ends a batch after its work: it is in the ledger, no monitor hears of it, and its hour is kept', async () => {
    const file = fileWith(UNTIMED);
    const heartbeat = join(newFolder(), 'beat.json');
    const count = emulator.records().length;
    const args = ['batch', file, '--timestamp', '-2h', '--heartbeat', heartbeat];
    const [ended, hours] = await hoursOf(2, () => lost(...args));
    assert.equal(ended.code, 1, ended.stderr);
    assert.equal(emulator.records().length, count + 1);
    assert.equal(existsSync(heartbeat), false);
    assert.match(ended.stderr, new RegExp(`to run this again.* use --timestamp (${hours.join('|')})`));
    const runs = JSON.parse((await tool(['history', '--runs', '-o', 'json'], { env })).stdout).runs;
    assert.equal(runs.at(-1).exitCode, 1);
    const later = await tool(args.with(3, '-1h'), { env });
    assert.equal(later.code, 0, later.stderr);
    assert.equal(
      emulator.records().length,
      count + 1,
      'the file keeps the hour of the run that could not say so',
    );
    assert.equal(existsSync(heartbeat), true);
  });
});
