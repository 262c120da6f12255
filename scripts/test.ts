import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/**
 * `npm test [-- FILE_OR_FOLDER... --test-name-pattern=...]`: runs all test files, or only these. Most of them share a process:
 * one of its own costs a file more than many tests, because it loads and translates the sources again. These processes run
 * side by side, with files that need their own; in all more than there are cores, because tests also wait.
 */
const AT_A_TIME = Math.max(2, availableParallelism());

/** Tests that leave their process as it was, one after the other in one process. */
const TOGETHER = [
  'test/cli/',
  'test/cloudtrail/',
  'test/commands/',
  'test/docs/',
  'test/dynamodb/',
  'test/emulator/',
  'test/files/',
  'test/house.test.ts',
  'test/input/',
  'test/ledger/',
  'test/market/',
  'test/metering/',
  'test/render/',
  'test/system/',
  'test/upload/',
  'test/usage/',
];

/** Not these of them, nor of those below. */
const APART = ['test/e2e/sea.test.ts'];

/** Tests that kill the tool, or that other programs take part in: in one process as well, because they mostly wait for others. */
const WITH_OTHERS = ['test/conformance/', 'test/interop/', 'test/torture/'];

/** Tests of the whole tool. They share so many processes, because they also wait. */
const WHOLE = 'test/e2e/';
const PROCESSES = 2;

/** When all others are over: tests in which a busy machine would look like a slow service or a tool that hangs. */
const AT_THE_END = [
  'test/e2e/network.test.ts',
  'test/torture/barrier.test.ts',
  'test/torture/stopping.test.ts',
];

const args = process.argv.slice(2);
const flags = args.filter(arg => arg.startsWith('-'));
const asked = args.filter(arg => !arg.startsWith('-'));

/** Of a file, a pattern, or a folder with all that is in it. */
const filesOf = (pattern: string): string[] => {
  const isFolder = statSync(pattern, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const files = globSync(isFolder ? join(pattern, '**/*.test.ts') : pattern).map(file => relative('.', file));
  if (files.length === 0) throw new Error(`no test file: ${pattern}`);
  return files;
};

const gone = [...TOGETHER, ...WITH_OTHERS, ...APART, ...AT_THE_END].filter(path => !existsSync(path));
if (gone.length > 0) throw new Error(`scripts/test.ts names files that do not exist: ${gone}`);

const files = [...new Set((asked.length > 0 ? asked : ['test/**/*.test.ts']).flatMap(filesOf))].sort();
const last = files.filter(file => AT_THE_END.includes(file));
const shared = files.filter(file => ![...APART, ...last].includes(file));
const filesIn = (rooms: readonly string[]): string[] =>
  shared.filter(file => rooms.some(room => file.startsWith(room)));
const together = filesIn(TOGETHER);
const withOthers = filesIn(WITH_OTHERS);
const whole = filesIn([WHOLE]);
const others = files.filter(file => ![...last, ...together, ...withOthers, ...whole].includes(file));

const scratch = mkdtempSync(join(tmpdir(), 'ampmeter-test-'));

type Result = { readonly passed: boolean; readonly text: string };

/** Runs these files with these flags of Node. Their report appears as they run, or `atEnd`. */
const run = async (
  how: string,
  files: readonly string[],
  node: readonly string[],
  atEnd = false,
): Promise<Result> => {
  if (files.length === 0) return { passed: true, text: '' };
  const title = `${how}, ${files.length} in all`;
  const report = atEnd ? join(scratch, `${how}.report`) : undefined;
  const failures = join(scratch, how);
  const reporters = [
    ...['--test-reporter=spec', `--test-reporter-destination=${report ?? 'stdout'}`],
    ...['--test-reporter=./scripts/failures.ts', `--test-reporter-destination=${failures}`],
  ];
  process.stdout.write(`\n${title}${atEnd ? ', reported when they have ended' : ''}\n`);
  const child = spawn(process.execPath, ['--test', ...node, ...reporters, ...flags, ...files], {
    stdio: 'inherit',
    // Sources that were translated and compiled once are read from there by all the others.
    env: { ...process.env, NODE_COMPILE_CACHE: join(scratch, 'compiled') },
  });
  const passed = await new Promise<boolean>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve(code === 0));
  });
  if (report !== undefined && existsSync(report))
    process.stdout.write(`\n${title}\n${readFileSync(report, 'utf8')}`);
  const failed = existsSync(failures) ? readFileSync(failures, 'utf8') : '';
  return { passed, text: `${failed}${passed ? 'passed' : 'FAILED'}: ${title}\n` };
};

// The name that Node 22 has for it, too.
const SHARED = ['--experimental-test-isolation=none'];
const hands = Array.from({ length: PROCESSES }, (_, hand) =>
  whole.filter((_, at) => at % PROCESSES === hand),
);
const FILES_AT_A_TIME = [`--test-concurrency=${AT_A_TIME}`];
const sideBySide = [
  { how: 'one process', files: together, node: SHARED },
  { how: 'kills and other programs', files: withOthers, node: SHARED },
  ...hands.map((files, at) => ({ how: `the whole tool, process ${at + 1}`, files, node: SHARED })),
  { how: `${AT_A_TIME} files at a time`, files: others, node: FILES_AT_A_TIME },
].filter(({ files }) => files.length > 0);
const results = [
  // One report appears as its tests run.
  ...(await Promise.all(
    sideBySide.map(({ how, files, node }, at) => run(how, files, node, at < sideBySide.length - 1)),
  )),
  await run('at the end', last, FILES_AT_A_TIME),
];
rmSync(scratch, { recursive: true });

// At the very end, for those who read only the end of a long log.
process.stdout.write(`\n${results.map(({ text }) => text).join('')}`);
if (results.some(({ passed }) => !passed)) process.exitCode = 1;
