import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnStream, numbered, rejectsName, streamName } from '../../src/files/names.ts';

const NAMES: readonly (readonly [input: string, rejects: string])[] = [
  ['usage.csv', 'usage.rejected.csv'],
  ['usage', 'usage.rejected.csv'],
  ['usage.tsv', 'usage.rejected.tsv'],
  ['usage.tsv.gz', 'usage.rejected.tsv'],
  ['usage.rejected.2.tsv', 'usage.rejected.tsv'],
  ['usage.csv.gz', 'usage.rejected.csv'],
  ['usage.json', 'usage.rejected.csv'],
  ['a.b/usage.CSV', 'a.b/usage.rejected.csv'],
  ['usage.rejected.csv', 'usage.rejected.csv'],
  ['usage.rejected.12.csv', 'usage.rejected.csv'],
  ['usage.rejected.old.csv', 'usage.rejected.old.rejected.csv'],
  ['rejected.2.csv', 'rejected.2.rejected.csv'],
];

test('the rejects of a file have its name, those of rejects the name of the first file', () => {
  for (const [input, rejects] of NAMES) assert.equal(rejectsName(input, 'csv'), rejects);
  assert.equal(rejectsName('usage.csv.gz', 'csv'), 'usage.rejected.csv');
  assert.equal(rejectsName('usage.json', 'json'), 'usage.rejected.jsonl');
  assert.equal(rejectsName('usage.json.gz', 'json'), 'usage.rejected.jsonl');
  assert.equal(rejectsName('usage.rejected.2.ndjson', 'jsonl'), 'usage.rejected.jsonl');
});

const NUMBERED: readonly (readonly [path: string, second: string, third: string])[] = [
  ['usage.rejected.csv', 'usage.rejected.2.csv', 'usage.rejected.3.csv'],
  ['usage.rejected.2.csv', 'usage.rejected.2.csv', 'usage.rejected.3.csv'],
  ['bad.jsonl', 'bad.2.jsonl', 'bad.3.jsonl'],
  ['a.csv/bad', 'a.csv/bad.2', 'a.csv/bad.3'],
  ['tmp.Xy12', 'tmp.Xy12.2', 'tmp.Xy12.3'],
];

test('a name that is taken gets a number before its ending', () => {
  for (const [path, second, third] of NUMBERED) {
    const names = numbered(path);
    for (const name of [path, second, third]) assert.equal(names.next().value, name);
  }
});

test('a stream has the name of its pipe, or none of its own', () => {
  const names = {
    '<stdin>': 'stdin',
    '/dev/stdin': 'stdin',
    '/dev/fd/63': 'pipe',
    '/proc/self/fd/3': 'pipe',
  };
  for (const [stream, name] of Object.entries(names)) assert.equal(streamName(stream), name);
  assert.equal(streamName('/run/feed.csv'), 'feed.csv');
  assert.equal(isOwnStream('/dev/shm/usage.csv'), false);
});
