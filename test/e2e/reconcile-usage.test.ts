import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const PRODUCT = '4ml54db8vrmjuykaw1psroool';
const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity,tag:Dept';

const row = (account: number, quantity: number, tag = ''): string =>
  `${hourAgo(3)},${111_122_220_000 + account},${PRODUCT},users,${quantity},${tag}`;

const csv = (...rows: readonly string[]): string => fileWith([HEADER, ...rows].join('\n'));

const SENT = [row(1, 5), row(2, 6, 'IT'), row(2, 4, 'HR'), row(3, 7)];

describe('reconcile without a ledger', () => {
  const [cloudTrail, home] = [newFolder(), newFolder()];
  let env: Readonly<Record<string, string>> = {};

  before(async () => {
    env = await withEmulator(
      async (_, there) => {
        const sent = await tool(['batch', csv(...SENT), '--no-ledger', '-q'], { env: there });
        assert.equal(sent.code, 0, sent.stderr);
        const asked = await tool(['reconcile', '--usage', csv(...SENT), '-o', 'json'], {
          env: { ...there, XDG_STATE_HOME: home },
        });
        assert.equal(JSON.parse(asked.stdout).summary.agreed, 3, asked.stderr);
        return { ...there, XDG_STATE_HOME: home };
      },
      { cloudTrail },
    );
  });

  const compare = async (...args: readonly string[]) => {
    const ended = await tool(['reconcile', '--cloudtrail', cloudTrail, '-o', 'json', ...args], { env });
    return { ...ended, document: JSON.parse(ended.stdout || 'null') };
  };

  test('agrees with what was sent, and makes no ledger', async () => {
    const { code, document } = await compare('--usage', csv(...SENT));
    assert.equal(code, 0);
    assert.deepEqual([document.summary.agreed, document.summary.ledgerRecords], [3, 3]);
    assert.ok(!existsSync(join(home, 'ampmeter')));
  });

  test('finds what AWS lacks, what it has otherwise, what it has besides, and other tags', async () => {
    const { code, document } = await compare(
      '--usage',
      csv(row(1, 9), row(2, 6, 'IT'), row(2, 4, 'Ops'), row(4, 1)),
    );
    assert.equal(code, 4);
    const kinds = document.differences.map((one: { kind: string; CustomerAWSAccountId: string }) => [
      one.CustomerAWSAccountId,
      one.kind,
    ]);
    assert.deepEqual(kinds, [
      ['111122220001', 'different-quantity'],
      ['111122220002', 'different-allocations'],
      ['111122220003', 'cloudtrail-only'],
      ['111122220004', 'ledger-only'],
    ]);
    assert.equal(document.summary.differentAllocations, 1);
  });

  test('reads several files as one', async () => {
    const { code, document } = await compare(
      '--usage',
      csv(row(1, 5), row(3, 7)),
      csv(row(2, 6, 'IT'), row(2, 4, 'HR')),
    );
    assert.deepEqual([code, document.summary.agreed], [0, 3]);
  });

  test('names the rows of a file that cannot be usage, and compares nothing', async () => {
    const { code, stdout, stderr } = await compare('--usage', csv(row(1, 5), row(3, -7)));
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /"type":"problem".*"line":3/);
    assert.match(stderr, /"1 of 2 rows is invalid; nothing was compared/);
  });

  test('has a table that says what the file reports', async () => {
    const { code, stdout } = await tool(
      [
        'reconcile',
        '--cloudtrail',
        cloudTrail,
        '--usage',
        csv(row(1, 9), row(2, 6, 'IT'), row(2, 4, 'HR'), row(3, 7)),
      ],
      { env },
    );
    assert.equal(code, 4);
    assert.match(stdout, /different-quantity .* 9 +5 Success/);
  });

  test('names ledger import where there is neither a ledger nor a file', async () => {
    const { code, stderr } = await compare();
    assert.equal(code, 9);
    assert.match(stderr, /ampmeter ledger import/);
  });
});
