/**
 * `npm run mutants`: breaks a copy of the tool in each of the ways of `mutant-list.ts`, and runs the tests of the copy
 * until one fails. Prints what caught each; exits 1 when one survives, or when its text is no longer to be found.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { MUTANTS, type Mutant } from './mutant-list.ts';
import { newFolder, straceMissing, toolFolder } from './setup.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PARTS = ['src', 'scripts', 'test', 'bin', 'completions', 'examples', 'docs', 'man', 'package.json'];
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
const CONFIGS = ['tsconfig.json', 'biome.json'];

/** The tests of one mutant take no longer than this, all of them. Milliseconds. */
const LONGEST_MS = 600_000;

/** A copy of the checkout with the changes made, built. */
const breed = ({ changes }: Pick<Mutant, 'changes'>): string => {
  const copy = newFolder('mutant');
  for (const part of [...PARTS, ...DOCUMENTS, ...CONFIGS]) {
    if (existsSync(join(ROOT, part))) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const [name, from, to] of changes) {
    const file = join(copy, 'src', name);
    const parts = readFileSync(file, 'utf8').split(from);
    if (parts.length !== 2) throw new Error(`src/${name} has ${parts.length - 1} times: ${from}`);
    writeFileSync(file, parts.join(to));
  }
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.ts'], {
    cwd: copy,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`it was not built\n${stderr}`);
  return copy;
};

/** The file is relative to the copy. */
type Failure = { readonly file: string; readonly name: string };

/** The first test that fails; undefined: none does. */
const firstFailure = async (copy: string, args: readonly string[]): Promise<Failure | undefined> => {
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap', ...args], {
    cwd: copy,
    env: {
      ...process.env,
      AMPMETER_REFEREE: toolFolder(),
      AMPMETER_TEST_VOLUME: 'all',
      NODE_TEST_CONTEXT: undefined,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const killAll = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(killAll, LONGEST_MS);
  process.on('exit', killAll);
  const ended = once(child, 'close');
  let caught: Failure | undefined;
  let failed: string | undefined;
  let tests = 0;
  for await (const line of createInterface(child.stdout)) {
    if (/^\s*ok \d+/.test(line) && !/# SKIP/.test(line)) tests += 1;
    failed ??= /^\s*not ok \d+ - (.*)$/.exec(line)?.[1];
    const [, place] = /^\s*location: '(.*?)(?::\d+:\d+)?'$/.exec(line) ?? [];
    if (failed === undefined || place === undefined || caught !== undefined) continue;
    caught = { file: relative(copy, place), name: failed };
    killAll();
  }
  await ended;
  clearTimeout(timer);
  process.off('exit', killAll);
  if (caught === undefined && tests === 0) throw new Error(`no test ran: ${args.join(' ')}`);
  return caught;
};

const hintArgs = ([file, pattern]: Mutant['hint']): string[] => [
  `--test-name-pattern=${pattern}`,
  `test/${file}`,
];

const EVERYTHING = ['test/**/*.test.ts'];

/** What caught it. */
const hunt = async (mutant: Mutant): Promise<string | undefined> => {
  const copy = breed(mutant);
  try {
    const hinted = await firstFailure(copy, hintArgs(mutant.hint));
    if (hinted !== undefined) return `${hinted.file}: ${hinted.name}`;
    const other = await firstFailure(copy, EVERYTHING);
    if (other === undefined) return undefined;
    const unchanged = await firstFailure(control, [other.file]);
    if (unchanged?.name !== other.name) return `${other.file}: ${other.name}`;
    throw new Error(`${other.file} fails without any change, too: ${other.name}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

/** A test that fails without any change would catch everything. */
const checkControl = async (): Promise<void> => {
  const patterns = Map.groupBy(chosen, ({ hint: [file] }) => file);
  for (const [file, mutants] of patterns) {
    const pattern = mutants.map(({ hint }) => hint[1]).join('|');
    const failure = await firstFailure(control, hintArgs([file, pattern]));
    if (failure !== undefined) throw new Error(`without any change this fails: ${file}: ${failure.name}`);
  }
};

const wanted = process.argv[2] ?? '';
const chosen = MUTANTS.filter(({ name }) => name.includes(wanted));
const width = Math.max(...chosen.map(({ name }) => name.length));
const missing = straceMissing();
if (missing !== undefined) process.stderr.write(`some mutants need strace: ${missing}\n`);

const control = breed({ changes: [] });
await checkControl();
let survivors = 0;
process.stdout.write(`${'MUTANT'.padEnd(width)}  CAUGHT BY\n`);
for (const mutant of chosen) {
  const caught = await hunt(mutant).catch((error: Error) => {
    survivors += 1;
    return `(error) ${error.message}`;
  });
  if (caught === undefined) survivors += 1;
  process.stdout.write(`${mutant.name.padEnd(width)}  ${caught ?? 'NOTHING: it survived'}\n`);
}
process.stdout.write(`${chosen.length - survivors} of ${chosen.length} mutants caught\n`);
if (survivors > 0) process.exitCode = 1;
