import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { eventsIn } from '../../src/cloudtrail/event-files.ts';
import { type ReadEvent, readEvent } from '../../src/cloudtrail/read-event.ts';
import { createRowSplitter } from '../../src/cloudtrail/split-csv.ts';
import { InputError } from '../../src/errors.ts';
import { PUBLISHED } from './published.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/cloudtrail');

async function* oneByOne(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What the events of these bytes mean, in pieces of this size. */
const read = async (content: string | Uint8Array, size = 65_536): Promise<ReadEvent[]> => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const found: ReadEvent[] = [];
  const files = {
    read: () => oneByOne(bytes, size),
    stat: async () => undefined,
    list: async () => [],
  };
  for await (const { value } of eventsIn(['-'], files)) found.push(readEvent(value));
  return found;
};

/** Each has AWS's published event, then a MeterUsage. */
const SOURCES = [
  /** CloudTrail Lake, `SELECT eventID, eventJson`, as saved to S3. */
  'lake-query.csv',
  /** The same by `aws cloudtrail get-query-results`. */
  'lake-query.json',
  /** `SELECT *` over the table in Athena's guide, "Create a table for CloudTrail logs". */
  'athena.csv',
  /** A log group exported to S3. */
  'logs-export.log',
  /** `aws logs tail`: with the stream; one event is indented, as with `--format json`. */
  'logs-tail.log',
  /** Events of EventBridge, "AWS API Call via CloudTrail". */
  'eventbridge.jsonl',
];

describe('a source of events', () => {
  for (const name of SOURCES) {
    const bytes = readFileSync(join(FIXTURES, name));
    const expected = [readEvent(PUBLISHED), { kind: 'other-call', name: 'MeterUsage' }];
    test(`may be ${name}`, async () => assert.deepEqual(await read(bytes), expected));
    test(`may be ${name}, however its bytes arrive`, async () => {
      assert.deepEqual(await read(bytes, 7), expected);
      assert.deepEqual(await read(gzipSync(bytes), 11), expected);
    });
    test(`may be ${name} with line breaks of Windows`, async () => {
      assert.deepEqual(await read(bytes.toString().replaceAll('\n', '\r\n')), expected);
    });
  }

  test('hides its records if Athena or Lake wrote them as a map', async () => {
    const map = '{productCode=p, usageRecords=[{dimension=d}]}';
    const header = 'eventid,eventtime,eventsource,eventname,awsregion,requestparameters,responseelements';
    const row = `e,2026-11-22 08:00:00.000,metering-marketplace.amazonaws.com,BatchMeterUsage,us-east-1,"${map}","${map}"`;
    const [found] = await read(`${header}\n${row}\n`);
    assert.equal(found?.kind, 'batch');
    assert.equal(found.event.hides, true);
    assert.match(found.event.incomplete ?? '', /requestParameters cannot be read: it is not JSON/);
    assert.equal(found.event.at, Date.UTC(2026, 10, 22, 8) / 1000);
  });

  test('that is a query without the event itself is a call whose records are unknown', async () => {
    const columns = 'eventJson,eventSource,eventName,eventTime,awsRegion';
    const rest = 'metering-marketplace.amazonaws.com,BatchMeterUsage,2026-11-22T08:00:00Z,us-east-1';
    assert.deepEqual(
      (await read(`${columns}\n,${rest}\n"{broken",${rest}\n`)).map(({ kind }) => kind),
      ['no-event', 'no-event'],
    );
    const [row] = await read(
      JSON.stringify([
        [{ eventJson: '{broken' }, { eventSource: rest.split(',')[0] }, { eventName: 'BatchMeterUsage' }],
      ]),
    );
    assert.equal(row?.kind === 'batch' && row.event.incomplete, 'its eventJson cannot be read');
  });

  const wrong: readonly (readonly [what: string, content: string, message: RegExp])[] = [
    [
      'another table',
      'name,quantity\na,1\n',
      /^standard input is not valid CSV: after 0 events, it is neither JSON nor a CSV file with the column eventJson/,
    ],
    ['a row too short', 'eventID,eventJson\nx\n', /a row has 1 cell, and the header has 2/],
    ['a quote that is not closed', 'eventJson\n"{}\n', /a quote is never closed/],
    ['a quote within a cell', 'eventJson\n{"a":1}\n', /a quote in the middle of a cell/],
    ['log lines without a time', '17 {"a":1}\n', /a line has neither an event nor a time and an event/],
    [
      'a log line without an event',
      '2026-11-22T08:00:00Z START\n',
      /a line has neither an event nor a time and an event/,
    ],
    ['a log line that breaks off', '2026-11-22T08:00:00Z {"a":1', /it is incomplete/],
    ['nothing', '', /^standard input is empty$/],
    ['nothing but blanks', '\n \n', /^standard input is empty$/],
    ['a time alone', '2026-11-22T08:00:00Z ', /a line has neither an event nor a time and an event/],
  ];
  for (const [what, content, message] of wrong) {
    test(`is named when it is ${what}`, async () => {
      await assert.rejects(read(content), (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('keeps its other events when a cell is no event', async () => {
    const kinds = (
      await read('eventJson\nnull\n"{""eventSource"":""s3.amazonaws.com"",""eventName"":""x""}"\n')
    ).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['no-event', 'unrelated']);
  });
});

describe('rows of CSV', () => {
  test('have their cells, wherever the text is cut', () => {
    const text = 'a,"b ""c"", d","e\r\nf"\r\n\n,\n"",x,\r"last"';
    const expected = [['a', 'b "c", d', 'e\r\nf'], ['', ''], ['', 'x', ''], ['last']];
    for (const size of [1, 2, 3, 5, 100]) {
      const splitter = createRowSplitter(1_000);
      const found: string[][] = [];
      for (let at = 0; at < text.length; at += size) found.push(...splitter.write(text.slice(at, at + size)));
      assert.deepEqual([...found, ...splitter.end()], expected, `pieces of ${size}`);
    }
  });

  test('may not be too long', () => {
    assert.throws(() => createRowSplitter(10).write('"aaaaaaaaaaaa'), /a row is longer than 10 characters/);
  });
});
