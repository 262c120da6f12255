import type { BuildOptions } from 'esbuild';

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
