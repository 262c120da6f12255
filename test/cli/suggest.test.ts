import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guessNames } from '../../src/cli/suggest.ts';

const NAMES = [
  'batch',
  'windows',
  'exit-codes',
  'ThrottlingException',
  'InvalidTagException',
  'InvalidTokenException',
  'UnknownOperationException',
  'CustomerAWSAccountId',
  '5',
  '6',
];

const CASES: readonly (readonly [typed: string, names: readonly string[]])[] = [
  ['widows', ['windows']],
  ['bacth', ['batch']],
  ['exitcode', ['exit-codes']],
  ['Trottling', ['ThrottlingException']],
  ['InvalidTokn', ['InvalidTokenException']],
  ['Invalid', ['InvalidTagException', 'InvalidTokenException']],
  ['token', ['InvalidTokenException']],
  ['codes', ['exit-codes']],
  ['operation', ['UnknownOperationException']],
  ['Account', ['CustomerAWSAccountId']],
  ['awsaccount', ['CustomerAWSAccountId']],
  ['nope', []],
  ['valid', []],
  ['xyz', []],
  ['7', []],
  ['', []],
  ['!!', []],
  ['x'.repeat(10_000), []],
];

for (const [typed, names] of CASES) {
  test(`${JSON.stringify(typed.slice(0, 20))} may mean ${names.join(' or ') || 'anything'}`, () => {
    assert.deepEqual(guessNames(typed, NAMES), names);
  });
}
