import assert from 'node:assert/strict';
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { takeLock } from '../../src/ledger/lock.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import { keyText } from '../../src/usage/key.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';
import { testWorld } from '../helpers/world.ts';

type Env = Readonly<Record<string, string>>;

const LICENSE = 'arn:aws:license-manager::123456789012:license:l-';
const PRODUCT = '4ml54db8vrmjuykaw1psroool';
const HEADER =
  'timestamp,customer_aws_account_id,license_arn,customer_identifier,product_code,dimension,quantity,tag:Dept';

/** Records of three modes, some with tags, in two hours; the quantity of each grows by this. */
const usage = (records: number, more = 0): string =>
  [
    HEADER,
    ...Array.from({ length: records }, (_, place) => {
      const account = String(111_122_220_001 + place);
      const [hour, quantity] = [hourAgo(2 + (place % 2)), 1 + (place % 7) + more];
      const tag = place % 4 === 0 ? 'IT' : '';
      if (place % 3 === 0) return `${hour},${account},${LICENSE}${place},,,users,${quantity},${tag}`;
      if (place % 3 === 1) return `${hour},${account},,,${PRODUCT},users,${quantity},${tag}`;
      return `${hour},,,customer-${place},${PRODUCT},gb,${quantity},${tag}`;
    }),
  ].join('\n');

const newLedger = (): string => join(newFolder(), 'ledger.db');

const batch = async (env: Env, ledger: string, text: string, code: number, ...args: string[]) => {
  const ended = await tool(
    ['batch', fileWith(text), '--ledger', ledger, '--rate', 'none', '--no-rejects', '-o', 'json', ...args],
    { env },
  );
  assert.equal(ended.code, code, ended.stderr);
  return JSON.parse(ended.stdout).summary as Record<string, number>;
};

const importInto = async (env: Env, ledger: string, ...args: string[]) => {
  const ended = await tool(['ledger', 'import', '--ledger', ledger, '-o', 'json', ...args], { env });
  return { ...ended, document: JSON.parse(ended.stdout || 'null') };
};

/** What AWS recognizes each record by, and what it said about it. */
const recordsOf = (ledger: string): string[] => {
  const reader = LedgerReader.open(ledger, new Date());
  try {
    return [...reader.records({})]
      .map(({ record, outcome, region, endpoint }) =>
        JSON.stringify([
          endpoint,
          region,
          keyText(record),
          record.quantity,
          record.usageAllocations ?? null,
          outcome.status,
          outcome.meteringRecordId ?? null,
        ]),
      )
      .sort();
  } finally {
    reader[Symbol.dispose]();
  }
};

describe('a ledger that was lost', () => {
  test('comes back record by record from LookupEvents, and from the files of a trail', async () => {
    const [lost, again, fromFiles, cloudTrail] = [newLedger(), newLedger(), newLedger(), newFolder()];
    const env = await withEmulator(
      async (_, there) => {
        assert.equal((await batch(there, lost, usage(300), 0))['accepted'], 300);
        const dry = await importInto(there, again, '--dry-run');
        assert.deepEqual([dry.code, dry.document.summary.added], [0, 300], dry.stderr);
        assert.ok(!existsSync(again), 'a dry run creates nothing');
        const { code, document } = await importInto(there, again);
        assert.deepEqual([code, document.summary.added, document.summary.present], [0, 300, 0]);
        assert.deepEqual(recordsOf(again), recordsOf(lost));

        // It changes nothing, and the next runs go on as if the ledger had always been there.
        const twice = await importInto(there, again);
        assert.deepEqual(
          [twice.code, twice.document.summary.added, twice.document.summary.present],
          [0, 0, 300],
        );
        const same = await batch(there, again, usage(300), 0);
        assert.deepEqual([same['alreadyRecorded'], same['requests']], [300, 0]);
        const changed = await batch(there, again, usage(300, 1), 4);
        assert.deepEqual([changed['conflict'], changed['requests']], [300, 0]);
        const found = await tool(['reconcile', '--ledger', again, '-o', 'json'], { env: there });
        assert.deepEqual([found.code, JSON.parse(found.stdout).summary.agreed], [0, 300]);
        const history = await tool(['history', '--ledger', again, '-o', 'json'], { env: there });
        assert.match(
          JSON.parse(history.stdout).records[0].sentBy,
          /^arn:aws:iam::\d+:user\/\S+ 127\.0\.0\.1 /,
        );
        return there;
      },
      { cloudTrail },
    );
    const { code, document } = await importInto(env, fromFiles, '--cloudtrail', cloudTrail);
    assert.deepEqual([code, document.summary.added, document.summary.since], [0, 300, null]);
    assert.deepEqual(recordsOf(fromFiles), recordsOf(lost));
  });

  test('through all kinds of trouble, too: what AWS billed is in it, once', async () => {
    const [lost, again] = [newLedger(), newLedger()];
    await withEmulator(
      async (_, env) => {
        await batch(env, lost, usage(200), 0);
        const { code, document } = await importInto(env, again);
        assert.equal(code, 0, JSON.stringify(document));
        assert.deepEqual(
          recordsOf(again).map(text => JSON.parse(text).slice(0, 5)),
          recordsOf(lost).map(text => JSON.parse(text).slice(0, 5)),
        );
      },
      {
        faults: [
          'reset-after:0.2',
          'error500-after:0.1',
          'unprocessed:0.2@50%',
          'missing:0.1',
          'reorder:0.3',
        ],
      },
    );
  });
});

