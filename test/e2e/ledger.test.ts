import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fileWith, newFolder, tool, withEmulator } from '../helpers/tool.ts';

const hour = (ago: number): string => {
  const start = Math.floor(Date.now() / 3_600_000 - ago) * 3_600_000;
  return new Date(start).toISOString();
};

const usage = (ago: number): string =>
  fileWith(
    `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${hour(ago)},123456789012,p,users,3\n`,
  );

test('the ledger is told of, verified, copied and pruned', async () => {
  const ledger = join(newFolder(), 'ledger.db');
  const care = (...args: string[]) => tool(['ledger', ...args, '--ledger', ledger, '-o', 'json']);
  await withEmulator(async (_, env) => {
    assert.equal((await tool(['batch', usage(2), '--ledger', ledger], { env })).code, 0);
  });
  const info = JSON.parse((await care('info')).stdout);
  assert.equal(info.records, 1);
  assert.deepEqual(info.states, { accepted: 1 });
  assert.match(info.destinations[0].endpoint, /^http:\/\/127/);

  assert.deepEqual(await care('verify'), {
    code: 0,
    stdout: `${JSON.stringify({ ledger, problems: [] }, null, 2)}\n`,
    stderr: '',
  });
  assert.equal((await care('backup', `${ledger}.copy`)).code, 0);
  assert.equal(existsSync(`${ledger}.copy`), true);
  assert.equal((await care('backup', `${ledger}.copy`)).code, 1);

  const soon = await care('prune', '--before', 'now');
  assert.equal(soon.code, 2);
  assert.match(soon.stderr, /AWS still takes usage for/);
  const day = JSON.parse((await care('prune', '--before', '2026-01-02')).stdout);
  assert.equal(day.before, '2026-01-02T00:00:00.000Z');
  const nothing = JSON.parse((await care('prune', '--before', '-25h')).stdout);
  assert.deepEqual([nothing.records, nothing.open], [0, 0]);

  const db = new DatabaseSync(ledger);
  db.exec('UPDATE record SET timestamp = timestamp - 172800');
  db.close();
  assert.equal(JSON.parse((await care('prune', '--before', '-25h', '--dry-run')).stdout).records, 1);
  assert.equal(JSON.parse((await care('prune', '--before', '-25h')).stdout).records, 1);
  assert.equal(JSON.parse((await care('info')).stdout).records, 0);
});

test('what is wrong ends with exit code 9, and says what', async () => {
  const ledger = join(newFolder(), 'ledger.db');
  assert.equal((await tool(['ledger', 'info', '--ledger', ledger])).code, 9);
  assert.equal(existsSync(ledger), false);
  assert.equal((await tool(['ledger', 'prune', '--before', '-90d', '--ledger', ledger])).code, 9);
  await withEmulator(async (_, env) => {
    await tool(['batch', usage(2), '--ledger', ledger], { env });
  });
  const db = new DatabaseSync(ledger);
  db.exec("UPDATE record SET status = 'billed'");
  db.close();
  const { code, stderr } = await tool(['ledger', 'verify', '--ledger', ledger]);
  assert.equal(code, 9);
  assert.match(stderr, /a status that does not exist/);
});

test('without an action the help says which there are', async () => {
  const { code, stderr } = await tool(['ledger']);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /info.*verify.*backup.*prune.*error: ledger needs one of its commands: info, verify, backup, prune/s,
  );
});
