import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FormProblem } from '../../../src/emulator/catalog/form.ts';
import { readCatalog } from '../../../src/emulator/catalog/read-catalog.ts';
import { CATALOG_FORM, catalogSchema } from '../../../src/emulator/catalog/schema.ts';
import { NOW } from '../setup.ts';
import { isValid } from './json-schema.ts';

const FOLDER = path.join(import.meta.dirname, '../../../examples/emulator');
const SCHEMA_FILE = path.join(FOLDER, 'catalog.schema.json');

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const fileJson = (name: string): Json => JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8'));

const SCHEMA = fileJson('catalog.schema.json') as object;
const EXAMPLE = fileJson('catalog.json');

/** A document with every member there is. */
const EVERYTHING: Json = {
  $schema: '',
  regions: ['us-east-1'],
  tokenLifetime: '1h',
  accounts: [
    {
      id: '123456789012',
      userName: 'a.b@c',
      permissions: ['aws-marketplace:*', 'cloudtrail:LookupEvents'],
      keys: [
        {
          accessKeyId: 'AKID',
          secretAccessKey: 's',
          sessionToken: 't',
          userName: 'u',
          permissions: [],
          region: 'eu-west-1',
          platform: 'eks',
        },
      ],
    },
  ],
  products: [
    {
      code: 'p',
      owner: '123456789012',
      dimensions: ['d', 'é', '👍'],
      regions: [],
      created: '2026-06-01',
      concurrentAgreements: false,
      publicKeys: [{ version: 1, replaced: '2026-06-01T00:00:00.5+01:00' }],
    },
  ],
  customers: [{ account: '111122223333', identifier: 'c', suspended: false }],
  agreements: [
    {
      product: 'p',
      customer: '111122223333',
      licenseArn: 'arn:aws:license-manager::123456789012:license:l-1',
      start: '2026-01-01T00:00Z',
      end: '2026-12-31',
      state: 'active',
    },
  ],
  tokens: [
    {
      token: 't',
      product: 'p',
      customer: '111122223333',
      licenseArn: 'arn:aws:license-manager::123456789012:license:l-1',
      issued: '2026-11-22T10:00:00Z',
      lifetime: '4h',
    },
  ],
};

/** What the form of a document is found to be, by the reader. */
const hasForm = (document: Json): boolean => {
  const problems: FormProblem[] = [];
  CATALOG_FORM.read(document, '', problems);
  return problems.length === 0;
};

const VALUES: readonly Json[] = [
  ...[null, true, false, 0, 1, -1, 1.5, 2_147_483_647, 2_147_483_648, [], {}, [null], [[]], ['x', 'x']],
  ...['', ' ', 'x', 'é', '👍', 'x'.repeat(64), 'x'.repeat(65), '👍'.repeat(255), '👍'.repeat(256)],
  ...[
    '123456789012',
    '12345678901',
    '1234567890123',
    '٣٣٣٣٣٣٣٣٣٣٣٣',
    'us-east-1',
    'US-EAST-1',
    'a b',
    'x/y',
    'x,y',
  ],
  ...[
    '2026-06-01',
    '2026-6-1',
    '2026-02-30',
    '2026-13-01',
    '2026-06-01T24:00Z',
    '2026-06-01T10:00',
    '2026-06-01t10:00z',
  ],
  ...[
    '2026-06-01T10:00:00+14:59',
    '2026-06-01T10:00:00+15:00',
    '2026-06-01 10:00Z',
    '1969-12-31',
    '12026-06-01',
  ],
  ...[
    '4h',
    '0h',
    '90m',
    '1w',
    '1000000s',
    '-1h',
    'active',
    'Active',
    'pending',
    'ecs',
    'ECS',
    'aws-marketplace:*',
  ],
  ...[
    'meteringmarketplace:*',
    'aws-marketplace:BatchMeterUsage',
    'arn:aws:x:::y',
    'license:l-1',
    '__proto__',
  ],
];

const NAMES = [
  '$schema',
  'code',
  'id',
  'end',
  'keys',
  'version',
  'x',
  '',
  'Code',
  '__proto__',
  'constructor',
  'toString',
];

type Place = readonly (string | number)[];

