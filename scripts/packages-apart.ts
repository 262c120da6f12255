import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { RUNNABLE } from './bundling.ts';

/**
 * Large packages that most runs do not use. Each has a built file of its own, which is loaded when the package is imported.
 * No file of ours is in them: a class of ours in two files would be two classes, and `instanceof` would fail.
 */
const APART = [
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/credential-providers',
  '@aws-sdk/ec2-metadata-service',
  'echarts',
];

/** `@aws-sdk/client-dynamodb` → `client-dynamodb.cjs` */
const fileOf = (name: string): string => `${name.replace(/^.*\//, '')}.cjs`;

/** What the sources import of these packages, by module: `echarts/core` → `init`, `use`. */
const importedNames = (root: string): ReadonlyMap<string, readonly string[]> => {
  const modules = new Map<string, Set<string>>();
  for (const file of globSync('src/**/*.ts', { cwd: root })) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, names = '', module = ''] of text.matchAll(IMPORT)) {
      if (packageOf(module) === undefined) continue;
      const found = modules.get(module) ?? new Set();
      modules.set(module, found);
      for (const name of names.split(',').map(part => part.trim()))
        if (name !== '' && !name.startsWith('type ')) found.add(name);
    }
  }
  return new Map([...modules].map(([module, names]) => [module, [...names]]));
};

const IMPORT = /(?:import|const) \{([^}]*)\} (?:from |= await import\()'([^']+)'/g;

const packageOf = (module: string): string | undefined =>
  APART.find(name => module === name || module.startsWith(`${name}/`));

/** The builds of these packages, into `folder`. */
export const packageBuilds = (root: string, folder: string): readonly BuildOptions[] => {
  const modules = importedNames(root);
  return APART.map(name => ({
    ...RUNNABLE,
    stdin: {
      resolveDir: root,
      contents: [...modules]
        .filter(([module]) => packageOf(module) === name)
        .map(([module, names]) => `export { ${names.join(', ')} } from '${module}';`)
        .join('\n'),
    },
    outfile: join(folder, fileOf(name)),
  }));
};

/** Loads these packages from their own files, whose folder is `relative` to the file that is built. */
export const packagesApart = (root: string, relative: string): Plugin => {
  const modules = importedNames(root);
  return {
    name: 'packages-apart',
    setup: build => {
      build.onResolve({ filter: /^[@a-z]/ }, ({ path, importer, kind }) => {
        if (packageOf(path) === undefined || kind === 'entry-point') return undefined;
        if (!importer.startsWith(join(root, 'src'))) return undefined;
        return { path, namespace: 'apart' };
      });
      // With the names, so that an import which `importedNames` has not found is an error of the build.
      build.onLoad({ filter: /.*/, namespace: 'apart' }, ({ path }) => ({
        contents: `export { ${modules.get(path)?.join(', ')} } from '${relative}/${fileOf(packageOf(path) ?? '')}';`,
      }));
      build.onResolve({ filter: /\.cjs$/, namespace: 'apart' }, ({ path }) => ({ path, external: true }));
    },
  };
};
