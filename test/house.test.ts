import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import manifest from '../package.json' with { type: 'json' };

/** What a room may import besides itself: rooms, files of rooms, packages, and `node:` modules. */
type Walls = {
  /** Everything of these. */
  readonly all: readonly string[];
  /** Types of these. */
  readonly types: readonly string[];
  /** These values by name. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
};

/** The words and lists of the domain that a report must not spell a second time. */
const VOCABULARY = [
  'LIMITS',
  'WINDOWS',
  'STATUSES',
  'COLUMN_NAMES',
  'isBillable',
  'isBilled',
  'isUnfinished',
  'apiAllocations',
];

/** How JSON from elsewhere is read, by whoever reads it. */
const JSON_READING = ['parseJson', 'DuplicateMember'];

/** Who may import whom. A wish that needs another line here says that a wall stands in the wrong place. */
const HOUSE: Readonly<Record<string, Walls>> = {
  usage: { all: [], types: [] },
  errors: { all: [], types: [] },
  system: { all: ['node:child_process', 'node:readline', 'node:stream'], types: [] },
  world: { all: ['files', 'errors', 'system', 'node:', '../package.json'], types: [] },
  input: { all: ['usage', 'errors', 'csv-parse'], types: ['world'] },
  files: {
    all: ['errors', 'node:fs', 'node:net', 'node:path', 'node:stream', 'node:tty'],
    types: ['world'],
  },
  metering: {
    all: [
      'errors',
      '@smithy',
      '@aws-sdk',
      'jose',
      'node:crypto',
      'node:http',
      'node:https',
      'node:net',
      'node:tls',
    ],
    types: ['usage', 'world', 'node:stream'],
    values: {
      usage: [
        'LIMITS',
        'apiAllocations',
        'METERING',
        'awsRegionOf',
        'isRegionName',
        'partitionOf',
        'regionInHost',
        ...JSON_READING,
      ],
      world: ['unreadableBecause'],
    },
  },
  ledger: {
    all: ['errors', 'files', 'node:sqlite', 'node:fs', 'node:path', 'node:os', 'node:crypto'],
    types: ['usage', 'world'],
    values: {
      usage: ['identityMode', 'awsScopeIn', 'scopeOfRecorded', 'firstOpenHour', 'WINDOWS', 'startOfHour'],
    },
  },
  cloudtrail: {
    all: ['errors', 'metering', 'node:sqlite', 'node:zlib', 'node:stream'],
    types: ['usage', 'world'],
    values: { usage: JSON_READING, world: ['unreadableBecause'] },
  },
  render: {
    all: ['errors', 'chalk', 'echarts'],
    types: ['usage', 'world'],
    values: { usage: [...VOCABULARY, ...JSON_READING] },
  },
  emulator: {
    all: [
      'usage',
      'files',
      'metering/wire',
      'errors',
      'node:http',
      'node:crypto',
      'node:fs',
      'node:path',
      'node:sqlite',
      'node:util',
      'node:zlib',
    ],
    types: ['world'],
  },
  upload: {
    all: ['usage', 'input', 'files', 'metering', 'ledger', 'errors'],
    types: ['world'],
    values: { world: ['unreadableBecause'] },
  },
  commands: {
    all: [
      'usage',
      'input',
      'files',
      'metering',
      'ledger',
      'cloudtrail',
      'render',
      'emulator',
      'upload',
      'errors',
      'commander',
    ],
    types: ['world', '@commander-js/extra-typings'],
    values: { world: ['unreadableBecause'] },
  },
  program: {
    all: ['commands', 'world', 'errors', 'render', 'commander'],
    types: ['@commander-js/extra-typings'],
  },
  signals: { all: ['node:fs', 'node:path'], types: [] },
  main: {
    all: ['signals', 'program', 'commands', 'world', 'errors', 'render', 'commander', 'node:v8'],
    types: [],
  },
};

type Import = {
  /** `usage/record.ts` for a file of the house, else the specifier. */
  readonly target: string;
  /** `*` for a namespace, a side effect, or an import at run time. */
  readonly names: readonly { readonly name: string; readonly isType: boolean }[];
  /** The whole statement is gone when the program runs. */
  readonly isErased: boolean;
};

const ROOT = path.join(import.meta.dirname, '..');
const SOURCE = path.join(ROOT, 'src');

/** `usage` for usage/record.ts, `main` for main.ts. */
const roomOf = (file: string): string => (file.split('/')[0] ?? '').replace(/\.ts$/, '');

const FROM = /^(?:import|export)\s+(type\s+)?([\w$*\s{},]*?)\s*\bfrom\s*['"]([^'"]+)['"]/gm;
const SIDE_EFFECT = /^import\s*['"]([^'"]+)['"]/gm;
const AT_RUN_TIME = /(\btypeof\s+)?\bimport\(\s*['"]([^'"]+)['"]/g;

const importsOf = (file: string, text: string): Import[] => {
  const target = (specifier: string): string =>
    specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
  const anything = (isType: boolean) => [{ name: '*', isType }];
  return [
    ...[...text.matchAll(FROM)].map(([, type, clause = '', specifier = '']) => ({
      target: target(specifier),
      names: namesIn(clause, type !== undefined),
      isErased: type !== undefined,
    })),
    ...[...text.matchAll(SIDE_EFFECT)].map(([, specifier = '']) => ({
      target: target(specifier),
      names: anything(false),
      isErased: false,
    })),
    ...[...text.matchAll(AT_RUN_TIME)].map(([, type, specifier = '']) => ({
      target: target(specifier),
      names: anything(type !== undefined),
      isErased: type !== undefined,
    })),
  ];
};

const namesIn = (clause: string, allTypes: boolean): { name: string; isType: boolean }[] => {
  const [, outer = '', inner = ''] = /^([^{]*)(?:\{([\s\S]*)\})?/.exec(clause) ?? [];
  const whole = outer.replaceAll(',', '').trim();
  const named = inner
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => ({
      name: part.replace(/^type\s+/, '').replace(/\s+as\s[\s\S]*$/, ''),
      isType: allTypes || /^type\s/.test(part),
    }));
  if (whole === '') return named;
  return [{ name: whole.startsWith('*') ? '*' : 'default', isType: allTypes }, ...named];
};

const REGEXP =
  /(?<=(?:[=(,:!&|?{};[]|=>|\breturn|\n)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/;
const STRING = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/;
const TEMPLATE = /`(?:\\.|[^`\\])*`/;
const NOT_CODE = new RegExp([COMMENT, REGEXP, STRING, TEMPLATE].map(({ source }) => source).join('|'), 'g');

/** The text without comments, regular expressions and strings; what stands in `${}` stays. */
const codeOf = (text: string): string =>
  text.replace(NOT_CODE, literal =>
    literal.startsWith('`') ? (literal.match(/\$\{[^}]*\}/g) ?? []).join(' ') : ' ',
  );

type SourceFile = {
  readonly file: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly Import[];
};

const FILES: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => file.split(path.sep).join('/'))
  .sort()
  .map(file => {
    const text = readFileSync(path.join(SOURCE, file), 'utf8');
    return { file, room: roomOf(file), text, imports: importsOf(file, text) };
  });

const isIn = (target: string, allowed: string): boolean =>
  target === allowed ||
  target === `${allowed}.ts` ||
  target.startsWith(allowed.endsWith(':') ? allowed : `${allowed}/`);

const mayImport = (walls: Walls, target: string, { name, isType }: Import['names'][number]): boolean =>
  walls.all.some(allowed => isIn(target, allowed)) ||
  (isType && walls.types.some(allowed => isIn(target, allowed))) ||
  Object.entries(walls.values ?? {}).some(
    ([allowed, names]) => isIn(target, allowed) && names.includes(name),
  );

/** Imports that go through a wall, as `file: name from target`. */
const breaches = ({ file, room, imports }: SourceFile): string[] => {
  const walls = HOUSE[room];
  if (walls === undefined) return [`${file} is in a room that the table does not know`];
  return imports
    .filter(({ target }) => roomOf(target) !== room)
    .flatMap(({ target, names }) =>
      names
        .filter(name => !mayImport(walls, target, name))
        .map(({ name, isType }) => `${file}: ${isType ? 'type ' : ''}${name} from ${target}`),
    );
};

for (const room of Object.keys(HOUSE)) {
  test(`${room} imports what the table allows, and nothing else`, () => {
    assert.deepEqual(FILES.filter(file => file.room === room).flatMap(breaches), []);
  });
}

test('every file is in a room of the table', () => {
  assert.ok(FILES.length > 0);
  assert.deepEqual(
    FILES.filter(({ room }) => HOUSE[room] === undefined).map(({ file }) => file),
    [],
  );
});

test('every package that is bundled is named in package.json', () => {
  const installed = new Set(Object.keys(manifest.devDependencies));
  const missing = FILES.flatMap(({ file, imports }) =>
    imports
      .filter(
        ({ target, isErased }) =>
          !isErased && HOUSE[roomOf(target)] === undefined && !/^(?:node:|\.)/.test(target),
      )
      .map(({ target }) => /^(?:@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target)
      .filter(name => !installed.has(name))
      .map(name => `${file}: ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('no file reaches itself through its imports', () => {
  const graph = new Map(
    FILES.map(({ file, imports }) => [
      file,
      imports.filter(({ isErased }) => !isErased).map(({ target }) => target),
    ]),
  );
  assert.deepEqual(cyclesIn(graph), []);
});

const cyclesIn = (graph: ReadonlyMap<string, readonly string[]>): string[] => {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file);
    if (start !== -1) cycles.push([...way.slice(start), file].join(' → '));
    if (start !== -1 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
};

const filesWith = (pattern: RegExp): string[] =>
  FILES.filter(({ text }) => pattern.test(codeOf(text))).map(({ file }) => file);

const PROCESS = /(?<![.\w$])process\b|\bglobalThis\.process\b/;
const CONSOLE = /\bconsole\s*[.[]/;
const DEFAULT_EXPORT = /^export\s+default\b|\bas\s+default\b/m;

test('only main touches the process; world is handed it', () => {
  const users = filesWith(PROCESS).filter(file => file !== 'main.ts' && file !== 'world.ts');
  assert.deepEqual(users, []);
  const importers = FILES.filter(({ imports }) => imports.some(({ target }) => isIn(target, 'node:process')));
  assert.deepEqual(
    importers.map(({ file }) => file).filter(file => file !== 'main.ts'),
    [],
  );
});

/** Written before each reply leaves, so that nothing of it is lost even if the emulator is killed; and the trail. */
const EMULATOR_FILES = [
  'emulator/request-log.ts',
  'emulator/state/state-file.ts',
  'emulator/state/lock.ts',
  'emulator/cloudtrail/trail.ts',
];

/** Rooms whose matter files are. */
const FILE_ROOMS = ['world', 'files', 'ledger', 'signals'];

test("only world, signals, files, the ledger and the emulator's own files touch files", () => {
  const importers = FILES.filter(({ imports }) => imports.some(({ target }) => isIn(target, 'node:fs')));
  assert.deepEqual(
    importers
      .filter(({ room, file }) => !FILE_ROOMS.includes(room) && !EMULATOR_FILES.includes(file))
      .map(({ file }) => file),
    [],
  );
});

test('folders are made by the one function that cannot go on for ever', () => {
  assert.deepEqual(filesWith(/\bmkdir(Sync)?\(/), ['files/folder.ts']);
});

test('nothing is written to the console', () => {
  assert.deepEqual(filesWith(CONSOLE), []);
});

test('nothing is exported without a name', () => {
  assert.deepEqual(filesWith(DEFAULT_EXPORT), []);
});

test('what is imported at run time is named in the import', () => {
  assert.deepEqual(
    FILES.filter(({ text }) =>
      /\bimport\(\s*[^\s'"]/.test(codeOf(text).replaceAll(/import\(\s*\)/g, '')),
    ).map(({ file }) => file),
    [],
  );
});

test('the reader of imports knows every form of import', () => {
  const text = `
import './side-effect.ts';
import type { A } from '../usage/record.ts';
import fc, { type B, c as d } from 'package';
import * as all from 'node:fs';
import {
  e,
  type F,
} from '@scope/package/part';
export { g } from './g.ts';
export type { H } from './h.ts';
export * from './i.ts';
const lazy = async () => (await import('../metering/client.ts')).connect;
type Lazy = typeof import('../metering/client.ts');
`;
  const seen = importsOf('render/x.ts', text).map(
    ({ target, names, isErased }) =>
      `${isErased ? 'type ' : ''}${names.map(({ name, isType }) => (isType ? `:${name}` : name)).join(' ')} ${target}`,
  );
  assert.deepEqual(seen, [
    'type :A usage/record.ts',
    'default :B c package',
    '* node:fs',
    'e :F @scope/package/part',
    'g render/g.ts',
    'type :H render/h.ts',
    '* render/i.ts',
    '* render/side-effect.ts',
    '* metering/client.ts',
    'type :* metering/client.ts',
  ]);
});

test('the walls stand', () => {
  const wrong: readonly (readonly [file: string, text: string])[] = [
    ['usage/x.ts', "import { readFile } from 'node:fs/promises';"],
    ['usage/x.ts', "import type { World } from '../world.ts';"],
    ['usage/x.ts', "import { UsageError } from '../errors.ts';"],
    ['input/x.ts', "import { sign } from '../metering/sign.ts';"],
    ['files/x.ts', "import { checkRow } from '../usage/check.ts';"],
    ['metering/x.ts', "import { checkRow } from '../usage/check.ts';"],
    ['metering/x.ts', "import { type Usage, checkRow } from '../usage/check.ts';"],
    ['metering/x.ts', "import * as limits from '../usage/limits.ts';"],
    ['metering/x.ts', "const { LIMITS } = await import('../usage/limits.ts');"],
    ['render/x.ts', "import { Ledger } from '../ledger/ledger.ts';"],
    ['render/x.ts', "import chalkTemplate from 'chalk-template';"],
    ['emulator/x.ts', "import type { Client } from '../metering/client.ts';"],
    ['emulator/x.ts', "import { createServer } from 'node:https';"],
    ['upload/x.ts', "import { renderTable } from '../report/table.ts';"],
    ['commands/x.ts', "import { realWorld } from '../world.ts';"],
    ['cli/program.ts', "import { parseTag } from './usage/allocations.ts';"],
    ['attic/x.ts', ''],
  ];
  for (const [file, text] of wrong) {
    const found = breaches({ file, room: roomOf(file), text, imports: importsOf(file, text) });
    assert.equal(found.length, 1, `${file}: ${text}`);
  }
  const right: readonly (readonly [file: string, text: string])[] = [
    ['usage/x.ts', "import { LIMITS } from './limits.ts';"],
    ['metering/x.ts', "import { LIMITS } from '../usage/limits.ts';"],
    ['metering/x.ts', "import { HttpRequest } from '@smithy/core/protocols';"],
    ['emulator/x.ts', "import { OPERATIONS } from '../metering/wire.ts';"],
    ['commands/x.ts', "const { send } = await import('../upload/send.ts');"],
    ['main.ts', "import { realWorld } from './world.ts';"],
  ];
  for (const [file, text] of right) {
    assert.deepEqual(breaches({ file, room: roomOf(file), text, imports: importsOf(file, text) }), []);
  }
  const chain = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['b']],
    ['d', []],
  ]);
  assert.deepEqual(cyclesIn(chain), ['b → c → b']);
});

test('the reader of code is not misled by comments and strings', () => {
  const innocent = `
/** The process; console.log is not for us. */
const a = 'process.env', b = "console.log"; // process.exit
const c = text.replace(/^="([^"]*)"$/, '$1').replace(/[\\s'-]/g, ''), d = world.process.env;
const e = \`process.env of \${d}\`;
`;
  for (const pattern of [PROCESS, CONSOLE, DEFAULT_EXPORT]) assert.doesNotMatch(codeOf(innocent), pattern);
  for (const guilty of ['process.exit(1)', 'const { env } = process;', 'f(process)', `\`\${process.pid}\``]) {
    assert.match(codeOf(guilty), PROCESS, guilty);
  }
  assert.match(codeOf("console.log('x')"), CONSOLE);
  for (const guilty of ['export default 1;', 'export { a as default };']) {
    assert.match(codeOf(guilty), DEFAULT_EXPORT, guilty);
  }
});
