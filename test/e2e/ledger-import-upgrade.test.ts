import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { APPLICATION_ID, MIGRATIONS } from '../../src/ledger/schema.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, newFolder } from '../helpers/tool.ts';

const HOUR = 1_795_341_600;
const PRODUCT = '4ml54db8vrmjuykaw1psroool';

/** An event with these dimensions, each with its quantity and its id. */
const eventOf = (...records: readonly (readonly [string, number, string])[]): string => {
  const usage = records.map(([dimension, quantity, meteringRecordId]) => ({
    usageRecord: { dimension, customerAWSAccountId: '123456789012', timestamp: HOUR, quantity },
    meteringRecordId,
    status: 'Success',
  }));
  const event = {
    eventID: 'e',
    eventTime: '2026-11-22T10:30:00Z',
    eventSource: 'metering-marketplace.amazonaws.com',
    eventName: 'BatchMeterUsage',
    awsRegion: 'us-east-1',
    requestParameters: { productCode: PRODUCT, usageRecords: usage.map(({ usageRecord }) => usageRecord) },
    responseElements: { results: usage, unprocessedRecords: [] },
  };
  return fileWith(JSON.stringify(event), 'event.json');
};

const versionOne = (path: string): void => {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1; ${MIGRATIONS[0]};
    INSERT INTO destination VALUES (1, 'https://metering.marketplace.us-east-1.amazonaws.com/', 'us-east-1');
    INSERT INTO file VALUES (1, 'old.csv');
    INSERT INTO run (id, destination, started, version, files, unsettled)
      VALUES (1, 1, '2026-11-22T10:00:00.000Z', '1.0.0', '["old.csv"]', 0);
    INSERT INTO record (destination, timestamp, customer, dimension, mode, offering, quantity, status, run, seen, file, line,
        metering_record_id)
      VALUES (1, ${HOUR}, '123456789012', 'accepted', 'account', '${PRODUCT}', 10, 'accepted', 1, 1, 1, 2, 'id-1')`);
  db.close();
};

const versionTwo = (path: string): void =>
  copyFileSync(new URL('../fixtures/ledger/version-2.db', import.meta.url), path);

describe('an import into the ledger of an earlier version', () => {
  for (const [version, make] of [
    [1, versionOne],
    [2, versionTwo],
  ] as const) {
    test(`upgrades version ${version}, keeps a copy of it, and adds what it lacks`, async () => {
      const ledger = join(newFolder(), 'ledger.db');
      make(ledger);
      const before = readFileSync(ledger);
      const trail = eventOf(['accepted', 10, 'id-1'], ['new', 4, 'id-new']);
      const args = ['ledger', 'import', '--ledger', ledger, '--cloudtrail', trail, '-o', 'json'];
      const dry = await tool([...args, '--dry-run']);
      assert.equal(dry.code, 9, dry.stdout);
      assert.match(dry.stderr, /written by an earlier version.*ampmeter ledger import/);
      assert.deepEqual(readFileSync(ledger), before, 'a dry run changes nothing');

      const { code, stdout, stderr } = await tool(args);
      assert.equal(code, 0, stderr);
      const { added, present, contradicting } = JSON.parse(stdout).summary;
      assert.deepEqual([added, present, contradicting], [1, 1, 0]);
      assert.ok(existsSync(`${ledger}.v${version}`));
      const again = await tool(args);
      assert.deepEqual([again.code, JSON.parse(again.stdout).summary.added], [0, 0]);
      const shown = await tool(['history', '--ledger', ledger, '--dimension', 'new', '-o', 'json']);
      assert.equal(JSON.parse(shown.stdout).records[0].MeteringRecordId, 'id-new');
    });
  }

  test('initializes an empty file', async () => {
    const ledger = join(newFolder(), 'ledger.db');
    writeFileSync(ledger, '');
    const args = ['--ledger', ledger, '--cloudtrail', eventOf(['new', 4, 'id-new']), '-o', 'json'];
    const { code, stdout, stderr } = await tool(['ledger', 'import', ...args]);
    assert.deepEqual([code, JSON.parse(stdout).summary.added], [0, 1], stderr);
  });
});
