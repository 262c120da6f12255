import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { COMMANDS } from '../src/cli/registry.ts';
import { bundledPackages, noticesText, sbomJson } from './bundled-packages.ts';
import { RUNNABLE } from './bundling.ts';
import { helpText } from './help-text.ts';
import { oneCommand } from './one-command.ts';
import { partBuilds, partsApart } from './parts-apart.ts';

/**
 * Builds the tool into `dist`: a file for each command, `main.cjs` for everything else that can be typed, and parts that few
 * runs use. Only Node is needed to run them. Code that commands share is in each of their files: one large file is loaded
 * faster than many small ones. `help.txt` is what `--help` prints. The licenses of the bundled packages and a bill of
 * materials are written as well.
 */
const root = resolve(import.meta.dirname, '..');
const outdir = join(root, 'dist');

const toolBuild = (name: string | undefined): BuildOptions => {
  const parts = name === undefined ? './parts' : '../parts';
  return {
    ...RUNNABLE,
    entryPoints: ['src/main.ts'],
    outfile: join(outdir, name === undefined ? 'main.cjs' : `commands/${name}.cjs`),
    plugins: [...RUNNABLE.plugins, oneCommand(name), partsApart(root, parts)],
  };
};

const own = COMMANDS.filter(({ showsOthers }) => !showsOthers).map(({ name }) => name);
const built = await Promise.all(
  [...[undefined, ...own].map(toolBuild), ...partBuilds(root, join(outdir, 'parts'))].map(options =>
    // An earlier build is kept when this one fails.
    build({ ...options, absWorkingDir: root, metafile: true, write: false }),
  ),
);

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
};
const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
const packages = bundledPackages([...new Set(inputs)], root);
rmSync(outdir, { recursive: true, force: true });
for (const { path, contents } of built.flatMap(({ outputFiles }) => outputFiles)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
writeFileSync(join(outdir, 'help.txt'), await helpText());
writeFileSync(join(outdir, 'THIRD-PARTY-NOTICES.txt'), noticesText(packages));
writeFileSync(join(outdir, 'sbom.cdx.json'), sbomJson(manifest, packages));
