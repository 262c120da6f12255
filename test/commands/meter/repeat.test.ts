import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { meterInput as inputBy } from '../../../src/commands/meter/input.ts';
import type { MeterOptions } from '../../../src/commands/meter/options.ts';
import { repeatMeter } from '../../../src/commands/meter/repeat.ts';
import { show } from '../../../src/render/text/escape.ts';
import { typed } from '../../cli/setup.ts';

const NOW = new Date('2026-11-29T09:12:31.500Z');
const TOKEN = '0f0f0f0f-1111-4222-8333-444444444444';

type FileFor = (path: string) => string;

/** The request by a clock that is right. */
const meterInput = async (...[options, world]: Parameters<typeof inputBy>) =>
  (await inputBy(options, world))({
    now: world.now,
    startedAt: world.now,
    note: undefined,
    trouble: undefined,
  });
const NO_FILE: FileFor = path => assert.fail(`${path} is read`);

const worldWith = (file: FileFor, now = NOW, uuid = TOKEN) =>
  ({
    now: () => now,
    uuid: () => uuid,
    files: {
      read: async function* (path: string) {
        yield Buffer.from(file(path));
      },
    },
  }) as unknown as Parameters<typeof inputBy>[1];

const optionsOf = async (args: readonly string[]): Promise<MeterOptions> =>
  (await typed(['meter', ...args])).options as MeterOptions;

const commandFor = async (args: readonly string[], file = NO_FILE, isReadOnce = false): Promise<string> => {
  const options = await optionsOf(args);
  return repeatMeter(options, await meterInput(options, worldWith(file)), isReadOnce);
};

const REQUIRED = ['--product-code', 'example', '--dimension', 'users', '--quantity', '3'];
const CALL = 'ampmeter meter --product-code example --dimension users --quantity 3';
const AT = '--timestamp 2026-11-29T09:12:31Z';

describe('the command', () => {
  for (const [what, flags, expected] of [
    ['without flags', [], `${CALL} ${AT} --client-token ${TOKEN}`],
    ['with a token of its own', ['--client-token', 'job 7'], `${CALL} ${AT} --client-token 'job 7'`],
    [
      'for an hour ago',
      ['--timestamp', '-1h'],
      `${CALL} --timestamp 2026-11-29T08:12:31Z --client-token ${TOKEN}`,
    ],
    [
      'for a time of a zone',
      ['--timestamp', '2026-11-29T10:00', '--timezone', 'Europe/Berlin'],
      `${CALL} --timestamp 2026-11-29T09:00:00Z --client-token ${TOKEN}`,
    ],
    [
      'with allocations, as they were typed',
      ['--allocation', 'Dept=Sales,Env=p d:2', '--allocation', ':1'],
      `${CALL} ${AT} --client-token ${TOKEN} --allocation 'Dept=Sales,Env=p d:2' --allocation :1`,
    ],
    [
      'of a fraction, which is rounded the same way again',
      ['--round', 'up', '--allocation', 'Dept=A:1.5', '--allocation', 'Dept=B:1.5'],
      `${CALL} --round up ${AT} --client-token ${TOKEN} --allocation Dept=A:1.5 --allocation Dept=B:1.5`,
    ],
    [
      'with a name that is a word for a missing value',
      ['--allocation', 'Team=Null:3', '--allow-null-text'],
      `${CALL} ${AT} --client-token ${TOKEN} --allocation Team=Null:3 --allow-null-text`,
    ],
    [
      'with every flag of the connection',
      [
        ...['--profile', "o'neil", '--region', 'eu-west-1', '--endpoint-url', 'https://x.test/?a=b&c'],
        ...['--dual-stack', '--fips', '--ca-bundle', '/etc/my ca.pem', '--give-up-after', '90s'],
      ],
      `${CALL} ${AT} --client-token ${TOKEN} --profile 'o'\\''neil' --region eu-west-1 --endpoint-url 'https://x.test/?a=b&c' --dual-stack --fips --ca-bundle '/etc/my ca.pem' --give-up-after 90s`,
    ],
    [
      'with every flag of the output',
      ['-o', 'json', '--color', 'never', '--debug'],
      `${CALL} ${AT} --client-token ${TOKEN} --output json --color never --debug`,
    ],
    [
      'with a value that looks like a flag',
      ['--profile', '--region'],
      `${CALL} ${AT} --client-token ${TOKEN} --profile=--region`,
    ],
  ] as const) {
    test(`of a call ${what}`, async () => {
      assert.equal(await commandFor([...REQUIRED, ...flags]), expected);
    });
  }

  const ALLOCATIONS = '[ {"AllocatedUsageQuantity":3,"Tags":[{"Key":"It","Value":"a/b: c"}]} ]';

  test('names a file of allocations, which can be read again', async () => {
    assert.equal(
      await commandFor([...REQUIRED, '--allocations', 'my tags.json'], () => ALLOCATIONS),
      `${CALL} ${AT} --client-token ${TOKEN} --allocations 'my tags.json'`,
    );
  });

  for (const path of ['-', '/proc/self/fd/63']) {
    test(`has the allocations of ${path} in it, which cannot`, async () => {
      assert.equal(
        await commandFor([...REQUIRED, '--allocations', path], () => ALLOCATIONS, true),
        `printf %s '[{"AllocatedUsageQuantity":3,"Tags":[{"Key":"It","Value":"a/b: c"}]}]' | ${CALL} ${AT} --client-token ${TOKEN} --allocations -`,
      );
    });
  }
});

