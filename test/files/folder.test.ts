import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { makeFolder } from '../../src/files/folder.ts';
import { newFolder } from '../helpers/tool.ts';

const errorOf = (path: string): string | undefined => {
  try {
    makeFolder(path, 0o700);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

describe('a folder is made', () => {
  test('with its missing parents, for this user alone', () => {
    const root = newFolder();
    makeFolder(join(root, 'a/b/c'), 0o700);
    for (const part of ['a', 'a/b', 'a/b/c']) assert.equal(statSync(join(root, part)).mode & 0o777, 0o700);
  });

  test('where it exists already, which leaves its mode alone', () => {
    const folder = newFolder();
    chmodSync(folder, 0o755);
    makeFolder(folder, 0o700);
    makeFolder(`${folder}/`, 0o700);
    assert.equal(statSync(folder).mode & 0o777, 0o755);
    const link = join(newFolder(), 'link');
    symlinkSync(folder, link);
    makeFolder(join(link, 'below'), 0o700);
    assert.ok(existsSync(join(folder, 'below')));
  });
});

describe('a folder that cannot be made is an error at once', () => {
  test('below a file, and below a link that leads nowhere', () => {
    const root = newFolder();
    writeFileSync(join(root, 'file'), '');
    symlinkSync(join(root, 'nowhere'), join(root, 'link'));
    assert.equal(errorOf(join(root, 'file')), 'EEXIST');
    assert.equal(errorOf(join(root, 'file/a/b')), 'ENOTDIR');
    assert.equal(errorOf(join(root, 'link/a/b')), 'EEXIST');
  });

  test('in a folder that takes no entries', { skip: !existsSync('/proc/self/fd') }, () => {
    assert.equal(errorOf('/proc/nothing'), 'ENOENT');
    assert.equal(errorOf('/proc/nothing/a/b'), 'ENOENT');
  });

  test('in a folder that was removed while it is still in use', {
    skip: !existsSync('/proc/self/fd'),
  }, () => {
    const gone = newFolder();
    const held = openSync(gone, 'r');
    rmdirSync(gone);
    assert.equal(errorOf(`/proc/self/fd/${held}/a/b`), 'ENOENT');
    closeSync(held);
  });
});
