import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, newFolder } from '../helpers/tool.ts';

const newLedger = (): string => join(newFolder(), 'ledger.db');

const importInto = async (ledger: string, ...args: string[]) => {
  const ended = await tool(['ledger', 'import', '--ledger', ledger, '-o', 'json', ...args]);
  return { ...ended, document: JSON.parse(ended.stdout || 'null') };
};

describe('events that do not show everything', () => {
  const cut = { reason: 'too large', omitted: true, originalSize: 1 };
  const event = (different: object): string =>
    JSON.stringify({
      eventID: 'e',
      eventTime: '2026-11-22T10:00:00Z',
      eventSource: 'metering-marketplace.amazonaws.com',
      eventName: 'BatchMeterUsage',
      awsRegion: 'us-east-1',
      requestParameters: {
        productCode: 'p',
        usageRecords: [
          { dimension: 'd', customerAWSAccountId: '111122223333', timestamp: 1_795_334_400, quantity: 3 },
        ],
      },
      ...different,
    });

  for (const [what, different, unproven, unjudged] of [
    ['the reply', { responseElements: cut }, 1, 0],
    ['anything', { responseElements: cut, requestParameters: cut }, 0, 1],
  ] as const) {
    test(`add nothing, and end with 5, when ${what} is truncated`, async () => {
      const ledger = newLedger();
      const file = fileWith(event(different), 'event.json');
      const { code, document } = await importInto(ledger, '--cloudtrail', file);
      assert.equal(code, 5);
      assert.deepEqual(
        [document.summary.added, document.summary.unproven, document.summary.unjudged],
        [0, unproven, unjudged],
      );
      const shown = await tool(['ledger', 'import', '--ledger', ledger, '--cloudtrail', file]);
      assert.match(shown.stderr, /CloudTrail omitted responseElements: too large/);
    });
  }

  for (const [what, status, quantity, note] of [
    ['a status of tomorrow', 'SuccessTomorrow', 3, /the meaning of the status SuccessTomorrow is not known/],
    ['a quantity that no ledger can keep', 'Success', 3_000_000_000, /its quantity is more than 2147483647/],
  ] as const) {
    test(`are listed, and end with 5, with ${what}`, async () => {
      const usageRecord = {
        dimension: 'd',
        customerAWSAccountId: '111122223333',
        timestamp: 1_795_334_400,
        quantity,
      };
      const shown = {
        requestParameters: { productCode: 'p', usageRecords: [usageRecord] },
        responseElements: { results: [{ usageRecord, status, meteringRecordId: 'i' }] },
      };
      const file = fileWith(event(shown), 'event.json');
      const { code, document } = await importInto(newLedger(), '--cloudtrail', file);
      assert.deepEqual([code, document.summary.added, document.summary.unproven], [5, 0, 1]);
      assert.match(document.open[0].note, note);
    });
  }

  test('that are no events at all are an error, and no ledger is made', async () => {
    const ledger = newLedger();
    const { code, stderr } = await importInto(ledger, '--cloudtrail', fileWith('{"a":1}', 'a.json'));
    assert.equal(code, 3);
    assert.match(stderr, /contain no CloudTrail events/);
    assert.ok(!existsSync(ledger));
  });

  test('a time before all events adds nothing', async () => {
    const file = fileWith(event({ responseElements: { results: [] } }), 'event.json');
    const { code, document } = await importInto(
      newLedger(),
      '--cloudtrail',
      file,
      '--since',
      '2026-11-23',
      '--until',
      '2026-11-24',
    );
    assert.deepEqual([code, document.summary.added], [0, 0]);
    const wrong = await importInto(newLedger(), '--since', '-91d');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /history goes back 90 days/);
  });
});
