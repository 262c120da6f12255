import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommanderError } from 'commander';
import { asUsageError, errorFlagsOf, followTyped } from '../../src/cli/typed-command.ts';
import { program } from './setup.ts';

/** What a line of words ends with, and what was typed. */
const end = async (...argv: string[]) => {
  const tree = program();
  const typed = followTyped(tree);
  const error: unknown = await tree.parseAsync(argv, { from: 'user' }).catch((reason: unknown) => reason);
  return { error, typed, printing: errorFlagsOf(argv, typed) };
};

describe('the help that is recommended is that of the command that was typed', () => {
  for (const [line, message, next] of [
    ['history --dimension batch --nope', /unknown option '--nope'/, 'see ampmeter history --help'],
    ['gaps --customer batch --product-code meter --nope', /'--nope'/, 'see ampmeter gaps --help'],
    ['report --html history', /^$/, ''],
    ['report history', /'--html <file>' not specified/, 'see ampmeter report --help'],
    ['meter --dimension batch --product-code p', /'--quantity <number>' not/, 'see ampmeter meter --help'],
    ['ledger prune --nope', /'--before <when>' not/, 'see ampmeter ledger prune --help'],
    ['ledger backup prune --nope', /'--nope'/, 'see ampmeter ledger backup --help'],
    [
      'ledger',
      /^ledger: missing subcommand \(info, verify, backup, prune, copy, create, import\)$/,
      'see ampmeter ledger --help',
    ],
    ['ledger batch', /unknown command 'batch'/, 'see ampmeter ledger --help'],
    ['bach history', /unknown command 'bach'/, 'did you mean batch? see ampmeter --help'],
    [
      '--local batch',
      /unknown option '--local'/,
      'if it is a flag of a command, put it after the name of that command; see ampmeter --help',
    ],
    [
      'ledger --dry-run prune',
      /unknown option '--dry-run'/,
      'if it is a flag of a command, put it after the name of that command; see ampmeter ledger --help',
    ],
    [
      'ledger create --ledger dynamodb://ampmeter --region eu-central-1',
      /unknown option '--region'/,
      'a table has its Region in its name, dynamodb://REGION/TABLE, or from AWS_REGION; see ampmeter ledger create --help',
    ],
    ['explain --nope', /'--nope'/, 'see ampmeter explain --help'],
  ] as const)
    test(line, async () => {
      const { error, typed } = await end(...line.split(' '));
      if (next === '') {
        assert.equal(error, typed.command().parent);
        return;
      }
      assert.ok(error instanceof CommanderError);
      const reported = asUsageError(error, typed);
      assert.match(reported.message, message);
      assert.equal(reported.next, next);
    });
});

describe('an error is printed as the line asks for', () => {
  const PLAIN = { output: 'table', color: 'auto', debug: false };
  for (const [line, different] of [
    ['history', {}],
    ['history -o json --color always --debug', { output: 'json', color: 'always', debug: true }],
    ['history -ojsonl', { output: 'jsonl' }],
    ['history -o csv', {}],
    ['history --dimension --debug', {}],
    ['history --region us-east-1 --region eu-west-1 -o json', { output: 'json' }],
    ['history --runs --by day -o json', { output: 'json' }],
    ['history --nope -o jsonl', { output: 'jsonl' }],
    ['history --run 0 --output=json --color=never', { output: 'json', color: 'never' }],
    ['batch -- -o json --debug', {}],
    ['batch --nope -- -o json --debug', {}],
    ['help csv', {}],
  ] as const)
    test(line, async () => {
      const { printing } = await end(...line.split(' '));
      const [command] = line.split(' ');
      assert.deepEqual(printing, { ...PLAIN, command, ...different });
    });
});
