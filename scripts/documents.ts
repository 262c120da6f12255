import { readFileSync, writeFileSync } from 'node:fs';
import { retell, STORIES } from '../test/docs/story.ts';

/** `npm run docs`: writes what the tool prints now into the documents with consoles. */
for (const path of STORIES) writeFileSync(path, await retell(readFileSync(path, 'utf8')));
