import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, withEmulator } from '../helpers/tool.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const row = (hours: number, quantity: number | string = 1): string =>
  `${hourAgo(hours)},111122223333,exampleproduct,users,${quantity}`;
const csv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

const METER = ['meter', '--product-code', 'p', '--dimension', 'd'];

/** What is known before anything is sent has one exit code, whether it is sent or not. The first line is billed before. */
const CASES: readonly (readonly [
  what: string,
  args: () => readonly string[],
  previews: readonly string[],
  code: number,
])[] = [
  ...(
    [
      ['that is right', csv(row(2)), [], 0],
      ['that is billed already', csv(row(3)), [], 0],
      ['that is too old', csv(row(30)), [], 4],
      ['of which a part is too old', csv(row(30), row(2)), [], 4],
      ['that contradicts the ledger', csv(row(3, 7)), [], 4],
      ['that is invalid', csv(row(2), row(4, 'x')), [], 3],
      ['of which what is invalid is left out', csv(row(2), row(4, 'x')), ['--skip-invalid'], 4],
      ['without a column', 'a,b\n1,2\n', [], 3],
      ['with a zone that is none', csv(row(2)), ['--timezone', 'Nowhere'], 2],
    ] as const
  ).map(
    ([what, text, flags, code]) =>
      [
        `batch of usage ${what}`,
        () => ['batch', fileWith(text), ...flags],
        ['--dry-run', '--show-request'],
        code,
      ] as const,
  ),
  ...(
    [
      ['that is right', ['--quantity', '1'], 0],
      ['that is too old', ['--quantity', '1', '--timestamp', '-7h'], 4],
      ['of last week', ['--quantity', '1', '--timestamp', '-7d'], 4],
      ['of the future', ['--quantity', '1', '--timestamp', '2999-01-01T00:00:00Z'], 2],
      ['that is no number', ['--quantity', 'x'], 2],
    ] as const
  ).map(
    ([what, flags, code]) =>
      [`meter of usage ${what}`, () => [...METER, ...flags], ['--dry-run', '--show-request'], code] as const,
  ),
  ['resolve with a token', () => ['resolve', 'test_token'], ['--show-request'], 0],
  ['resolve with a space in the token', () => ['resolve', 'a b'], ['--show-request'], 2],
  ['register', () => ['register', '--product-code', 'p', '--public-key-version', '1'], ['--show-request'], 0],
  [
    'register a product that is none',
    () => ['register', '--product-code', 'a b', '--public-key-version', '1'],
    ['--show-request'],
    2,
  ],
];

describe('a preview ends with the exit code of the command', () => {
  for (const [what, argsOf, previews, code] of CASES)
    test(`${what}: ${code}`, () =>
      withEmulator(async (emulator, env) => {
        assert.equal((await tool(['batch', fileWith(csv(row(3)))], { env })).code, 0);
        const args = argsOf();
        const count = emulator.records().length;
        for (const preview of previews) {
          const ended = await tool([...args, preview], { env });
          assert.equal(ended.code, code, `${preview}: ${ended.stderr}`);
          assert.equal(emulator.records().length, count, preview);
        }
        const ended = await tool(args, { env });
        assert.equal(ended.code, code, ended.stderr);
      }));

  test('and counts what has expired', () =>
    withEmulator(async (_, env) => {
      const { code, stdout } = await tool(['batch', fileWith(csv(row(30), row(31), row(2))), '--dry-run'], {
        env,
      });
      assert.equal(code, 4);
      assert.match(stdout, /^to send +1 record in 1 request$/m);
      assert.match(stdout, /^expired +2$/m);
      assert.match(stdout, /^would expire +0$/m);
    }));

  test('and names what would not be billed', () =>
    withEmulator(async (_, env) => {
      const { stdout, stderr } = await tool(['batch', fileWith(csv(row(30), row(2))), '--show-request'], {
        env,
      });
      assert.equal(stdout.trimEnd().split('\n').length, 1);
      assert.doesNotMatch(stdout, new RegExp(String(Date.parse(hourAgo(30)) / 1000)));
      assert.match(
        stderr,
        /warning: not all of the usage would be billed; use --dry-run to see which part would not\n$/,
      );
    }));
});
