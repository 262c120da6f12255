import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { BatchOptions } from '../../../src/commands/batch/options.ts';
import { repeatBatch, submitRejects } from '../../../src/commands/batch/repeat.ts';
import { typed } from '../../cli/setup.ts';

const optionsOf = async (args: readonly string[]): Promise<BatchOptions> =>
  (await typed(['batch', ...args])).options as BatchOptions;

/** The arguments with which a shell calls the tool. */
const inShell = (command: string): string[] =>
  execFileSync('sh', ['-c', `ampmeter() { shift; printf '%s\\0' "$@"; }\n${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('run by a shell, the command of a batch means the same again', () => {
  for (const [what, args] of [
    ['as it is', ['usage.csv']],
    ['several files, one like a flag, and standard input', ['./-a.csv', "it's.csv", '-']],
    ['columns', ['u.csv', '--map', "quantity=Units' sum", '--map', 'dimension=a', '--product-code', 'p']],
    ['a relative time', ['u.csv', '--timestamp', '-1h', '--new-usage']],
    ['a time in a zone', ['u.csv', '--timestamp', '2026-11-30T06:00', '--timezone', 'Europe/Berlin']],
    ['format', ['u.csv', '--timestamp-format', 'excel', '--delimiter', 'tab', '--input-format', 'csv']],
    ['amounts', ['u.csv', '--merge', 'sum', '--round', 'carry', '--late', 'carry']],
    [
      'permissions',
      [
        ...['u.csv', '--skip-invalid', '--skip-open', '--allow-empty', '--allow-round-accounts'],
        ...['--allow-null-text', '--check-dimensions', 'error'],
      ],
    ],
    ['sending', ['u.csv', '--dry-run', '--rate', '2.5', '--concurrency', '3', '--give-up-after', '90s']],
    ['no rate', ['u.csv', '--rate', 'none']],
    ['ledger', ['u.csv', '--ledger', 'l 1.db', '--wait', '10m', '--results', 'r.csv', '--rejects', 'x.csv']],
    ['nothing kept', ['u.csv', '--no-ledger', '--no-rejects', '--quiet']],
    [
      'output',
      [
        ...[
          'u.csv',
          '--known-problems',
          'ok',
          '--problems-only',
          '-o',
          'jsonl',
          '--color',
          'never',
          '--debug',
        ],
        ...['--heartbeat', 'a', '--heartbeat-end', 'b'],
      ],
    ],
    [
      'connection',
      [
        ...['u.csv', '--profile', 'p', '--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:1'],
        ...['--dual-stack', '--fips', '--ca-bundle', 'ca.pem'],
      ],
    ],
    ['the private emulator', ['u.csv', '--local']],
    ['a request that is only shown', ['u.csv', '--show-request']],
  ] as const)
    test(what, async () => {
      const options = await optionsOf(args);
      assert.deepEqual(await optionsOf(inShell(repeatBatch(options, []))), options);
    });
});

test('added flags stand with those of the input', async () => {
  const options = await optionsOf(['u.csv', '--timezone', 'UTC', '-q']);
  assert.equal(
    repeatBatch(options, [['--map', 'quantity=n']]),
    'ampmeter batch u.csv --timezone UTC --map quantity=n --quiet',
  );
});

describe('the command for rejected rows', () => {
  for (const [what, args, expected] of [
    ['without flags', [], 'ampmeter batch u.rejected.csv'],
    [
      'has those that give the rows their meaning and their place',
      [
        ...['--map', 'quantity=n', '--product-code', 'p', '--timezone', 'UTC', '--skip-invalid', '-q'],
        ...['--known-problems', 'ok', '--heartbeat', 'h', '--ledger', 'l.db', '--profile', 'seller'],
      ],
      'ampmeter batch u.rejected.csv --map quantity=n --product-code p --timezone UTC --skip-invalid --ledger l.db --profile seller',
    ],
    [
      'has a time',
      ['--timestamp', '2026-11-30T06:00Z'],
      'ampmeter batch u.rejected.csv --timestamp 2026-11-30T06:00Z',
    ],
    [
      'has no relative time, which they contain',
      ['--timestamp', '-1h', '--new-usage'],
      'ampmeter batch u.rejected.csv',
    ],
  ] as const)
    test(what, async () =>
      assert.equal(submitRejects('u.rejected.csv', await optionsOf(['u.csv', ...args])), expected),
    );

  for (const [path, input, expected] of [
    ['r.jsonl', ['u.csv'], 'ampmeter batch r.jsonl --input-format csv'],
    ['r.json', ['u.txt'], 'ampmeter batch r.json --input-format csv'],
    ['r.txt', ['u.csv'], 'ampmeter batch r.txt'],
    ['r.csv', ['u.json', 'u.ndjson'], 'ampmeter batch r.csv --input-format jsonl'],
    ['r.json', ['u.json.gz'], 'ampmeter batch r.json --input-format jsonl'],
    ['r.jsonl', ['u.json'], 'ampmeter batch r.jsonl'],
    ['r.csv', ['-', '--input-format', 'jsonl'], 'ampmeter batch r.csv --input-format jsonl'],
  ] as const)
    test(`of ${input.join(' ')} says the format of ${path}, where its name does not`, async () =>
      assert.equal(submitRejects(path, await optionsOf(input)), expected));
});
