/** `npm run completions`: generates the completions and the manual page from the command tree. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../src/files/folder.ts';
import { generated } from './generated.ts';

for (const [file, text] of Object.entries(await generated())) {
  const path = join(import.meta.dirname, '..', file);
  makeFolder(dirname(path), 0o777);
  writeFileSync(path, text);
}