describe('a ledger with records of its own', () => {
  test('keeps them where they contradict, and gets what it lacks', async () => {
    await withEmulator(async (_, env) => {
      const [theirs, mine] = [newLedger(), newLedger()];
      await batch(env, theirs, usage(30), 0);
      // Half of it was sent by this ledger, with another quantity for one record.
      copyFileSync(theirs, mine);
      const db = new DatabaseSync(mine);
      db.exec("DROP TRIGGER what_may_be_billed_is_frozen; DELETE FROM record WHERE mode = 'customer'");
      const [schema] = new DatabaseSync(theirs)
        .prepare(
          "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'what_may_be_billed_is_frozen'",
        )
        .all();
      db.exec("UPDATE record SET quantity = 99, allocations = NULL WHERE customer = '111122220001'");
      db.exec(
        "UPDATE record SET status = 'unknown', metering_record_id = NULL WHERE customer = '111122220002'",
      );
      db.exec(String(schema?.['sql']));
      db.close();
      const before = recordsOf(mine);
      const dry = await importInto(env, mine, '--dry-run');
      assert.deepEqual(recordsOf(mine), before);
      const { code, document } = await importInto(env, mine);
      assert.deepEqual(dry.document.differences, document.differences);
      assert.equal(code, 4);
      const { added, present, settled, contradicting } = document.summary;
      assert.deepEqual([added, present, settled, contradicting], [10, 20, 1, 1]);
      assert.deepEqual(
        document.differences.map((one: { kind: string; ledger: { Quantity: number } }) => [
          one.kind,
          one.ledger.Quantity,
        ]),
        [['different-quantity', 99]],
      );
      assert.ok(recordsOf(mine).some(text => text.includes('111122220001') && text.includes(',99,')));
      const settledNow = recordsOf(mine).filter(text => text.includes('111122220002'));
      assert.match(settledNow[0] ?? '', /"accepted"/);
      const shown = await tool(['ledger', 'import', '--ledger', mine], { env });
      assert.equal(shown.code, 4);
      assert.match(shown.stdout, /✗ different-quantity .* 99 accepted +1 Success/);
      assert.match(shown.stdout, /contradicting +1 record, not changed/);
      assert.match(shown.stderr, /for what to do, run: ampmeter explain different-quantity/);
      assert.equal((await tool(['explain', 'different-quantity'])).code, 0);
    });
  });

  test('is not written to while a run is in progress', async () => {
    await withEmulator(async (_, env) => {
      const ledger = newLedger();
      await batch(env, ledger, usage(3), 0);
      const lock = await takeLock(ledger, 0, testWorld());
      assert.equal((await importInto(env, ledger)).code, 8);
      assert.equal((await importInto(env, ledger, '--dry-run')).code, 0);
      lock.release();
    });
  });
});

describe('a ledger that does not know what another one has billed', () => {
  const ADVICE =
    /AWS has other quantities, and this ledger is new: .* ampmeter ledger import adds what it billed/;

  test('is advised to import once AWS has other quantities, and then has none of its own', async () => {
    await withEmulator(async (_, env) => {
      const [theirs, mine] = [newLedger(), newLedger()];
      const send = (ledger: string, more: number) =>
        tool(['batch', fileWith(usage(4, more)), '--ledger', ledger, '--no-rejects'], { env });
      const first = await send(theirs, 0);
      assert.doesNotMatch(first.stderr, ADVICE);
      const beaten = await send(mine, 1);
      assert.equal(beaten.code, 4);
      assert.match(beaten.stderr, ADVICE);
      assert.doesNotMatch((await send(mine, 1)).stderr, ADVICE, 'only the first run of a ledger is new');

      // With an import first, nothing is sent that AWS would reject.
      const imported = newLedger();
      assert.equal((await importInto(env, imported)).code, 0);
      const after = await send(imported, 1);
      assert.doesNotMatch(after.stderr, /this ledger is new/);
      assert.match(after.stderr, /conflict +4/);
    });
  });

  test('doctor advises it as long as there is no record', async () => {
    await withEmulator(async (_, env) => {
      const ledger = newLedger();
      const saidOf = async (): Promise<string> => {
        const { stdout } = await tool(['doctor', '--ledger', ledger, '-o', 'json'], { env });
        const checks: { check: string; says: string }[] = JSON.parse(stdout).checks;
        return checks.find(({ check }) => check === 'ledger')?.says ?? '';
      };
      const advice = /if usage was billed before with another tool .*, run ampmeter ledger import first/;
      assert.match(await saidOf(), advice);
      assert.ok(!existsSync(ledger));
      await batch(env, ledger, usage(1), 0);
      assert.doesNotMatch(await saidOf(), advice);
    });
  });
});

test('a file that is not a ledger is left alone', async () => {
  const ledger = newLedger();
  writeFileSync(ledger, 'precious');
  const { code } = await importInto({}, ledger, '--cloudtrail', fileWith('[]', 'a.json'));
  assert.equal(code, 9);
  rmSync(ledger);
});
