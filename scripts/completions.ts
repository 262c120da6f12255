/** Writes the completions and the manual page, made from the command tree: `npm run completions`. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../src/files/folder.ts';
import { generated } from './generated.ts';

for (const [file, text] of Object.entries(await generated())) {
  const path = join(import.meta.dirname, '..', file);
  makeFolder(dirname(path), 0o777);
  writeFileSync(path, text);
}
