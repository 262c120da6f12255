import { type BuildOptions, build } from 'esbuild';
import { lazyBuiltins } from './lazy-builtins.ts';
import { leanPackages } from './lean-packages.ts';

/** The options of every build of the tool. */
export const BUNDLING = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  // Of ES modules, only the used parts are bundled; CommonJS can only be bundled whole.
  mainFields: ['module', 'main'],
  conditions: ['module'],
  legalComments: 'none',
} as const satisfies BuildOptions;

/**
 * The same for files that are run. They are CommonJS: for an ES module that imports one of Node's modules, Node reads all
 * exports of that module, among them getters that load others. `http.WebSocket` alone loads all of undici. Names are kept,
 * so that the stack of an unexpected error can be read.
 */
export const RUNNABLE = {
  ...BUNDLING,
  format: 'cjs',
  // `import()` becomes `require`, also in packages.
  supported: { 'dynamic-import': false },
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [lazyBuiltins, leanPackages],
} satisfies BuildOptions;

/** The whole tool as the one file that the executable (`sea.ts`) has in it. */
export const bundleWhole = async (root: string, outfile: string): Promise<void> => {
  await build({ ...RUNNABLE, absWorkingDir: root, entryPoints: ['src/main.ts'], outfile });
};
