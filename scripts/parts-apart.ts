import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { RUNNABLE } from './bundling.ts';

/** A part of the program with a built file of its own, which is loaded when one of its modules is imported. */
type Part = {
  readonly name: string;
  /** What is imported of each of its modules: `echarts/core` → `init`, `use`. */
  readonly modules: ReadonlyMap<string, readonly string[]>;
};

/**
 * Large packages that most runs do not use. No class of ours is in their files: in two files it would be two classes, and
 * `instanceof` would fail.
 */
const PACKAGES = [
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/credential-providers',
  '@aws-sdk/ec2-metadata-service',
  'echarts',
];

/**
 * The emulator of `--local`, apart for the file that starts it. No class gets out of it: its errors are replies, and those
 * about its flags and files belong to the command `emulator`, which has everything in one file.
 */
const EMULATOR_USER = 'src/cli/connection/local.ts';
const EMULATOR: Part = {
  name: 'emulator',
  modules: new Map([['../../emulator/server.ts', ['startEmulator']]]),
};

const IMPORT = /(?:import|const) \{([^}]*)\} (?:from |= await import\()'([^']+)'/g;

const packageParts = (root: string): readonly Part[] => {
  const imports = globSync('src/**/*.ts', { cwd: root }).flatMap(file => [
    ...readFileSync(join(root, file), 'utf8').matchAll(IMPORT),
  ]);
  return PACKAGES.map(name => {
    const modules = new Map<string, readonly string[]>();
    for (const [, names = '', module = ''] of imports) {
      if (module !== name && !module.startsWith(`${name}/`)) continue;
      const values = names.split(',').map(part => part.trim());
      const found = values.filter(part => part !== '' && !part.startsWith('type '));
      modules.set(module, [...new Set([...(modules.get(module) ?? []), ...found])]);
    }
    return { name: name.replace(/^.*\//, ''), modules };
  });
};

const exportsOf = (modules: Part['modules'], from: (module: string) => string): string =>
  [...modules].map(([module, names]) => `export { ${names.join(', ')} } from '${from(module)}';`).join('\n');

/** The builds of all parts, into `folder`. */
export const partBuilds = (root: string, folder: string): readonly BuildOptions[] => {
  const build = ({ name, modules }: Part, resolveDir: string): BuildOptions => ({
    ...RUNNABLE,
    stdin: { resolveDir, contents: exportsOf(modules, module => module) },
    outfile: join(folder, `${name}.cjs`),
  });
  return [
    ...packageParts(root).map(part => build(part, root)),
    build(EMULATOR, join(root, EMULATOR_USER, '..')),
  ];
};

/** Only what may be such a module is looked at: a build has thousands of imports. */
const FIRST_WORDS = /^(@aws-sdk\/|echarts|\.\.\/\.\.\/emulator\/)/;

/** Loads the parts from their files, whose folder is `from` the file that is built. */
export const partsApart = (root: string, from: string): Plugin => {
  const packages = packageParts(root);
  const partOf = (module: string, importer: string): Part | undefined => {
    const file = relative(root, importer).replaceAll('\\', '/');
    if (file === EMULATOR_USER && EMULATOR.modules.has(module)) return EMULATOR;
    return file.startsWith('src/') ? packages.find(({ modules }) => modules.has(module)) : undefined;
  };
  return {
    name: 'parts-apart',
    setup: build => {
      build.onResolve({ filter: FIRST_WORDS }, ({ path, importer }) => {
        const part = partOf(path, importer);
        return part && { path, namespace: 'apart', pluginData: part };
      });
      // Only these names: an import that was not found above is an error of the build.
      build.onLoad({ filter: /.*/, namespace: 'apart' }, ({ path, pluginData: { name, modules } }) => ({
        contents: exportsOf(new Map([[path, modules.get(path)]]), () => `${from}/${name}.cjs`),
      }));
      build.onResolve({ filter: /\.cjs$/, namespace: 'apart' }, ({ path }) => ({ path, external: true }));
    },
  };
};
