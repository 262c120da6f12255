import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sourceTree } from '../../scripts/generated.ts';
import { allOf } from '../../src/commands/completion/command-spec.ts';
import { examplesIn } from '../commands/help/examples.ts';
import { commandLinesIn } from '../docs/command-lines.ts';
import { DOCUMENTS } from '../docs/documents.ts';
import { startDynamo } from '../helpers/dynamo.ts';
import { runHere } from '../helpers/in-process.ts';
import { commandsOf, type ShellCommand } from '../helpers/shell-line.ts';
import { hourAgo, withEmulator } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';
import { type Env, exporterIn, prepare } from './example-folder.ts';

/** For sellers; the others are for who works on the tool. */
const FOR_SELLERS = DOCUMENTS.filter(({ name }) =>
  /^(README|docs\/[a-z-]+|docs\/FIGURES|examples\/.*)\.md$/.test(name),
);

const LINES = new Set([
  ...FOR_SELLERS.flatMap(({ text }) => commandLinesIn(text)),
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
    ...['curl', 'aws'].filter(name => new RegExp(`(^|\\| )${name} (?!s3 )`).test(line)),
  ];
  const missing = needed.find(program => !isThere(program));
  return missing === undefined ? false : `${missing} is not installed`;
};

type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const isServer = (line: string): boolean => /^ampmeter emulator(?! --help)\b/.test(line);

const LISTENING = /listening on|"ready"/;

/** Runs a line in this process, if it has only commands of this tool and no more of a shell than that knows. */
const run = (line: string, cwd: string, env: Env): Promise<Ran> => {
  const commands = commandsOf(line, env);
  const isOurs = commands?.every(({ words }) => words[0] === 'ampmeter' || words[0] === 'exit') ?? false;
  return isFull || !isOurs ? runInShell(line, cwd, env) : runInProcess(commands ?? [], line, cwd, env);
};

const runInProcess = async (
  commands: readonly ShellCommand[],
  line: string,
  cwd: string,
  env: Env,
): Promise<Ran> => {
  let last: Ran = { code: 0, stdout: '', stderr: '' };
  for (const { words, after, input, output } of commands) {
    if (after !== ';' && (last.code === 0) !== (after === '&&')) continue;
    last = await runHere(words.slice(1), {
      cwd,
      env,
      ...(input !== undefined && { input: readFileSync(join(cwd, input)) }),
      ...(isServer(line) && { until: LISTENING }),
    });
    if (output !== undefined) writeFileSync(join(cwd, output), last.stdout);
  }
  return last;
};

/** An emulator that the line starts is stopped once it listens. */
const runInShell = (line: string, cwd: string, env: Env): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const serves = isServer(line);
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
      if (serves && LISTENING.test(stdout)) child.kill('SIGTERM');
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', code => resolve({ code, stdout, stderr }));
    child.stdin.end();
  });

/**
 * Ports are free ones, whatever the line says, an instant to meter is one that AWS still takes usage for, and a month is one
 * that CloudTrail still has. What `env -i` takes away is what leads to the emulator.
 */
const placed = (line: string, url: string): string => {
  const here = line
    .replaceAll('http://127.0.0.1:4100', url)
    .replace(/--timestamp \d{4}-\S+Z/, `--timestamp ${hourAgo(1)}`)
    .replace('--since 2026-11-01 --until 2026-12-01', '--since -7d')
    .replace('env -i ', `env -i AWS_ENDPOINT_URL=${url} XDG_STATE_HOME="$XDG_STATE_HOME" `)
    .replace('PATH=/usr/local/bin:/usr/bin:/bin', 'PATH="$PATH"');
  if (!isServer(here)) return here;
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
          OTHER_CODES.find(([pattern]) => pattern.test(line))?.[1] ?? (isServer(line) ? 143 : 0);
        assert.equal(code, expected, `${stdout}${stderr}`);
        if (exporterIn(line) === undefined) return;
        const uploaded = await run('ampmeter batch usage.csv', folder, all);
        assert.match(uploaded.stdout, /\b12 +✓ accepted .*\n.*\b340 +✓ accepted /, uploaded.stderr);
      });
    });
  }
});

test('they come from every document and every help', () => {
  assert.ok(FOR_SELLERS.length >= 12, String(FOR_SELLERS.length));
  assert.ok(LINES.size > 150, String(LINES.size));
});

test('what is left out, and every other code, is still there', () => {
  for (const [pattern] of OTHER_CODES)
    assert.ok(
      [...LINES].some(line => pattern.test(line)),
      String(pattern),
    );
});
