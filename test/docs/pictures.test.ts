import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Theme, terminalPicture } from '../../scripts/terminal-picture.ts';

const FOLDER = join(import.meta.dirname, '../../docs/pictures');

describe('the picture of the terminal is what the tool prints now; npm run picture draws it', () => {
  for (const theme of ['light', 'dark'] satisfies Theme[])
    test(theme, async () => {
      const picture = readFileSync(join(FOLDER, `terminal-${theme}.svg`), 'utf8');
      assert.equal(await terminalPicture(theme), picture);
      assert.match(picture, /<tspan class="ok">✓ accepted<\/tspan>/);
    });
});

describe('the picture of the report is a picture', () => {
  const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  for (const theme of ['light', 'dark'] satisfies Theme[])
    test(theme, () => {
      const picture = readFileSync(join(FOLDER, `report-${theme}.png`));
      assert.deepEqual(picture.subarray(0, 8), SIGNATURE);
      assert.equal(picture.readUInt32BE(16), 1100);
    });
});
