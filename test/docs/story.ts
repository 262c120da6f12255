import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { HOUR_SECONDS } from '../../src/usage/hours.ts';
import { exportOf, type Flaws } from './export.ts';
import { type Part, partsOf } from './parts.ts';
import { openTerminal, type StoryClock, type Terminal } from './terminal.ts';

/** The documents with consoles. */
export const STORIES: readonly string[] = ['first-week.md', 'csv.md'].map(name =>
  join(import.meta.dirname, '../../docs', name),
);

/**
 * Runs a document that tells a story, and returns it with what the tool prints now. Its consoles are the runs, with the
 * output of each, against one emulator. Blocks with the name of a file (```csv usage.csv) are written to that file.
 * Comments say what happens in between:
 *
 *     <!-- catalog shop.json -->              the marketplace of the emulator
 *     <!-- clock 2026-11-26T10:20Z -->        the time of the tool and of the emulator
 *     <!-- export last-day.csv 24 -->         the seller's export: usage of so many hours that are over
 *     <!-- broken ROW -->                     from here on, the export has this row; without ROW, it is right again
 *     <!-- quiet START... -->                 from here on, the export has no rows that start like this
 *     <!-- cron until 2026-11-29T02:20Z -->   at 17 minutes past each hour, the export and the job of the last crontab,
 *                                             in the folder of the story
 */
export const retell = async (markdown: string): Promise<string> => {
  const clock: StoryClock = { now: 0 };
  let ids = 0;
  const emulator = await startEmulator({
    port: 0,
    now: () => new Date(clock.now),
    // A call takes this long.
    uuid: () => {
      clock.now += 80;
      return uuidOf(ids++);
    },
    window: 'on',
    signatures: 'verify',
  });
  const folder = mkdtempSync(join(tmpdir(), 'ampmeter-story-'));
  const before = { env: process.env, cwd: process.cwd() };
  process.env = {
    HOME: folder,
    NO_COLOR: '1',
    LANG: 'C.UTF-8',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: emulator.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
  };
  process.chdir(folder);
  try {
    const setCatalog = (name: string): void =>
      emulator.setCatalog(JSON.parse(readFileSync(name, 'utf8')) as object);
    const tell = teller(openTerminal(clock), clock, setCatalog);
    let told = '';
    for (const part of partsOf(markdown)) told += await tell(part);
    return told.replaceAll(emulator.url, 'http://127.0.0.1:4100').replaceAll(folder, '/home/ann');
  } finally {
    process.chdir(before.cwd);
    process.env = before.env;
    await emulator.close();
    rmSync(folder, { recursive: true });
  }
};

/** Does what a part of the document says, and returns it as it should be. */
const teller = (
  { type, lastCode }: Terminal,
  clock: StoryClock,
  setCatalog: (name: string) => void,
): ((part: Part) => Promise<string>) => {
  let job = '';
  let flaws: Flaws = { broken: '', quiet: [] };

  const cron = async (untilMs: number): Promise<void> => {
    for (let at = nextRun(clock.now); at <= untilMs; at += HOUR_MS) {
      clock.now = at;
      writeFileSync('last-day.csv', exportOf(at, 24, flaws));
      const text = await type(job);
      assert.equal(lastCode(), 0, `${new Date(at).toISOString()}\n${text}`);
    }
    clock.now = untilMs;
  };

  const happen = async (name: string, words: readonly string[]): Promise<void> => {
    const [first = '', second = ''] = words;
    if (name === 'catalog') setCatalog(first);
    else if (name === 'clock') clock.now = Date.parse(first);
    else if (name === 'export') writeFileSync(first, exportOf(clock.now, Number(second), flaws));
    else if (name === 'broken') flaws = { ...flaws, broken: words.join(' ') };
    else if (name === 'quiet') flaws = { ...flaws, quiet: words };
    else if (name === 'cron') await cron(Date.parse(second));
    else throw new Error(`a story has no ${name}`);
  };

  return async part => {
    if (part.kind === 'comment') {
      const [name = '', ...words] = part.text.split(' ');
      await happen(name, words);
    }
    if (part.kind === 'file') writeFileSync(part.name, part.text);
    if (part.kind === 'crontab')
      job = /^17 \* \* \* \*\s+cd \/home\/ann && (.*)$/m.exec(part.text)?.[1] ?? '';
    if (part.kind !== 'console') return part.source;
    let console = '```console\n';
    for (const line of part.lines) console += `$ ${line}\n${await type(line)}`;
    return `${console}\`\`\`\n`;
  };
};

const HOUR_MS = HOUR_SECONDS * 1000;

const nextRun = (nowMs: number): number => {
  const at = nowMs - (nowMs % HOUR_MS) + 17 * 60_000;
  return at > nowMs ? at : at + HOUR_MS;
};

/** The same ones each time. */
const uuidOf = (index: number): string => {
  const digits = ((index + 1) * 0x9e3779b1).toString(16).padStart(16, '0');
  return `${digits.slice(-8)}-${digits.slice(4, 8)}-4${digits.slice(1, 4)}-8a1c-${digits.slice(-12)}`;
};
