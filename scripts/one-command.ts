import type { Plugin } from 'esbuild';
import { COMMANDS } from '../src/cli/registry.ts';

/**
 * Leaves out what a built file never runs: all commands but this one; or without a name, what runs the commands that have
 * files of their own.
 */
export const oneCommand = (name: string | undefined): Plugin => ({
  name: 'one-command',
  setup: build => {
    build.onResolve({ filter: /^\.\.\/commands\// }, ({ path, importer }) => {
      if (!/[/\\]cli[/\\]registry\.ts$/.test(importer)) return undefined;
      const [, , command, file] = path.split('/');
      const isKept = name === undefined ? file === 'options.ts' || !hasOwnFile(command) : command === name;
      return isKept ? undefined : { path, external: true };
    });
  },
});

const hasOwnFile = (command: string | undefined): boolean =>
  COMMANDS.some(({ name, showsOthers }) => name === command && !showsOthers);
