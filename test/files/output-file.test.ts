import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { openOutput, UnwritableError } from '../../src/files/output-file.ts';
import { createRegister } from '../../src/files/register.ts';
import { newFolder } from '../helpers/tool.ts';
import { testWorld } from '../helpers/world.ts';
import { outputAt, WAITING } from './outputs.ts';

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? false : 'SKIPPED: only root may make devices and give files away';

const write = async (path: string, ...chunks: string[]): Promise<void> =>
  (await outputAt(path)).write(chunks);

describe('an output that is a plain file', { skip: process.platform === 'win32' }, () => {
  test('is made for this user alone, or as it is asked', async () => {
    const folder = newFolder();
    await write(join(folder, 'x'), 'a', 'b');
    assert.equal(readFileSync(join(folder, 'x'), 'utf8'), 'ab');
    assert.equal(statSync(join(folder, 'x')).mode & 0o777, 0o600);
    const asked = { flag: '--heartbeat', path: join(folder, 'y'), mode: 0o644 };
    await (await openOutput(createRegister(), asked, WAITING)).write(['a']);
    assert.equal(statSync(join(folder, 'y')).mode & 0o777, 0o644);
    assert.deepEqual(readdirSync(folder), ['x', 'y']);
  });

  test('keeps its mode, whatever a new one would have', async () => {
    for (const mode of [0o644, 0o664, 0o640, 0o600]) {
      const path = join(newFolder(), 'x');
      writeFileSync(path, 'old');
      chmodSync(path, mode);
      await write(path, 'new');
      assert.deepEqual([readFileSync(path, 'utf8'), statSync(path).mode & 0o777], ['new', mode]);
    }
  });

  test('keeps its owner', { skip: asRoot }, async () => {
    const path = join(newFolder(), 'x');
    writeFileSync(path, 'old');
    chownSync(path, 65_534, 65_533);
    await write(path, 'new');
    const { uid, gid } = statSync(path);
    assert.deepEqual([uid, gid, readFileSync(path, 'utf8')], [65_534, 65_533, 'new']);
  });

  test('is written through a link, which stays one, also when its target is not there yet', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'far'));
    symlinkSync('far/target', join(folder, 'link'));
    symlinkSync('link', join(folder, 'link-to-it'));
    for (const text of ['new', 'newer']) {
      await write(join(folder, 'link-to-it'), text);
      assert.equal(readFileSync(join(folder, 'far/target'), 'utf8'), text);
      assert.equal(readlinkSync(join(folder, 'link')), 'far/target');
      assert.deepEqual(readdirSync(join(folder, 'far')), ['target']);
    }
  });

  test('has the same under all its names', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'x'), 'something long that was there');
    linkSync(join(folder, 'x'), join(folder, 'y'));
    await write(join(folder, 'x'), 'new');
    assert.equal(readFileSync(join(folder, 'y'), 'utf8'), 'new');
    assert.deepEqual(readdirSync(folder), ['x', 'y']);
  });

  test('stays as it was when the new one cannot be written to its end', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'x'), 'old');
    const output = await outputAt(join(folder, 'x'));
    async function* broken(): AsyncGenerator<string> {
      yield 'new';
      throw new Error('no more');
    }
    await assert.rejects(output.write(broken()), /no more/);
    assert.equal(readFileSync(join(folder, 'x'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(folder), ['x']);
  });

  test('leaves alone whatever stands beside it, under the name of a draft too', async () => {
    const folder = newFolder();
    for (const name of ['x.part', 'x.tmp', 'x~']) writeFileSync(join(folder, name), 'mine');
    await write(join(folder, 'x'), 'new');
    for (const name of ['x.part', 'x.tmp', 'x~'])
      assert.equal(readFileSync(join(folder, name), 'utf8'), 'mine');
    assert.equal(readdirSync(folder).length, 4);
  });

  test('may have as long a name as there is', async () => {
    const path = join(newFolder(), 'é'.repeat(127));
    await write(path, 'a');
    assert.equal(readFileSync(path, 'utf8'), 'a');
  });

  test('is filled where it may be written and not replaced: in a folder as /tmp is', { skip: asRoot }, () => {
    const folder = newFolder();
    for (let at = folder; at !== tmpdir() && at !== '/'; at = dirname(at)) chmodSync(at, 0o755);
    chmodSync(folder, 0o1777);
    const path = join(folder, 'x');
    writeFileSync(path, 'something long that was there');
    chmodSync(path, 0o666);
    const helper = new URL('./outputs.ts', import.meta.url).href;
    const program = `import { outputAt } from ${JSON.stringify(helper)};
      process.setuid(65534);
      await (await outputAt(${JSON.stringify(path)})).write(['new']);`;
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    assert.equal(ran.status, 0, ran.stderr);
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.deepEqual(readdirSync(folder), ['x']);
  });

  const mounts = spawnSync('unshare', ['-m', 'true']).status === 0;
  test('is filled where it is mounted by itself', {
    skip: mounts ? false : 'SKIPPED: nothing can be mounted here',
  }, () => {
    const folder = newFolder();
    const path = join(folder, 'x');
    for (const name of ['x', 'far']) writeFileSync(join(folder, name), 'old');
    const helper = new URL('./outputs.ts', import.meta.url).href;
    const program = `import { outputAt } from ${JSON.stringify(helper)};
      await (await outputAt(${JSON.stringify(path)})).write(['new']);`;
    const script = 'mount --bind "$1" "$2" && exec "$0" --input-type=module -e "$3"';
    const words = ['-m', 'sh', '-c', script, process.execPath, join(folder, 'far'), path, program];
    const ran = spawnSync('unshare', words, { encoding: 'utf8' });
    assert.equal(ran.status, 0, ran.stderr);
    assert.equal(readFileSync(join(folder, 'far'), 'utf8'), 'new');
    assert.deepEqual(readdirSync(folder).sort(), ['far', 'x']);
  });
});

