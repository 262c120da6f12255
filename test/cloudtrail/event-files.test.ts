import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { eventsIn } from '../../src/cloudtrail/event-files.ts';
import { InputError } from '../../src/errors.ts';
import { nodeWorld } from '../../src/node-world.ts';

const ROOT = mkdtempSync(join(tmpdir(), 'ampmeter-'));
after(() => rmSync(ROOT, { recursive: true, force: true }));

const { signal } = new AbortController();
const { files } = nodeWorld(process, { stop: signal, stopCode: () => undefined, abandon: signal });

let folders = 0;

/** These files in a folder of their own; gives its path. */
const folderWith = (contents: Readonly<Record<string, string | Uint8Array>>): string => {
  folders += 1;
  const folder = join(ROOT, String(folders));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
};

const fileWith = (content: string | Uint8Array, name = 'events.json'): string =>
  join(folderWith({ [name]: content }), name);

const valuesIn = async (...paths: readonly string[]): Promise<unknown[]> => {
  const values: unknown[] = [];
  for await (const { value } of eventsIn(paths, files)) values.push(value);
  return values;
};

const A = { eventID: 'a', text: 'ü€\u{1f4be}' };
const B = { eventID: 'b' };
const RECORDS = JSON.stringify({ Records: [A, B] });

