import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package with code in the bundle. */
export type BundledPackage = {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** The texts of its license and notice files. */
  readonly texts: readonly string[];
};

/** The packages of these files (relative to `root`), sorted by name. Throws when one does not name its license. */
export const bundledPackages = (files: readonly string[], root: string): BundledPackage[] => {
  const folders = new Set(files.flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  return [...folders]
    .map(folder => {
      const path = join(root, folder);
      const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
      if (typeof license !== 'string') throw new Error(`${name} does not name its license`);
      const texts = legalFiles(path).map(file => readFileSync(file, 'utf8').trim());
      return { name, version, license, texts };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** The files that must accompany a copy: licenses, including those in a folder that the main one refers to, and notices. */
const legalFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => /^(licen[cs]e|notice|copying)/i.test(name))
    .flatMap(entry => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? readdirSync(path).map(file => join(path, file)) : [path];
    });

export const noticesText = (packages: readonly BundledPackage[]): string => {
  const texts = Map.groupBy(packages, ({ texts }) => texts.join('\n\n'));
  const parts = [...texts].map(([text, of]) => {
    const names = of.map(({ name, version, license }) => `${name} ${version} (${license})`).join('\n');
    return `${names}\n\n${text || 'The package contains no text of its license.'}\n`;
  });
  return `ampmeter contains parts of the following packages.\n\n${parts.join(`\n${'-'.repeat(72)}\n\n`)}`;
};

/** Source: CycloneDX 1.6, JSON. */
export const sbomJson = (
  { name, version }: { readonly name: string; readonly version: string },
  packages: readonly BundledPackage[],
): string => {
  const purl = (of: { name: string; version: string }): string =>
    `pkg:npm/${of.name.replace('@', '%40')}@${of.version}`;
  const sbom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', 'bom-ref': purl({ name, version }), name, version },
    },
    components: packages.map(part => ({
      type: 'library',
      'bom-ref': purl(part),
      name: part.name,
      version: part.version,
      purl: purl(part),
      licenses: [{ expression: part.license }],
    })),
  };
  return `${JSON.stringify(sbom, null, 2)}\n`;
};
