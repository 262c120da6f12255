import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hourAgo, newFolder, tool, withEmulator } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';

/** The ledger is lost in the middle of an upload, and comes back from CloudTrail, in any trouble. */

const RECORDS = 500;
const PRODUCT = '4ml54db8vrmjuykaw1psroool';
const FAULTS = [
  'reset-before:0.1',
  'reset-after:0.15',
  'error500-after:0.1',
  'unprocessed:0.2@50%',
  'missing:0.1',
];

/** Every fifth row reports one more, where the file was changed. */
const usage = (isChanged: boolean): string =>
  [
    'timestamp,customer_aws_account_id,product_code,dimension,quantity',
    ...Array.from({ length: RECORDS }, (_, place) => {
      const quantity = 1 + place + (isChanged && place % 5 === 0 ? 1 : 0);
      return `${hourAgo(2 + (place % 3))},${111_122_220_001 + place},${PRODUCT},users,${quantity}`;
    }),
  ].join('\n');

type Billed = { readonly CustomerAWSAccountId: string; readonly Quantity: number };

const billedAt = async (url: string): Promise<Map<string, Billed[]>> => {
  const records = (await (await fetch(`${url}/_emulator/records`)).json()) as Billed[];
  return Map.groupBy(records, ({ CustomerAWSAccountId }) => CustomerAWSAccountId);
};

describe('a ledger that is lost in the middle of an upload', () => {
  for (const [seed, share] of (isFull ? [0.2, 0.5, 0.8] : [0.5]).entries()) {
    test(`after ${share * 100} % of it: nothing is billed twice, and nothing wrong`, async () => {
      const folder = newFolder();
      const [file, ledger] = [join(folder, 'usage.csv'), join(folder, 'ledger.db')];
      writeFileSync(file, usage(false));
      await withEmulator(
        async (emulator, env) => {
          const args = ['batch', file, '--ledger', ledger, '--rate', 'none', '--no-rejects', '-o', 'json'];
          const enough = async (): Promise<void> => {
            while ((await billedAt(emulator.url)).size < RECORDS * share);
          };
          const killed = await tool([...args, '--concurrency', '1'], {
            env,
            stop: { when: enough(), signal: 'SIGKILL' },
          });
          assert.equal(killed.code, null, 'it ended before it was killed');
          const before = await billedAt(emulator.url);
          for (const name of [ledger, `${ledger}-wal`, `${ledger}-shm`]) rmSync(name, { force: true });

          writeFileSync(file, usage(true));
          const imported = await tool(['ledger', 'import', '--ledger', ledger, '-o', 'json'], { env });
          assert.ok([0, 5].includes(imported.code ?? -1), imported.stderr);
          const { summary } = JSON.parse(imported.stdout);
          assert.ok(summary.added > 0 && summary.added <= before.size, `${summary.added} of ${before.size}`);

          let ended = await tool(args, { env });
          for (let again = 0; again < 5 && ended.code === 5; again += 1) ended = await tool(args, { env });
          const result = JSON.parse(ended.stdout);
          const after = await billedAt(emulator.url);
          assert.equal(after.size, RECORDS);
          for (const [account, records] of after) {
            assert.equal(records.length, 1, `${account} is billed twice`);
            const first = before.get(account)?.[0];
            if (first !== undefined)
              assert.equal(records[0]?.Quantity, first.Quantity, `${account} was changed`);
          }
          // What was billed and changed since is a conflict, or AWS has said so where no event shows the reply.
          const changedBefore = [...before.keys()].filter(
            account => (Number(account) - 111_122_220_001) % 5 === 0,
          ).length;
          const { conflict, duplicate, accepted, alreadyRecorded } = result.summary;
          assert.equal(conflict + duplicate, changedBefore, ended.stderr);
          assert.equal(accepted + alreadyRecorded, RECORDS - changedBefore, ended.stderr);
          assert.equal(ended.code, changedBefore > 0 ? 4 : 0);
        },
        { faults: FAULTS, seed },
      );
    });
  }
});