const placesIn = (value: Json, place: Place = []): Place[] => {
  if (value === null || typeof value !== 'object') return [place];
  const entries: (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.map((inner, index) => [index, inner])
    : Object.entries(value);
  return [place, ...entries.flatMap(([name, inner]) => placesIn(inner, [...place, name]))];
};

/** The document with what stands at the place made into something else; undefined: taken out. */
const changedAt = (value: Json, [name, ...rest]: Place, change: (inner: Json) => Json | undefined): Json => {
  if (name === undefined) return change(value) ?? null;
  const copy = new Map<string | number, Json>(
    Array.isArray(value) ? value.entries() : Object.entries(value as object),
  );
  const inner = copy.get(name) as Json;
  const changed = rest.length === 0 ? change(inner) : changedAt(inner, rest, change);
  if (changed === undefined) copy.delete(name);
  else copy.set(name, changed);
  return Array.isArray(value) ? [...copy.values()] : objectOf([...copy] as [string, Json][]);
};

/** As JSON.parse makes one: `__proto__` is a member like any other. */
const objectOf = (entries: readonly (readonly [string, Json])[]): Json => Object.fromEntries(entries);

const mutations = (value: Json): fc.Arbitrary<(inner: Json) => Json | undefined> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...VALUES).map(other => () => other) },
    { weight: 2, arbitrary: fc.constant(() => undefined) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES))
        .map(([name, other]) => (inner: Json): Json => {
          if (inner === null || typeof inner !== 'object') return inner;
          return Array.isArray(inner)
            ? [...inner, other]
            : objectOf([...Object.entries(inner), [name, other]]);
        }),
    },
    {
      weight: 1,
      arbitrary: fc.constant((inner: Json): Json => (Array.isArray(inner) ? [...inner, ...inner] : [inner])),
    },
    {
      weight: 1,
      arbitrary: fc.constant((inner: Json): Json => (typeof inner === 'string' ? `${inner}\n` : value)),
    },
  );

const mutant = (original: Json): fc.Arbitrary<Json> =>
  fc
    .constantFrom(...placesIn(original))
    .chain(place => mutations(original).map(change => changedAt(original, place, change)));

/** Some are right, most have a thing or two wrong with them, and a few are no catalogs at all. */
const documents: fc.Arbitrary<Json> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(EXAMPLE, EVERYTHING, {}, ...VALUES) },
  { weight: 10, arbitrary: fc.constantFrom(EXAMPLE, EVERYTHING).chain(mutant) },
  { weight: 5, arbitrary: fc.constantFrom(EXAMPLE, EVERYTHING).chain(mutant).chain(mutant) },
);

describe('the published schema', () => {
  it('is the one that the reader is made of', () => {
    const write =
      "write it again: node -e \"import('./src/emulator/catalog/schema.ts').then(({ catalogSchema }) => " +
      'console.log(JSON.stringify(catalogSchema())))" > examples/emulator/catalog.schema.json && ' +
      'npx biome format --write examples/emulator';
    assert.deepEqual(SCHEMA, JSON.parse(JSON.stringify(catalogSchema())), write);
  });

  it('is named by the example, which holds together', () => {
    assert.equal((EXAMPLE as { $schema: string }).$schema, './catalog.schema.json');
    assert.deepEqual(readCatalog(EXAMPLE, NOW).ok, true);
    assert.deepEqual(readCatalog(EVERYTHING, NOW).ok, true);
    assert.deepEqual(readCatalog({}, NOW).ok, true);
  });

  it('has a sentence for each member', () => {
    const lacking = placesIn(SCHEMA as Json).filter(
      place => place.at(-2) === 'properties' && place.at(-1) !== 'properties',
    );
    assert.ok(lacking.length > 40);
    for (const place of lacking) {
      let schema: unknown = SCHEMA;
      for (const name of place) schema = (schema as Record<string, unknown>)[name];
      assert.match((schema as { description: string }).description, /^[A-Za-z].*\.$/, place.join('.'));
    }
  });

  it('takes and refuses what the reader does: each value at each place', () => {
    let right = 0;
    for (const place of placesIn(EVERYTHING)) {
      for (const value of VALUES) {
        const document = changedAt(EVERYTHING, place, () => value);
        const expected = hasForm(document);
        assert.equal(isValid(SCHEMA, document), expected, JSON.stringify(document));
        if (expected) right++;
      }
    }
    assert.ok(right > 300, String(right));
  });

  it('takes and refuses what the reader does: mutants', () => {
    const numRuns = sampled(3000);
    const counts = { right: 0, wrong: 0 };
    fc.assert(
      fc.property(documents, document => {
        const right = hasForm(document);
        counts[right ? 'right' : 'wrong']++;
        assert.equal(isValid(SCHEMA, document), right, JSON.stringify(document));
        // Whatever has another form is refused as a whole; what has its form may still not hold together.
        const read = readCatalog(document, NOW);
        assert.ok(right || !read.ok);
      }),
      { numRuns },
    );
    assert.ok(counts.right > numRuns / 10 && counts.wrong > numRuns / 3, JSON.stringify(counts));
  });

  it('does so in the eyes of an independent validator', t => {
    const sample = fc.sample(documents, { numRuns: 500, seed: 4 });
    // To Python, `$` also stands before a line feed at the end, which JSON Schema's regular expressions do not say.
    const fair = sample.filter(document => !JSON.stringify(document).includes('\\n'));
    const python = spawnSync('python3', ['-c', WITNESS, SCHEMA_FILE], {
      input: JSON.stringify(fair),
      encoding: 'utf8',
    });
    if (python.status !== 0) {
      t.skip(
        `python3 with jsonschema is needed: ${python.error?.message ?? python.stderr.trim().split('\n').at(-1)}`,
      );
      return;
    }
    assert.deepEqual(JSON.parse(python.stdout), fair.map(hasForm));
    assert.ok(fair.length > 300);
  });
});

const WITNESS = `
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
json.dump([validator.is_valid(document) for document in json.load(sys.stdin)], sys.stdout)
`;

import { sampled } from '../../helpers/volume.ts';
