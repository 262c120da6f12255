import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportPictures } from './report-picture.ts';
import { type Theme, terminalPicture } from './terminal-picture.ts';

/** `npm run picture`: makes the pictures of the documents, light and dark, from real runs. Needs Chromium. */
const FOLDER = join(import.meta.dirname, '../docs/pictures');

const pages = await reportPictures();
for (const theme of ['light', 'dark'] satisfies Theme[]) {
  writeFileSync(join(FOLDER, `terminal-${theme}.svg`), await terminalPicture(theme));
  writeFileSync(join(FOLDER, `report-${theme}.png`), pages[theme]);
}