describe('an output that is no file stays what it is', { skip: process.platform === 'win32' }, () => {
  test('a pipe: is written into, and held open from the start', async () => {
    const path = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const read = readFile(path, 'utf8');
    const output = await outputAt(path);
    const many = Array.from({ length: 30_000 }, (_, at) => `line ${at}\n`);
    await output.write(many);
    assert.equal(await read, many.join(''));
    assert.ok(lstatSync(path).isFIFO());
  });

  test('a pipe whose reader has left: nobody wants the rest', async () => {
    const path = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const left = once(spawn('head', ['-c', '0', path]), 'close');
    const output = await outputAt(path);
    await left;
    await output.write(Array.from({ length: 30_000 }, () => 'line\n'));
  });

  test('a pipe that nobody reads is waited for, but not forever', async () => {
    const path = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const world = testWorld();
    await assert.rejects(
      openOutput(createRegister(), { flag: '--results', path }, world),
      /--results: \S+pipe cannot be written: no program reads from this pipe/,
    );
    assert.equal(
      world.sleeps.reduce((sum, ms) => sum + ms, 0),
      10_000,
    );
  });

  test('nor when the program is asked to stop', async () => {
    const path = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const world = testWorld({ onSleep: it => it.stopping.abort() });
    await assert.rejects(
      openOutput(createRegister(), { flag: '--results', path }, world),
      /no program reads/,
    );
    assert.equal(world.sleeps.length, 1);
  });

  test('a pipe that is not written after all ends for its reader', async () => {
    const path = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const read = readFile(path, 'utf8');
    const output = await outputAt(path);
    output.close();
    output.close();
    assert.equal(await read, '');
  });

  test('a device, and several outputs may be one', { skip: asRoot }, async () => {
    const path = join(newFolder(), 'null');
    execFileSync('mknod', [path, 'c', '1', '3']);
    const register = createRegister();
    for (const flag of ['--results', '--rejects']) {
      const output = await openOutput(register, { flag, path }, WAITING);
      assert.equal(output.isPlain, false);
      await output.write(['a']);
    }
    assert.ok(lstatSync(path).isCharacterDevice());
  });
});

describe('an output that cannot be', () => {
  const refused = (path: string, pattern: RegExp) =>
    assert.rejects(
      outputAt(path),
      error => error instanceof UsageError && pattern.test(`${error.message}; ${error.next}`),
    );

  test('is refused with the reason before anything is sent', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    await refused(folder, /--results: \S+ cannot be written: it is a directory; choose another file/);
    await refused(`${folder}/new/`, /it is a directory/);
    await refused(join(folder, 'no/x'), /its folder does not exist/);
    await refused(join(folder, 'file/x'), /its parent is not a folder/);
    await refused(join(folder, 'a'), /its links form a loop/);
    await refused(join(folder, 'x'.repeat(300)), /its name is too long/);
    await refused('', /--results needs a file; check whether a variable is not set/);
    await refused('-', /--results needs a file: standard output has the report/);
  });

  test('is a socket, or a disk', { skip: asRoot }, async () => {
    const folder = newFolder();
    const server = createServer().listen(join(folder, 'socket'));
    await refused(join(folder, 'socket'), /it is a socket/);
    server.close();
    execFileSync('mknod', [join(folder, 'disk'), 'b', '240', '99']);
    await refused(join(folder, 'disk'), /it is a disk/);
  });

  test('may be no matter of its own: it is something else already', async () => {
    const folder = newFolder();
    const register = createRegister();
    writeFileSync(join(folder, 'there'), '');
    symlinkSync('there', join(folder, 'soft'));
    await register.claim(join(folder, 'there'), 'an input');
    const open = (flag: string, path: string) => openOutput(register, { flag, path }, WAITING);
    await assert.rejects(open('--results', join(folder, 'soft')), error => {
      return (
        error instanceof UsageError &&
        !(error instanceof UnwritableError) &&
        /--results: \S+soft is already used as an input/.test(error.message)
      );
    });
    await open('--results', join(folder, 'o.csv'));
    await assert.rejects(
      open('--rejects', `${folder}/./o.csv`),
      /--rejects: \S+ is already used as the file of --results/,
    );
    assert.deepEqual(readdirSync(folder).sort(), ['soft', 'there']);
  });
});
