import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/** Leaves out parts of packages that are loaded at each start and have no effect here. */
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
      contents: without(readFileSync(path, 'utf8'), 'httpsAgent instanceof node_https.Agent || ', path),
    }));
  },
};

const without = (text: string, part: string, path: string): string => {
  const [before, after, ...more] = text.split(part);
  if (after === undefined || more.length > 0) throw new Error(`${path} has changed: it has no ${part}`);
  return `${before}${after}`;
};
