import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { after, describe, test } from 'node:test';
import { sourceTree } from '../../scripts/generated.ts';
import { allOf } from '../../src/commands/completion/command-spec.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { examplesIn } from '../commands/help/examples.ts';
import { commandLinesIn } from '../docs/command-lines.ts';
import { DOCUMENTS } from '../docs/documents.ts';
import { startDynamo } from '../helpers/dynamo.ts';
import { isInstalled } from '../helpers/programs.ts';
import { makeProgram } from '../helpers/shell-program.ts';
import { type Ended, emulatorHere, environmentOf, newFolder, withEmulator } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';
import { type Env, exporterIn, hourAgo, type Prepared, prepare, prepareUpload } from './example-folder.ts';
import { isServer, run, shellOf } from './example-run.ts';

/** For sellers; the others are for who works on the tool. */
const FOR_SELLERS = DOCUMENTS.filter(({ name }) =>
  /^(README|docs\/[a-z-]+|docs\/FIGURES|examples\/.*)\.md$/.test(name),
);

const LINES = new Set([
  ...FOR_SELLERS.flatMap(({ text }) => commandLinesIn(text)),
  ...allOf(await sourceTree()).flatMap(({ after }) => examplesIn(after)),
]);

/** Lines that cannot be run here, and why. */
const LEFT_OUT: readonly (readonly [line: RegExp, because: string])[] = [
  [
    /^npm (ci|install|i|test|run|pack)\b|^npx /,
    'it is for a checkout, and runs these tests or what they need',
  ],
  [/^(git|docker|pip) /, 'it needs the network'],
  [/^sudo /, 'it changes the machine'],
  [/^node bench\//, 'it measures, and takes minutes'],
  [/<[a-z]+>|…/, 'it has a placeholder'],
];

/** Lines that rightly end with another code than 0, and why. */
const OTHER_CODES: readonly (readonly [line: RegExp, code: number, because: string])[] = [
  [
    /^ampmeter gaps($| --zero-fill| --subscribers| --agreements| -o csv)/,
    4,
    'the ledger of this test has no record of the last hour',
  ],
];

const skipOf = (line: string): string | false => {
  const because = LEFT_OUT.find(([pattern]) => pattern.test(line))?.[1];
  if (because !== undefined) return because;
  if (!isFull && /^aws .* --endpoint-url/.test(line)) return "in full: test/interop has the AWS CLI's calls";
  const needed = [
    shellOf(line),
    ...['curl', 'aws', 'sqlite3'].filter(name => new RegExp(`(^|\\| )${name} (?!s3 )`).test(line)),
  ];
  const missing = needed.find(program => !isInstalled(program));
  return missing === undefined ? false : `${missing} is not installed`;
};

/**
 * Folders and ports are free ones, whatever the line says, an instant to meter is one that AWS still takes usage for, and
 * a month is one that CloudTrail still has. What `env -i` takes away is what leads to the emulator.
 */
const placed = (line: string, url: string, folder: string): string => {
  const here = line
    .replaceAll('/var/lib/ampmeter', folder)
    .replaceAll('http://127.0.0.1:4100', url)
    .replace(/--timestamp \d{4}-\S+Z/, `--timestamp ${hourAgo(1)}`)
    .replace('--since 2026-11-01 --until 2026-12-01', '--since -7d')
    .replace('env -i ', `env -i AWS_ENDPOINT_URL=${url} XDG_STATE_HOME="$XDG_STATE_HOME" `)
    .replace('PATH=/usr/local/bin:/usr/bin:/bin', 'PATH="$PATH"');
  if (!isServer(here)) return here;
  return /--port/.test(here) ? here.replace(/--port \d+/, '--port 0') : `${here} --port 0`;
};

const bin = newFolder();
const program = makeProgram(bin);
after(() => program[Symbol.dispose]());

const environmentHere = (emulator: Emulator): Env => ({
  ...environmentOf(emulator),
  PATH: [bin, process.env['PATH']].join(delimiter),
});

type Place = { readonly emulator: Emulator; readonly env: Env; readonly uploaded: Prepared };

/** An emulator with one upload for all lines that only read what it has: one of each hour, because the usage is of an hour. */
const places = new Map<string, Promise<Place>>();
after(async () => {
  for (const { emulator } of await Promise.all(places.values())) await emulator.close();
});

const placeOfReaders = (): Promise<Place> => {
  const found = places.get(hourAgo(0)) ?? newPlace();
  places.set(hourAgo(0), found);
  return found;
};

const newPlace = async (): Promise<Place> => {
  const emulator = await emulatorHere();
  const env = environmentHere(emulator);
  return { emulator, env, uploaded: await prepareUpload({ url: emulator.url, env }) };
};

const READERS = /^ampmeter (explain|gaps|help|history|ledger|reconcile|report|subscribers)\b(?!.* --local)/;

const runExample = async (
  line: string,
  url: string,
  env: Env,
  uploaded?: Prepared,
): Promise<Ended & Prepared> => {
  await using dynamo = line.includes('dynamodb://') ? await startDynamo() : undefined;
  const tables = dynamo === undefined ? {} : { AWS_ENDPOINT_URL_DYNAMODB: dynamo.url };
  const prepared = await prepare(line, { url, env: { ...env, ...tables }, ...(uploaded && { uploaded }) });
  return { ...prepared, ...(await run(placed(line, url, prepared.folder), prepared.folder, prepared.all)) };
};

const checkExample = async (line: string, url: string, env: Env, uploaded?: Prepared): Promise<void> => {
  const { code, stdout, stderr, folder, all } = await runExample(line, url, env, uploaded);
  const expected = OTHER_CODES.find(([pattern]) => pattern.test(line))?.[1] ?? (isServer(line) ? 143 : 0);
  assert.equal(code, expected, `${stdout}${stderr}`);
  if (exporterIn(line) === undefined) return;
  const exported = await run('ampmeter batch usage.csv', folder, all);
  assert.match(exported.stdout, /\b12 +✓ accepted .*\n.*\b340 +✓ accepted /, exported.stderr);
};

describe('the example', { concurrency: 2 }, () => {
  for (const line of LINES) {
    test(line, { skip: skipOf(line) }, async () => {
      if (!READERS.test(line) || line.includes('s3-copy'))
        return withEmulator(emulator => checkExample(line, emulator.url, environmentHere(emulator)));
      const { emulator, env, uploaded } = await placeOfReaders();
      return checkExample(line, emulator.url, env, uploaded);
    });
  }
});

test('the first command of the README works without a warning', () =>
  withEmulator(async emulator => {
    const readme = DOCUMENTS.find(({ name }) => name === 'README.md')?.text ?? '';
    const [, line = ''] = /npx (ampmeter batch .* --local)$/m.exec(readme) ?? [];
    const { code, stdout, stderr } = await runExample(line, emulator.url, environmentHere(emulator));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /accepted/);
    assert.doesNotMatch(stderr, /warning/);
  }));

test('they come from every document and every help', () => {
  assert.ok(FOR_SELLERS.length >= 12, String(FOR_SELLERS.length));
  assert.ok(LINES.size > 150, String(LINES.size));
});

test('what is left out, and every other code, is still there', () => {
  for (const [pattern] of OTHER_CODES)
    assert.ok(
      [...LINES].some(line => pattern.test(line)),
      String(pattern),
    );
});