describe('a file of events', () => {
  const forms: readonly (readonly [
    what: string,
    content: string | Uint8Array,
    values: readonly unknown[],
  ])[] = [
    ['a log file', RECORDS, [A, B]],
    ['a log file as it is delivered', gzipSync(RECORDS), [A, B]],
    [
      'gzip in several parts',
      Buffer.concat([gzipSync(RECORDS.slice(0, 9)), gzipSync(RECORDS.slice(9))]),
      [A, B],
    ],
    ['an empty log file', '{"Records":[]}', []],
    ['a bare event', JSON.stringify(A), [A]],
    ['an indented event', JSON.stringify(A, null, 2), [A]],
    ['JSON Lines', `${JSON.stringify(A)}\n${JSON.stringify(B)}\n`, [A, B]],
    ['JSON Lines of Windows', `${JSON.stringify(A)}\r\n${JSON.stringify(B)}\r\n`, [A, B]],
    ['a list', JSON.stringify([A, B]), [A, B]],
    ['texts of events', JSON.stringify([JSON.stringify(A)]), [JSON.stringify(A)]],
    [
      'LookupEvents',
      JSON.stringify({ Events: [{ CloudTrailEvent: '{}' }], NextToken: 'n' }),
      [{ CloudTrailEvent: '{}' }],
    ],
    ['pages of LookupEvents', `{"Events":[{"a":1}]}\n{"Events":[{"a":2}]}`, [{ a: 1 }, { a: 2 }]],
    ['a byte order mark', `\ufeff${RECORDS}`, [A, B]],
  ];
  for (const [what, content, values] of forms) {
    test(`may be ${what}`, async () => {
      assert.deepEqual(await valuesIn(fileWith(content)), values);
    });
  }

  test('may be empty in a folder of others', async () => {
    assert.deepEqual(await valuesIn(folderWith({ 'a.json': '', 'b.log': '\n', 'c.json': RECORDS })), [A, B]);
  });

  const wrong: readonly (readonly [what: string, content: string | Uint8Array, message: RegExp])[] = [
    ['is empty', '', /is empty$/],
    ['has one byte', ' ', /is empty$/],
    ['is empty gzip', gzipSync(''), /is empty$/],
    ['breaks off', RECORDS.slice(0, -3), /is not valid JSON: after 1 event, it is incomplete/],
    ['breaks off in an event', RECORDS.slice(0, 30), /after 0 events, it is incomplete/],
    ['is no JSON', '<html></html>', /neither a JSON object nor a JSON list/],
    ['has a strange event', '{"Records":[{"a":1},{"b":}]}', /after 2 events|after 1 event/],
    ['is gzip that breaks off', gzipSync(RECORDS).subarray(0, 40), /is damaged: unexpected end of file/],
    ['is gzip of something else', gzipSync('no'), /neither JSON nor a CSV file with the column eventJson/],
    ['is damaged gzip', damaged(gzipSync(RECORDS)), /is damaged|is not valid JSON/],
    ['is no UTF-8', Buffer.from('{"a":"\xff\xfe"}', 'latin1'), /is damaged/],
    ['breaks off in a character', Buffer.from('{"a":"€').subarray(0, 8), /is damaged/],
  ];
  for (const [what, content, message] of wrong) {
    test(`is named when it ${what}`, async () => {
      const file = fileWith(content);
      await assert.rejects(valuesIn(file), (error: unknown) => {
        assert.ok(error instanceof InputError);
        assert.ok(error.message.startsWith(file), error.message);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('says which event has a member twice, and gives the others as they are', async () => {
    const texts = ['{"eventID":"a"}', '{"eventID":"b","eventID":"c"}', '{"a":[{"x":1,"x":2}]}'];
    const found: unknown[] = [];
    for await (const { place, duplicate } of eventsIn([fileWith(`{"Records":[${texts}]}`)], files))
      found.push([place, duplicate?.message]);
    assert.deepEqual(found, [
      [1, undefined],
      [2, 'the member "eventID" occurs twice'],
      [3, 'the member "x" occurs twice in a[0]'],
    ]);
  });

  test('that has its list of events twice is named', async () => {
    const file = fileWith('{"Records":[{"a":1}],"Records":[{"a":2}]}');
    await assert.rejects(
      valuesIn(file),
      (error: unknown) =>
        error instanceof InputError && error.message.startsWith(`${file}: the member "Records" occurs twice`),
    );
  });

  test('that is not there is named', async () => {
    await assert.rejects(valuesIn(join(ROOT, 'nothing.json')), /nothing\.json: file or folder not found/);
  });

  for (const zipped of [false, true]) {
    test(`is read in pieces, ${zipped ? 'zipped' : 'plain'}: it is never ahead of who takes its events`, async () => {
      const [pieces, inPiece] = [120, 50];
      let given = 0;
      // What does not repeat, so that the pieces stay large when they are zipped.
      const event = (): string => JSON.stringify({ eventID: Array.from({ length: 20 }, Math.random).join() });
      async function* bytes(): AsyncGenerator<Uint8Array> {
        for (let piece = 0; piece < pieces; piece += 1) {
          given += 1;
          const text = Array.from({ length: inPiece }, event).join('\n');
          yield zipped ? gzipSync(`${text}\n`) : Buffer.from(`${text}\n`);
        }
      }
      let count = 0;
      let ahead = 0;
      for await (const _ of eventsIn(['-'], { ...files, read: bytes })) {
        count += 1;
        ahead = Math.max(ahead, given - count / inPiece);
      }
      assert.equal(count, pieces * inPiece);
      assert.ok(ahead < 40, `${ahead} pieces of ${pieces}`);
    });
  }
});

function damaged(bytes: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[20] = (changed[20] ?? 0) ^ 0xff;
  changed[21] = (changed[21] ?? 0) ^ 0xff;
  return changed;
}

describe('a folder of events', () => {
  test('is read with all below it, in order, but for what is no event file', async () => {
    const event = (eventID: string): string => JSON.stringify({ Records: [{ eventID }] });
    const folder = folderWith({
      'AWSLogs/1/CloudTrail/us-east-1/2026/11/22/b.json.gz': gzipSync(event('2')),
      'AWSLogs/1/CloudTrail/us-east-1/2026/11/22/a.json.gz': gzipSync(event('1')),
      'AWSLogs/1/CloudTrail/us-west-2/2026/11/22/a.json': event('3'),
      'AWSLogs/1/CloudTrail/us-west-2/2026/11/23/a.jsonl': '{"eventID":"4"}\n',
      'AWSLogs/1/CloudTrail-Digest/us-east-1/2026/11/22/d.json.gz': gzipSync('{"logFiles":[]}'),
      'AWSLogs/1/CloudTrail-Insight/us-east-1/i.json': event('insight'),
      'AWSLogs/1/half.json.gz.part': 'half',
      'README.txt': 'no',
    });
    symlinkSync(folder, join(folder, 'AWSLogs', 'back'));
    writeFileSync(join(folder, '.DS_Store'), 'no');
    const leftOut: string[] = [];
    const values: unknown[] = [];
    for await (const { value } of eventsIn([folder], files, path => leftOut.push(path))) values.push(value);
    assert.deepEqual(
      values,
      ['1', '2', '3', '4'].map(eventID => ({ eventID })),
    );
    assert.deepEqual(
      leftOut,
      ['AWSLogs/1/half.json.gz.part', 'AWSLogs/back', 'README.txt'].map(name => join(folder, name)),
    );
  });

  test('without event files is named', async () => {
    const folder = folderWith({ 'README.txt': 'no' });
    await assert.rejects(valuesIn(folder), (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /has no event files/);
      return error.message.startsWith(folder);
    });
  });

  test('and files may be named together', async () => {
    assert.deepEqual(await valuesIn(folderWith({ 'a.json': '{"a":1}' }), fileWith('{"a":2}')), [
      { a: 1 },
      { a: 2 },
    ]);
  });
});
