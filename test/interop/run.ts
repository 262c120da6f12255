import { spawn } from 'node:child_process';
import type { Ended } from '../helpers/tool.ts';

export type RunOptions = {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly cwd?: string;
};

/** Runs a third-party program to its end. */
export const run = (
  program: string,
  args: readonly string[],
  { env, input = '', cwd }: RunOptions = {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: env ?? process.env, cwd });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', code => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });

/** The reason to skip a test that needs this program; false when it is installed and works. */
export const missing = async (program: string, ...args: readonly string[]): Promise<string | false> => {
  const ended = await run(program, args).catch(() => undefined);
  return ended?.code === 0 ? false : `not installed here: ${[program, ...args].join(' ')}`;
};
