import { globSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export const ROOT: string = join(import.meta.dirname, '../..');

export type Document = {
  /** The whole path. */
  readonly path: string;
  /** From the root, with `/`. */
  readonly name: string;
  readonly text: string;
};

/** All Markdown files of the tree. */
export const DOCUMENTS: readonly Document[] = ['*.md', '{docs,examples,bench,src,test,scripts}/**/*.md']
  .flatMap(pattern => globSync(pattern, { cwd: ROOT }))
  .toSorted()
  .map(file => join(ROOT, file))
  .map(path => ({
    path,
    name: relative(ROOT, path).split(sep).join('/'),
    text: readFileSync(path, 'utf8'),
  }));

/** The text without blocks of code: what is a link, a heading or a sentence. */
export const proseOf = (markdown: string): string => markdown.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
