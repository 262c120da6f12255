import type { BuildOptions } from 'esbuild';

/** How the tool is bundled, in whatever form. */
export const BUNDLING = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  // The packages' ES modules can be bundled in part, their CommonJS only whole.
  mainFields: ['module', 'main'],
  conditions: ['module'],
  legalComments: 'none',
} as const satisfies BuildOptions;
