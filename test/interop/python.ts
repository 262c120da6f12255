import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { run } from './run.ts';

/** What Python itself is, because a shim of a version manager takes longer to find it than it takes to start, and what it has of these. */
const PROBE = `
import importlib.util, sys
print(sys.executable)
for name in sys.argv[1:]:
    if importlib.util.find_spec(name): print(name)
`;

const MODULES = ['awscli', 'boto3', 'botocore', 'moto', 'pytest'] as const;

const probed = await run('python3', ['-c', PROBE, ...MODULES]).catch(() => undefined);
const [executable = 'python3', ...modules] = probed?.code === 0 ? probed.stdout.trimEnd().split(/\r?\n/) : [];

/** To be started as `python3`. */
export const PYTHON = executable;

/** The reason to skip a test that needs these; false when all are installed. */
export const withoutModules = (...needed: readonly (typeof MODULES)[number][]): string | false => {
  const missing = needed.filter(name => !modules.includes(name));
  return missing.length === 0 ? false : `not installed here: ${missing.join(' and ')} for python3`;
};

const start = () => {
  const child = spawn(PYTHON, [join(import.meta.dirname, 'witness.py')], {
    // Texts are UTF-8 for it as for the programs, whose environment comes with each question. Nothing is left in this folder.
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
};

let started: ReturnType<typeof start> | undefined;
let last: Promise<unknown> = Promise.resolve();

after(() => started?.child.stdin.end());

/** Asks a module of this folder in the one process that all share, which starts with the first question. */
export const askPython = (witness: string, env: NodeJS.ProcessEnv, question: object): Promise<unknown> => {
  const answer = last.then(async () => {
    started ??= start();
    started.child.stdin.write(`${JSON.stringify({ ...question, witness, env })}\n`);
    const { done, value } = await started.lines.next();
    if (done === true) throw new Error('the witnesses have ended: their error is above');
    return JSON.parse(value);
  });
  last = answer.catch(() => {});
  return answer;
};
