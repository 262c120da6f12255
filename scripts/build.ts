import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages, noticesText, sbomJson } from './bundled-packages.ts';
import { BUNDLING } from './bundling.ts';

/**
 * Builds the tool into `dist`: all of `src` and of the packages it uses, in a few files. Only Node is needed to run it, and
 * a command loads only what it needs. The licenses of the bundled packages and a bill of materials are written as well.
 */
const root = resolve(import.meta.dirname, '..');
const outdir = join(root, 'dist');

const { metafile, outputFiles } = await build({
  ...BUNDLING,
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir,
  splitting: true,
  format: 'esm',
  chunkNames: '[name]-[hash]',
  metafile: true,
  // An earlier build is kept when this one fails.
  write: false,
  // CommonJS packages load Node's own modules with `require`.
  banner: {
    js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);",
  },
});

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
};
const packages = bundledPackages(Object.keys(metafile.inputs), root);
rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir);
for (const { path, contents } of outputFiles) writeFileSync(path, contents);
writeFileSync(join(outdir, 'THIRD-PARTY-NOTICES.txt'), noticesText(packages));
writeFileSync(join(outdir, 'sbom.cdx.json'), sbomJson(manifest, packages));
