import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { createRegister, placeOf } from '../../src/files/register.ts';
import { newFolder } from '../helpers/tool.ts';

describe('the register of paths', () => {
  const folder = newFolder();
  const at = (...parts: string[]): string => join(folder, ...parts);
  writeFileSync(at('there'), '');
  linkSync(at('there'), at('hard'));
  symlinkSync('there', at('soft'));
  symlinkSync('not-yet', at('dangling'));
  symlinkSync(folder, at('folder'));
  mkdirSync(at('sub'));

  const SAME: readonly (readonly [what: string, one: string, other: string])[] = [
    ['the same spelling', at('new'), at('new')],
    ['another spelling', at('new'), `${folder}/sub/.././new`],
    ['relative to the working folder', at('new'), relative('.', at('new'))],
    ['through a folder that is a link', at('new'), at('folder', 'new')],
    ['a symbolic link', at('there'), at('soft')],
    ['a hard link', at('there'), at('hard')],
    ['a symbolic link to what is not there yet', at('not-yet'), at('dangling')],
    ['in a folder that is not there yet', at('no', 'folder', 'x'), at('folder', 'no', 'folder', 'x')],
  ];
  for (const [what, one, other] of SAME) {
    test(`knows a path again: ${what}`, async () => {
      for (const [first, second] of [
        [one, other],
        [other, one],
      ] as const) {
        const register = createRegister();
        assert.equal(await register.claim(first, 'an input'), undefined);
        assert.equal(await register.roleOf(second), 'an input');
        assert.equal(await register.claim(second, 'the ledger'), 'an input');
        assert.equal(await register.roleOf(first), 'an input');
      }
    });
  }

  test('tells different files apart', async () => {
    const register = createRegister();
    writeFileSync(at('other'), '');
    for (const name of ['there', 'other', 'new', 'new2', 'dangling'])
      assert.equal(await register.claim(at(name), name), undefined, name);
  });

  test('knows a file that has come since its path was claimed, also by another link', async () => {
    const register = createRegister();
    await register.claim(at('later'), 'the heartbeat');
    writeFileSync(at('later'), '');
    linkSync(at('later'), at('later-too'));
    assert.equal(await register.roleOf(at('later-too')), 'the heartbeat');
  });

  test('does not follow links in a circle forever', async () => {
    symlinkSync(at('b'), at('a'));
    symlinkSync(at('a'), at('b'));
    assert.ok(placeOf(at('a')).startsWith(placeOf(folder)));
  });
});
