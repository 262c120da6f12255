import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DOCUMENTS, ROOT } from './documents.ts';
import { exportOf } from './export.ts';
import { partsOf } from './parts.ts';

const SHIM = join(ROOT, 'test/helpers/clock-shim.cjs');

const parts = partsOf(DOCUMENTS.find(({ name }) => name === 'docs/first-week.md')?.text ?? '');
const script = parts.flatMap(part =>
  part.kind === 'file' && part.name === 'export-last-day' ? part.text : [],
);

describe('the export that the first week shows prints what the story bills', () => {
  for (const time of ['2026-11-26T10:10Z', '2026-11-28T23:10Z', '2026-12-01T05:10Z'])
    test(`at ${time}`, () => {
      const now = Date.parse(time);
      // The clock goes on while Node starts, which is less than the rest of these hours.
      const { stdout, stderr } = spawnSync(process.execPath, [`--require=${SHIM}`, '-'], {
        input: script.join(''),
        encoding: 'utf8',
        env: { ...process.env, CLOCK_OFFSET_MS: String(now - Date.now()) },
      });
      assert.equal(stderr, '');
      assert.equal(stdout, exportOf(now, 24, { broken: '', quiet: [] }));
    });
});
