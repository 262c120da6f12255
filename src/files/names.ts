import { basename, dirname, join } from 'node:path';

/**
 * `usage.csv` has its rejects in `usage.rejected.csv`, and so does `usage.rejected.csv`: names must not grow with each
 * round of corrections.
 */
export const rejectsName = (input: string, format: 'csv' | 'jsonl' | 'json'): string => {
  const name = input.replace(/\.gz$/i, '');
  const stem = name.replace(/\.(csv|tsv|json|jsonl|ndjson)$/i, '').replace(/\.rejected(\.[0-9]+)?$/, '');
  if (format !== 'csv') return `${stem}.rejected.jsonl`;
  // The cells are separated as in the input.
  return `${stem}.rejected.${/\.tsv$/i.test(name) ? 'tsv' : 'csv'}`;
};

/** The name itself, then numbered ones: `usage.rejected.2.csv`, `usage.rejected.3.csv` and so on. */
export function* numbered(path: string): Generator<string> {
  yield path;
  const ending = /\.(csv|tsv|txt|json|jsonl|ndjson)$/i.exec(path)?.[0] ?? '';
  const stem = path.slice(0, path.length - ending.length).replace(/(\.rejected)\.[0-9]+$/, '$1');
  for (let number = 2; ; number += 1) yield `${stem}.${number}${ending}`;
}

/** A name in the folder of a file. */
export const beside = (file: string, name: string): string => join(dirname(file), name);

/** Names of streams that belong to this process: nothing can be written beside them. */
const OWN_STREAM = /^(-|<stdin>|\/dev\/stdin|\/dev\/fd\/.*|\/proc\/.*)$/;

export const isOwnStream = (name: string): boolean => OWN_STREAM.test(name);

/** The name for a file about a stream: a named pipe has its own, standard input and other streams have none. */
export const streamName = (name: string): string => {
  if (!isOwnStream(name)) return basename(name);
  return /\/(fd|proc)\//.test(name) ? 'pipe' : 'stdin';
};
