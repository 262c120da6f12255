import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Modules of Node that take 1 to 20 ms to load. A bundle that imports one of them loads it when it is used for the first
 * time: Commander imports `child_process` for subcommands that are programs, and `tls` is for connections to AWS.
 */
const SLOW = [
  'child_process',
  'crypto',
  'fs/promises',
  'http',
  'http2',
  'https',
  'net',
  'perf_hooks',
  'readline',
  'readline/promises',
  'stream/promises',
  'tls',
  'tty',
  'v8',
  'worker_threads',
  'zlib',
];

const NAMESPACE = 'lazy-builtin';

const require = createRequire(import.meta.url);

/** Replaces each of these modules by one with the same members, which loads the real one when a member is read. */
export const lazyBuiltins: Plugin = {
  name: NAMESPACE,
  setup: build => {
    build.onResolve({ filter: new RegExp(`^(node:)?(${SLOW.join('|')})$`) }, ({ path, namespace }) =>
      namespace === NAMESPACE ? undefined : { path: path.replace(/^node:/, ''), namespace: NAMESPACE },
    );
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ contents: standIn(path) }));
  },
};

/** A member may also be set: `http.globalAgent`. */
const standIn = (name: string): string => {
  const members = Object.keys(require(`node:${name}`));
  return `
    let loaded;
    const real = () => (loaded ??= require('node:${name}'));
    for (const member of ${JSON.stringify(members)})
      Object.defineProperty(exports, member, {
        enumerable: true,
        get: () => real()[member],
        set: value => { real()[member] = value; },
      });
  `;
};
