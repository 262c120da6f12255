import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/**
 * `npm test [-- FILE_OR_FOLDER... --test-name-pattern=...]`: runs all test files, or only these, in two runs. In the first,
 * files run in parallel: one more than there are cores, because tests also wait. (Node's default is one fewer.)
 */
const TOGETHER = availableParallelism() + 1;

/** The second run: tests in which a busy machine would look like a slow service or a tool that hangs. */
const ALONE = [
  'test/e2e/network.test.ts',
  'test/torture/answers.test.ts',
  'test/torture/barrier.test.ts',
  'test/torture/edited.test.ts',
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

const gone = ALONE.filter(file => !existsSync(file));
if (gone.length > 0) throw new Error(`ALONE in scripts/test.ts names files that do not exist: ${gone}`);

const files = [...new Set((asked.length > 0 ? asked : ['test/**/*.test.ts']).flatMap(filesOf))].sort();
const runs = [
  {
    how: `${TOGETHER} files at a time`,
    atATime: TOGETHER,
    files: files.filter(file => !ALONE.includes(file)),
  },
  { how: 'one file at a time', atATime: 1, files: files.filter(file => ALONE.includes(file)) },
].filter(run => run.files.length > 0);

const scratch = mkdtempSync(join(tmpdir(), 'ampmeter-test-'));
const results = runs.map(({ how, atATime, files }) => {
  process.stdout.write(`\n${how}, ${files.length} in all\n`);
  const failures = join(scratch, how);
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=./scripts/failures.ts', `--test-reporter-destination=${failures}`],
  ];
  const node = ['--test', `--test-concurrency=${atATime}`, ...reporters, ...flags, ...files];
  const passed = spawnSync(process.execPath, node, { stdio: 'inherit' }).status === 0;
  const text = `${passed ? 'passed' : 'FAILED'}: ${how}, ${files.length} in all\n`;
  return { passed, text: `${existsSync(failures) ? readFileSync(failures, 'utf8') : ''}${text}` };
});
rmSync(scratch, { recursive: true });

// At the very end, for those who read only the end of a long log.
process.stdout.write(`\n${results.map(({ text }) => text).join('')}`);
if (results.some(({ passed }) => !passed)) process.exitCode = 1;
