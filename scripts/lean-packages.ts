import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/** Changes to packages that load at each start what has no effect here. Each fails when the package no longer has that. */
export const leanPackages: Plugin = {
  name: 'lean-packages',
  setup: build => {
    // Chalk looks for colors of the terminal; src/render/text/style.ts has decided them.
    build.onResolve({ filter: /^#supports-color$/ }, ({ path }) => ({ path, namespace: 'no-detection' }));
    build.onLoad({ filter: /.*/, namespace: 'no-detection' }, () => ({
      contents: 'export default { stdout: false, stderr: false };',
    }));
    // It is loaded for the first text in color, and most runs have none.
    build.onResolve({ filter: /^chalk$/, namespace: 'file' }, ({ path, resolveDir }) => ({
      path,
      namespace: 'late-chalk',
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /.*/, namespace: 'late-chalk' }, ({ pluginData }) => ({
      resolveDir: pluginData,
      contents: "export function Chalk(options) { return new (require('chalk').Chalk)(options); }",
    }));
    // The handler asks whether it was given an agent of `node:https`, and loads that for the question, 10 ms with `node:tls`.
    // The second half of its condition is enough for ours.
    build.onLoad({ filter: /node-http-handler[/\\]dist-es[/\\]node-http-handler\.js$/ }, ({ path }) => ({
      contents: changed(path, 'httpsAgent instanceof node_https.Agent || ', ''),
    }));
    // Every Node of today has `crypto.randomUUID`. To look for it loads all of Web Crypto, 4 ms.
    build.onLoad({ filter: /serde[/\\]uuid[/\\]v4\.js$/ }, ({ path }) => ({
      contents: changed(
        path,
        'typeof crypto !== "undefined" && typeof crypto.randomUUID === "function"',
        'true',
      ),
    }));
    // `fs/promises` takes 2 ms to load.
    build.onLoad({ filter: /shared-ini-file-loader[/\\]readFile\.js$/ }, ({ path }) => ({
      contents: changed(
        path,
        'import { readFile as fsReadFile } from "node:fs/promises";',
        "import fs from 'node:fs'; import { promisify } from 'node:util'; const fsReadFile = promisify(fs.readFile);",
      ),
    }));
  },
};

const changed = (path: string, part: string, by: string): string => {
  const [before, after, ...more] = readFileSync(path, 'utf8').split(part);
  if (after === undefined || more.length > 0) throw new Error(`${path} has changed: it has no ${part}`);
  return `${before}${by}${after}`;
};
