import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CRON } from '../../src/commands/help/topics/prose.ts';
import { typed } from '../cli/setup.ts';
import { newFolder } from '../helpers/tool.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The jobs of the crontab that a document shows, one after the other. */
const crontabIn = (document: string): string => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const [, block = ''] = /^ *```crontab\n([\s\S]*?)^ *```$/m.exec(text) ?? [];
  return block
    .split('\n')
    .flatMap(line => /^ *\d+ \* \* \* \* +(.*)$/.exec(line)?.[1] ?? [])
    .map(job => `(${job})\n`)
    .join('');
};

const [, script = ''] = /^( {2}#!\/bin\/sh\n(?: {2}.*\n)+)/m.exec(CRON) ?? [];

const RECIPES: readonly (readonly [name: string, shell: string])[] = [
  ['docs/cron-and-containers.md', crontabIn('docs/cron-and-containers.md')],
  ['docs/first-week.md', crontabIn('docs/first-week.md')],
  ['ampmeter help cron', script],
];

type Ran = { readonly mail: string; readonly exported: string; readonly called: string };

/** Runs it where the export is this script, and `ampmeter` only notes how it is called. */
const ran = (shell: string, exporter: string): Ran => {
  const folder = newFolder();
  const put = (name: string, text: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  put('export-last-day', exporter);
  put('ampmeter', `echo "$@" > called`);
  writeFileSync(join(folder, 'last-day.csv'), 'old\n');
  const env = { PATH: `${folder}:${process.env['PATH']}` };
  const placed = shell.replaceAll(/cd \/\S+/g, `cd '${folder}'`);
  const { stdout, stderr } = spawnSync('sh', ['-c', placed], { encoding: 'utf8', env });
  const read = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim() : '';
  return { mail: stdout + stderr, exported: read('last-day.csv'), called: read('called') };
};

describe('the recipe for cron in', () => {
  for (const [name, shell] of RECIPES) {
    test(`${name} mails nothing after an export that works, and bills it`, () => {
      const { mail, exported, called } = ran(shell, 'echo new');
      assert.deepEqual([mail, exported], ['', 'new']);
      assert.match(called, /^batch last-day\.csv /);
    });

    test(`${name} mails that an export has failed, even if that says nothing, and keeps the old file`, () => {
      const { mail, exported } = ran(shell, 'echo half; exit 1');
      assert.deepEqual([mail, exported], ['the usage export failed\n', 'old']);
    });

    test(`${name} skips invalid rows, tells each problem once, and reports the end of a run`, async () => {
      const { options } = await typed(ran(shell, 'echo new').called);
      assert.deepEqual(
        [options['quiet'], options['skipInvalid'], options['knownProblems'], options['heartbeatEnd']],
        [true, true, 'ok', 'last-end.json'],
      );
      assert.ok(Number(options['waitMs']) > 0);
    });
  }
});
