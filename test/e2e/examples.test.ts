import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { sourceTree } from '../../scripts/generated.ts';
import { allOf } from '../../src/commands/completion/command-spec.ts';
import { examplesIn } from '../commands/help/examples.ts';
import { startDynamo } from '../helpers/dynamo.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { hourAgo, newFolder, TOOL, withEmulator } from '../helpers/tool.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Command lines of a Markdown text: of its blocks for shells, typed after `$` in its consoles, and in its sentences. */
const linesIn = (markdown: string): string[] => {
  const blocks = [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text = '']) => {
    const lines = text.replaceAll(/ \\\n */g, ' ').split('\n');
    if (kind === 'sh' || kind === 'bash')
      return lines.filter(line => line.trim() !== '' && !line.startsWith('#'));
    return kind === 'console' ? lines.flatMap(line => /^\$ (.*)/.exec(line)?.[1] ?? []) : [];
  });
  const sentences = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const spans = [...sentences.matchAll(/`(ampmeter \S[^`]*)`/g)].flatMap(([, line]) => line ?? []);
  return [...blocks, ...spans].map(line => line.trim());
};

const LINES = new Set([
  ...linesIn(readFileSync(join(ROOT, 'README.md'), 'utf8')),
  ...['cron', 'dynamodb'].flatMap(name =>
    linesIn(readFileSync(join(ROOT, 'examples', name, 'README.md'), 'utf8')),
  ),
  ...allOf(await sourceTree()).flatMap(({ after }) => examplesIn(after)),
]);

/** Lines that cannot be run here, and why. */
const LEFT_OUT: readonly (readonly [line: RegExp, because: string])[] = [
  [
    /^npm (ci|install|i|test|run|pack)\b|^npx /,
    'it is for a checkout, and runs these tests or what they need',
  ],
  [/^(git|docker) /, 'it needs the network'],
  [/^node bench\//, 'it measures, and takes minutes'],
  [/<[a-z]+>|…/, 'it has a placeholder'],
];

/** Lines that rightly end with another code than 0, and why. */
const OTHER_CODES: readonly (readonly [line: RegExp, code: number, because: string])[] = [
  [
    /^ampmeter gaps($| --zero-fill| --subscribers| --agreements)/,
    4,
    'the ledger of this test has no record of the last hour',
  ],
];

/** Where a line needs another shell than bash. */
const shellOf = (line: string): 'bash' | 'zsh' => (line.includes('fpath') ? 'zsh' : 'bash');

const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

const skipOf = (line: string): string | false => {
  const because = LEFT_OUT.find(([pattern]) => pattern.test(line))?.[1];
  if (because !== undefined) return because;
  const needed = [
    shellOf(line),
    ...['curl', 'aws'].filter(name => new RegExp(`(^|\\| )${name} `).test(line)),
  ];
  const missing = needed.find(program => !isThere(program));
  return missing === undefined ? false : `${missing} is not installed`;
};

type Env = Readonly<Record<string, string | undefined>>;

/** A folder with every file that the examples name, and a ledger that has seen a run. */
const prepare = async (line: string, url: string, env: Env): Promise<{ folder: string; all: Env }> => {
  const folder = newFolder();
  const put = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const header = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
  const rows = ['users,12', 'gb,340'].map(
    row => `${hourAgo(2)},111122223333,4ml54db8vrmjuykaw1psroool,${row}`,
  );
  put('usage.csv', `${[header, ...rows].join('\n')}\n`);
  if (line === 'ampmeter batch zeros.csv')
    put('zeros.csv', `${header}\n${hourAgo(3)},111122223333,4ml54db8vrmjuykaw1psroool,users,0\n`);
  put(
    'subscribers.csv',
    'customer_aws_account_id,product_code,dimension\n111122223333,4ml54db8vrmjuykaw1psroool,users\n',
  );
  put('form-body.txt', 'x-amzn-marketplace-token=test_token');
  put('key.pem', await (await fetch(`${url}/_emulator/public-key`)).text());
  put('home/.aws/config', '[profile seller]\nregion = us-east-1\n');
  put(
    'home/.aws/credentials',
    `[seller]\naws_access_key_id = ${env['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = ${env['AWS_SECRET_ACCESS_KEY']}\n`,
  );
  for (const place of ['bash-completion/completions', 'zsh']) {
    mkdirSync(join(folder, 'home/.local/share', place), { recursive: true });
  }
  mkdirSync(join(folder, 'home/.config/fish/completions'), { recursive: true });
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
  copyFileSync(join(ROOT, 'examples/emulator/catalog.json'), join(folder, 'catalog.json'));

  const bin = join(folder, 'bin');
  put('bin/ampmeter', `#!/bin/sh\nexec '${process.execPath}' '${TOOL}' "$@"\n`);
  put('bin/psql', `#!/bin/sh\ncat '${join(folder, 'usage.csv')}'\n`);
  for (const program of ['ampmeter', 'psql']) chmodSync(join(bin, program), 0o755);
  const all: Env = {
    ...env,
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    HOME: join(folder, 'home'),
    XDG_STATE_HOME: join(folder, 'state'),
    LANG: 'C.UTF-8',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_DEFAULT_REGION: 'us-east-1',
    TOKEN: 'test_token',
  };
  if (line.includes('s3-copy')) {
    // CloudTrail's files are written when the emulator ends; they tell of the run in the ledger.
    const endpoint = await withEmulator(
      async (_, trailed) => {
        await tool(['batch', 'usage.csv'], { env: { ...all, ...trailed }, cwd: folder });
        return trailed;
      },
      { cloudTrail: join(folder, 's3-copy') },
    );
    return { folder, all: { ...all, ...endpoint } };
  }
  const seeded = await tool(['batch', 'usage.csv'], { env: all, cwd: folder });
  assert.equal(seeded.code, 0, seeded.stderr);
  if (/--product-code .* --timestamp/.test(line)) {
    put('usage.csv', 'customer_aws_account_id,dimension,quantity\n111122223333,users,12\n');
  }
  if (line.includes('dynamodb://') && !line.includes('ledger create')) {
    const made = await tool(['ledger', 'create', '--ledger', 'dynamodb://ampmeter'], { env: all });
    assert.equal(made.code, 0, made.stderr);
    if (line.includes('copy ledger.db'))
      await tool(['ledger', 'backup', 'ledger.db'], { env: all, cwd: folder });
  }
  if (line.includes('--ledger ledger-backup.db')) {
    await tool(['ledger', 'backup', 'ledger-backup.db'], { env: all, cwd: folder });
  }
  return { folder, all };
};

