import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
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

/** A program that answers each line of JSON with one. It starts with the first question: a start costs more than all answers. */
export const startWitness = (program: string, args: readonly string[], env?: NodeJS.ProcessEnv) => {
  const start = () => {
    const child = spawn(program, args, { env: env ?? process.env, stdio: ['pipe', 'pipe', 'inherit'] });
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  };
  let started: ReturnType<typeof start> | undefined;
  return {
    ask: async (question: object): Promise<unknown> => {
      started ??= start();
      started.child.stdin.write(`${JSON.stringify(question)}\n`);
      const { done, value } = await started.lines.next();
      if (done === true) throw new Error(`${program} has ended: its error is above`);
      return JSON.parse(value);
    },
    stop: (): void => void started?.child.stdin.end(),
  };
};
