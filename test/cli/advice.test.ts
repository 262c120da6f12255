import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import { EXPLAINED } from '../../src/commands/explain/run.ts';
import { TOPICS } from '../../src/commands/help/options.ts';
import * as errors from '../../src/errors.ts';
import { type KnownError, ServiceError } from '../../src/errors.ts';
import { classify } from '../../src/metering/classify.ts';
import { errorFacts } from '../../src/render/text/errors.ts';
import { program } from './setup.ts';

const commandsIn = (command: Command, path: string): readonly (readonly [path: string, Command])[] => [
  [path, command],
  ...command.commands.flatMap(below => commandsIn(below, `${path} ${below.name()}`.trim())),
];
const COMMANDS = new Map(commandsIn(program(), '').filter(([path]) => !path.startsWith('__')));

/** A word that somebody would have to replace first. Variables of the environment are none. */
const PLACEHOLDER = /(?:--[a-z-]+[ =]|ampmeter [a-z]+ (?:[a-z]+ )?)(?!AWSLogs|UTC\b)[A-Z]{2,}\b/;

/** Another program's command, or another command of this one, up to where the sentence goes on. */
const OTHER_COMMAND = /\b(?:ampmeter|aws|jq) [^;,()]*/g;

const flagsIn = (text: string): string[] => text.match(/(?<!\S)--[a-z-]+/g) ?? [];

/** Fails unless all that the advice names can be typed: commands, topics, and flags of this command. */
const assertFits = (advice: string, path: string | undefined): void => {
  assert.doesNotMatch(advice, PLACEHOLDER);
  for (const [, words = ''] of advice.matchAll(/\bampmeter ((?:[a-z-]+ ?)*)/g)) {
    const [first = '', second = ''] = words.trim().split(' ');
    if (first === '--help') continue;
    assert.ok(COMMANDS.has(first), `ampmeter ${words}: ${advice}`);
    if (first === 'help' && second !== '' && !['lists', 'and', '--help'].includes(second))
      assert.ok(Object.hasOwn(TOPICS, second) || COMMANDS.has(second), advice);
  }
  if (path === undefined) return;
  const known = new Set(COMMANDS.get(path)?.options.flatMap(({ short, long }) => [short, long]));
  for (const flag of flagsIn(advice.replaceAll(OTHER_COMMAND, '')))
    assert.ok(known.has(flag), `${path} has no ${flag}: ${advice}`);
};

const CALLS = [
  ['batch', 'BatchMeterUsage'],
  ['meter', 'MeterUsage'],
  ['resolve', 'ResolveCustomer'],
  ['register', 'RegisterUsage'],
  ['reconcile', 'LookupEvents'],
] as const;

/** What only one of the operations can be refused for has advice for that one. */
const OF_ONE: Readonly<Record<string, string>> = {
  IdempotencyConflictException: 'meter',
  InvalidPublicKeyVersionException: 'register',
};

describe('the advice of an error of AWS can be typed', () => {
  for (const [command, operation] of CALLS)
    test(`after ${command}`, () => {
      for (const { name, also = [], kind } of EXPLAINED) {
        if (!/^(AWS (metering|common)|network) error$/.test(kind)) continue;
        if ((OF_ONE[name] ?? command) !== command) continue;
        for (const code of [name, ...also]) {
          const errorKind =
            kind === 'network error'
              ? 'unavailable'
              : classify({ status: 400, code, message: '' }, operation);
          const error = new ServiceError('x', { kind: errorKind, operation, code, maybeDelivered: false });
          assertFits(errorFacts(error, command).next ?? '', command);
        }
      }
    });

  test('and is about its own operation', () => {
    const nextOf = (code: string, operation: string, command: string): string | undefined =>
      errorFacts(
        new ServiceError('x', { kind: 'throttled', operation, code, maybeDelivered: false }),
        command,
      ).next;
    assert.match(nextOf('ThrottlingException', 'BatchMeterUsage', 'batch') ?? '', /--rate 5$/);
    assert.equal(nextOf('ThrottlingException', 'ResolveCustomer', 'resolve'), 'run the same command again');
    assert.equal(
      nextOf('AccessDenied', 'RegisterUsage', 'register'),
      'allow the action aws-marketplace:RegisterUsage on Resource "*" for this identity',
    );
  });
});

/** Errors that name no step of their own. */
const OWN = Object.values(errors).flatMap(value =>
  typeof value === 'function' && value.prototype instanceof errors.KnownError && value !== ServiceError
    ? [new (value as unknown as new (text: string) => KnownError)('x')]
    : [],
);

describe('the usual advice of an error of ours can be typed', () => {
  for (const path of COMMANDS.keys())
    test(`after ampmeter ${path}`, () => {
      for (const error of [...OWN, new Error('x')]) {
        const { next = '' } = errorFacts(error, path);
        assert.notEqual(next, '');
        // Nothing that these say can end a command that prints no result, nor one that has no ledger.
        const isMet = COMMANDS.get(path)?.options.some(({ long }) => long === '--output');
        const isOfLedger = ['Locked', 'Ledger'].includes((error as KnownError).code);
        assertFits(next, isMet && !isOfLedger ? path : undefined);
      }
    });

  test('is the help of the command, and of the topic that it reads', () => {
    const nextOf = (error: Error, command?: string) => errorFacts(error, command).next;
    assert.equal(nextOf(new errors.UsageError('x'), 'ledger prune'), 'see ampmeter ledger prune --help');
    assert.equal(nextOf(new errors.UsageError('x')), 'see ampmeter --help');
    assert.match(nextOf(new errors.InputError('x'), 'batch') ?? '', /see ampmeter help csv$/);
    for (const command of ['register', 'meter', 'resolve', 'report', 'reconcile', 'gaps'])
      assert.match(
        nextOf(new errors.InputError('x'), command) ?? '',
        new RegExp(`see ampmeter ${command} --help$`),
      );
  });

  test('is to try without an account only where that is possible', () => {
    for (const path of COMMANDS.keys()) {
      const { next = '' } = errorFacts(new errors.CredentialsError('x'), path);
      const hasLocal = COMMANDS.get(path)?.options.some(({ long }) => long === '--local') === true;
      assert.equal(/add --local$/.test(next), hasLocal, path);
    }
  });
});

test('what is explained names nothing that has to be replaced first', () => {
  for (const { next } of EXPLAINED) assertFits(next, undefined);
});

test('no message in the sources has a placeholder', () => {
  const root = join(import.meta.dirname, '../../src');
  const files = readdirSync(root, { recursive: true })
    .map(String)
    .filter(file => file.endsWith('.ts') && !/emulator|\bhelp\b/.test(file));
  assert.ok(files.length > 100);
  for (const file of files) {
    const code = readFileSync(join(root, file), 'utf8').replaceAll(
      /\/\*[\s\S]*?\*\/|^const HELP = `[\s\S]*?`;$/gm,
      '',
    );
    for (const [literal] of code.matchAll(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g))
      assert.doesNotMatch(literal, PLACEHOLDER, file);
  }
});
