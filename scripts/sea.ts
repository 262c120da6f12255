import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inject } from 'postject';
import { makeFolder } from '../src/files/folder.ts';
import { bundleWhole } from './bundling.ts';

/**
 * `npm run sea [-- FILE]`: builds one executable that contains the tool and the Node that runs this script, for machines
 * without Node. Source: nodejs.org, "Single executable applications".
 */
const root = resolve(import.meta.dirname, '..');
const target = resolve(process.argv[2] ?? join(root, 'sea/ampmeter'));
const scratch = mkdtempSync(join(tmpdir(), 'ampmeter-sea-'));
try {
  const main = join(scratch, 'main.cjs');
  await bundleWhole(root, main);

  const blob = join(scratch, 'ampmeter.blob');
  const config = join(scratch, 'sea.json');
  writeFileSync(config, JSON.stringify({ main, output: blob, disableExperimentalSEAWarning: true }));
  const { status, stderr } = spawnSync(process.execPath, ['--experimental-sea-config', config], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);

  makeFolder(dirname(target), 0o777);
  rmSync(target, { force: true });
  copyFileSync(process.execPath, target);
  chmodSync(target, 0o755);
  await inject(target, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
    machoSegmentName: 'NODE_SEA',
  });
  process.stdout.write(`${target}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