type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A line that any shell splits at its blanks. */
const PLAIN = /^ampmeter(?! emulator\b)( [\w.,:/@%+=-]+)*$/;

const run = (line: string, cwd: string, env: Env): Promise<Ran> =>
  PLAIN.test(line) ? tool(line.split(' ').slice(1), { cwd, env }) : runInShell(line, cwd, env);

/** An emulator that the line starts is stopped once it listens. */
const runInShell = (line: string, cwd: string, env: Env): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const serves = /^ampmeter emulator\b/.test(line);
    const shell = shellOf(line);
    const setUp = shell === 'zsh' ? `fpath=("$HOME/.local/share/zsh" $fpath); ` : 'set -o pipefail; ';
    const command = `${setUp}${serves ? 'exec ' : ''}${line}`;
    const child = spawn(shell, [...(shell === 'zsh' ? ['-f'] : []), '-c', command], {
      cwd,
      env,
      timeout: 60_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
      if (serves && /listening on|"ready"/.test(stdout)) child.kill('SIGTERM');
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', code => resolve({ code, stdout, stderr }));
    child.stdin.end();
  });

/** Ports are free ones, whatever the line says, and an instant to meter is one that AWS still takes usage for. */
const placed = (line: string, url: string): string => {
  const here = line
    .replaceAll('http://127.0.0.1:4100', url)
    .replace(/--timestamp \d{4}-\S+Z/, `--timestamp ${hourAgo(1)}`);
  if (!/^ampmeter emulator\b/.test(here)) return here;
  return /--port/.test(here) ? here.replace(/--port \d+/, '--port 0') : `${here} --port 0`;
};

describe('the example', { concurrency: 2 }, () => {
  for (const line of LINES) {
    test(line, { skip: skipOf(line) }, async () => {
      await withEmulator(async ({ url }, env) => {
        await using dynamo = line.includes('dynamodb://') ? await startDynamo() : undefined;
        const tables = dynamo === undefined ? {} : { AWS_ENDPOINT_URL_DYNAMODB: dynamo.url };
        const { folder, all } = await prepare(line, url, { ...env, ...tables });
        const { code, stdout, stderr } = await run(placed(line, url), folder, all);
        const expected =
          OTHER_CODES.find(([pattern]) => pattern.test(line))?.[1] ??
          (/^ampmeter emulator\b/.test(line) ? 143 : 0);
        assert.equal(code, expected, `${stdout}${stderr}`);
      });
    });
  }
});

test('lines are found in blocks, in consoles and in sentences', () => {
  const markdown =
    'Say `ampmeter a` or `b`.\n\n```sh\n# why\nampmeter b \\\n  --c\n```\n\n```console\n$ ampmeter d\nanswer\n```\n\n```\ntext\n```\n';
  assert.deepEqual(linesIn(markdown), ['ampmeter b --c', 'ampmeter d', 'ampmeter a']);
  assert.ok(LINES.size > 40, String(LINES.size));
});

test('what is left out, and every other code, is still there', () => {
  for (const [pattern] of OTHER_CODES)
    assert.ok(
      [...LINES].some(line => pattern.test(line)),
      String(pattern),
    );
});