/** The arguments with which a shell calls the tool, and what it gets from standard input. */
const inShell = (command: string): { args: string[]; input: string } => {
  const tool = `ampmeter() { case "$*" in *'--allocations -'*) cat; esac; for word; do printf '\\0%s' "$word"; done; }`;
  const [input = '', ...args] = execFileSync('sh', ['-c', `${tool}\n${command}`], {
    encoding: 'utf8',
    input: '',
  }).split('\0');
  return { args, input };
};

describe('run by a shell an hour later, the command makes the very same request', () => {
  for (const [what, flags] of [
    ['as it is', []],
    ['with quotes', ['--client-token', `it's "so" $HOME \`id\` \\ !`]],
    ['with control characters', ['--client-token', 'a\x1b[31m\tb%d\\0141c', '--profile', '\u202etxt']],
    ['with a token that looks like a flag', ['--client-token', '--dry-run']],
    ['with allocations', ['--allocation', 'A=1,B=x=y z:2', '--allocation', ':1']],
    ['with allocations from standard input', ['--allocations', '-']],
    ['with other times', ['--timestamp', '-90m', '--give-up-after', '500ms']],
    ['with hours', ['--give-up-after', '2h', '--ca-bundle', '-x.pem']],
  ] as const) {
    test(what, async () => {
      const stdin =
        '[{"AllocatedUsageQuantity":1},{"AllocatedUsageQuantity":2,"Tags":[{"Key":"A","Value":"= b"}]}]';
      const options = await optionsOf([...REQUIRED, ...flags]);
      const request = await meterInput(
        options,
        worldWith(() => stdin),
      );
      const command = repeatMeter(options, request, options.allocations === '-');
      assert.equal(show(command), command, 'a terminal shows it as it is');
      const { args, input } = inShell(command);
      const again = await optionsOf(args.slice(1));
      const later = new Date(NOW.getTime() + 3_600_000);
      assert.deepEqual(
        await meterInput(
          again,
          worldWith(() => input, later, 'another'),
        ),
        request,
      );
      const { timestamp: _, clientToken: __, ...rest } = options;
      const { timestamp: ___, clientToken: ____, ...others } = again;
      assert.deepEqual(others, rest, 'and goes the same way');
    });
  }
});
