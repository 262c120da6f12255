import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { devNull } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { newFolder } from '../helpers/tool.ts';
import { PYTHON, withoutModules } from './python.ts';
import { run } from './run.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A folder with the example, the tool and AWS's client installed, as a seller would have it. */
const sellersFolder = (example: string): string => {
  const folder = newFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/ampmeter'), 'junction');
  symlinkSync(join(ROOT, 'node_modules/@aws-sdk'), join(folder, 'node_modules/@aws-sdk'), 'junction');
  copyFileSync(join(ROOT, example), join(folder, basename(example)));
  return folder;
};

type Example = {
  readonly file: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly passed: RegExp;
  readonly skip: string | false;
};

const EXAMPLES: readonly Example[] = [
  {
    file: 'examples/emulator/integration-test.mjs',
    command: [process.execPath, '--test', '--test-reporter=tap'],
    passed: /^# pass 1$/m,
    skip: false,
  },
  {
    file: 'examples/emulator/integration_test.py',
    command: [PYTHON, '-m', 'unittest'],
    passed: /^Ran 1 test in .*\n\nOK$/m,
    skip: withoutModules('boto3'),
  },
];

describe('the example', () => {
  for (const { file, command, passed, skip } of EXAMPLES) {
    test(`${file} has fewer than 40 lines`, () => {
      const lines = readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n');
      assert.ok(lines.length < 40, String(lines.length));
    });

    const runIn = (folder: string) => {
      const [program, ...args] = command;
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const path = `${dirname(process.execPath)}${delimiter}${env['PATH']}`;
      const aws = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull };
      return run(program, [...args, basename(file)], { env: { ...env, ...aws, PATH: path }, cwd: folder });
    };

    test(`${file} passes where the tool is installed`, { skip }, async () => {
      const { code, stdout, stderr } = await runIn(sellersFolder(file));
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout + stderr, passed);
    });

    test(`${file} fails where the tool is not`, { skip }, async () => {
      const folder = newFolder();
      copyFileSync(join(ROOT, file), join(folder, basename(file)));
      const { code } = await runIn(folder);
      assert.notEqual(code, 0);
    });
  }
});
