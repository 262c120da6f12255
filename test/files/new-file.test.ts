import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { writeNewFile } from '../../src/files/new-file.ts';
import { createRegister } from '../../src/files/register.ts';
import { newFolder } from '../helpers/tool.ts';

async function* chunksOf(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}

const write = async (path: string, ...chunks: string[]): Promise<string> =>
  (await writeNewFile(path, chunksOf(...chunks), createRegister())).path;

describe('a file that never takes the place of another', { skip: process.platform === 'win32' }, () => {
  test('is whole, for this user alone, and has the name where that is free', async () => {
    const folder = newFolder();
    const path = join(folder, 'x.csv');
    assert.equal(await write(path, 'a\n', 'b\n'), path);
    assert.equal(readFileSync(path, 'utf8'), 'a\nb\n');
    const { mode, nlink } = statSync(path);
    assert.deepEqual([mode & 0o777, nlink], [0o600, 1]);
    assert.deepEqual(readdirSync(folder), ['x.csv']);
  });

  test('gets the next number that is free, whatever stands before it', async () => {
    const folder = newFolder();
    const path = join(folder, 'x.csv');
    writeFileSync(path, 'mine');
    mkdirSync(join(folder, 'x.2.csv'));
    symlinkSync('x.csv', join(folder, 'x.3.csv'));
    assert.equal(await write(path, 'a'), join(folder, 'x.4.csv'));
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });

  test('has a name of its own also when many are written at once', async () => {
    for (const begin of [undefined, ...Array<string>(10).fill('')]) {
      const path = join(newFolder(), 'x.csv');
      if (begin !== undefined) writeFileSync(path, begin);
      const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
      const names = await Promise.all(texts.map(text => write(path, text)));
      assert.equal(new Set(names).size, 20);
      assert.deepEqual(
        names.map(name => readFileSync(name, 'utf8')),
        texts,
      );
    }
  });

  test('takes the place of an empty one, with its mode, and through a link to it', async () => {
    const folder = newFolder();
    const path = join(folder, 'x.csv');
    writeFileSync(path, '');
    chmodSync(path, 0o640);
    const link = join(folder, 'link');
    symlinkSync('x.csv', link);
    assert.equal(await write(link, 'a'), link);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(path, 'utf8'), 'a');
    assert.equal(statSync(path).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(folder).sort(), ['link', 'x.csv']);
  });

  test('leaves nothing behind when it cannot be written to its end', async () => {
    const folder = newFolder();
    async function* broken(): AsyncGenerator<string> {
      yield 'a';
      throw new Error('no more');
    }
    await assert.rejects(writeNewFile(join(folder, 'x.csv'), broken(), createRegister()), /no more/);
    assert.deepEqual(readdirSync(folder), []);
  });

  test('gets a number where something stands that is no file', async () => {
    const path = join(newFolder(), 'x.csv');
    execFileSync('mkfifo', [path]);
    assert.equal(await write(path, 'a'), path.replace('.csv', '.2.csv'));
    assert.ok(lstatSync(path).isFIFO());
  });

  const noStrace = spawnSync('strace', ['-V']).status === 0 ? false : 'SKIPPED: no strace here';
  test('is as exclusive on a disk that knows no hard links', { skip: noStrace }, () => {
    const folder = newFolder();
    const path = join(folder, 'x.csv');
    const [source, register] = ['new-file', 'register'].map(
      name => new URL(`../../src/files/${name}.ts`, import.meta.url).href,
    );
    const program = `
      import { writeNewFile } from ${JSON.stringify(source)};
      import { createRegister } from ${JSON.stringify(register)};
      async function* text(it) { yield it; }
      for (const it of ['a', 'b', 'b', ''])
        console.log(JSON.stringify(await writeNewFile(${JSON.stringify(path)}, text(it), createRegister())));
    `;
    const { stdout, stderr } = spawnSync(
      'strace',
      [
        '-f',
        '-qq',
        '-e',
        'trace=link,linkat',
        '-e',
        'inject=link,linkat:error=EPERM',
        process.execPath,
      ].concat(['--input-type=module', '-e', program]),
      { encoding: 'utf8' },
    );
    assert.match(stderr, /INJECTED/);
    const second = join(folder, 'x.2.csv');
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
      [
        { path, isNew: true },
        { path: second, isNew: true },
        { path: second, isNew: false },
        { path: join(folder, 'x.3.csv'), isNew: true },
      ],
    );
    assert.deepEqual(readdirSync(folder).sort(), ['x.2.csv', 'x.3.csv', 'x.csv']);
  });
});
