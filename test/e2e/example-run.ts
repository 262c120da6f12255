import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHere } from '../helpers/in-process.ts';
import { commandsOf, type ShellCommand } from '../helpers/shell-line.ts';
import { isAll } from '../helpers/volume.ts';
import type { Env } from './example-folder.ts';

type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** It does not end by itself. */
export const isServer = (line: string): boolean => /^ampmeter emulator(?! --help)\b/.test(line);

const LISTENING = /listening on|"ready"/;

/** Runs a line in this process, if it has only commands of this tool and no more of a shell than that knows. */
export const run = (line: string, cwd: string, env: Env): Promise<Ran> => {
  const commands = commandsOf(line, env);
  const isOurs = commands?.every(({ words }) => words[0] === 'ampmeter' || words[0] === 'exit') ?? false;
  return isAll || !isOurs ? runInShell(line, cwd, env) : runInProcess(commands ?? [], line, cwd, env);
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
    if (words[0] === 'exit') return { ...last, code: Number(words[1]) };
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

/** Where a line needs another shell than bash. */
export const shellOf = (line: string): 'bash' | 'zsh' => (line.includes('fpath') ? 'zsh' : 'bash');
