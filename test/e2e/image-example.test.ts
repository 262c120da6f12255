import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const { version } = JSON.parse(read('package.json')) as { readonly version: string };

type Instruction = { readonly name: string; readonly text: string };

const INSTRUCTIONS: readonly Instruction[] = read('examples/dynamodb/Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/ *\\\n */g, ' ')
  .trimEnd()
  .split('\n')
  .map(line => {
    const [, name = '', text = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return { name, text };
  });

const textsOf = (name: string): readonly string[] =>
  INSTRUCTIONS.flatMap(instruction => (instruction.name === name ? instruction.text : []));

/** What cannot be known without Docker: whether it can be built. */
describe('the Dockerfile', () => {
  test('has instructions, and commands that a shell can read', () => {
    assert.deepEqual(
      INSTRUCTIONS.map(({ name }) => name),
      ['FROM', 'RUN', 'COPY', 'RUN', 'ENV', 'CMD'],
    );
    for (const command of textsOf('RUN')) assert.equal(spawnSync('sh', ['-n', '-c', command]).status, 0);
    assert.deepEqual(JSON.parse(textsOf('CMD').join()), ['ampmeter', '--help']);
  });

  test('begins with the Node.js of this checkout', () => {
    const [, major] = /^(\d+)\./.exec(JSON.parse(read('package.json')).devDependencies.node) ?? [];
    assert.deepEqual(textsOf('FROM'), [`node:${major}-slim`]);
  });

  test('installs the package that npm pack writes', () => {
    const archive = `ampmeter-${version}.tgz`;
    assert.deepEqual(textsOf('COPY'), [`${archive} /tmp/`]);
    assert.ok(textsOf('RUN').includes(`npm install --global /tmp/${archive} && rm /tmp/${archive}`));
  });

  test('has the programs that the examples run', () => {
    const packages = / --no-install-recommends ([^&]*) &&/.exec(textsOf('RUN').join(' '))?.[1]?.split(' ');
    const shell = ['fargate-task-definition.json', 'kubernetes-cronjob.yaml', 'github-actions.yml']
      .map(file => read(`examples/dynamodb/${file}`))
      .join('\n');
    for (const [program, name] of [
      ['aws s3 cp', 'awscli'],
      ['curl', 'curl'],
      ['jq', 'jq'],
    ] as const) {
      assert.match(shell, new RegExp(`\\b${program} `));
      assert.ok(packages?.includes(name), name);
    }
  });

  test('makes the image of this version, which is what the examples run', () => {
    const images = globSync('examples/{cron,dynamodb}/*.{json,yaml,yml}', { cwd: ROOT }).flatMap(file =>
      [...read(file).matchAll(/\/ampmeter:([\w.]+)/g)].map(([, tag]) => tag),
    );
    assert.ok(images.length >= 6, String(images.length));
    assert.deepEqual([...new Set(images)], [version]);
    for (const file of ['Dockerfile', 'README.md'])
      assert.ok(read(`examples/dynamodb/${file}`).includes(`--tag ampmeter:${version} .`), file);
  });
});
