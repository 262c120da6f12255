import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY_PAIR } from '../src/emulator/principal.ts';
import { startEmulator } from '../src/emulator/server.ts';
import { HOUR_SECONDS } from '../src/usage/hours.ts';
import { openTerminal, type StoryClock } from '../test/docs/terminal.ts';
import { launchChromium } from '../test/helpers/chromium.ts';
import type { Theme } from './terminal-picture.ts';

const HOUR_MS = HOUR_SECONDS * 1000;
const START = Date.parse('2026-11-22T00:00:00Z');
const DAYS = 7;

/** Buyers, one of whom canceled, with the usage of an hour around noon. */
const BUYERS = [
  ['111122223333', 'hosts', 12],
  ['111122223333', 'gb', 340],
  ['444455556666', 'hosts', 31],
  ['444455556666', 'gb', 900],
  ['777788889999', 'hosts', 5],
  ['404404404404', 'hosts', 2],
] as const;

/** The report of a week, as it looks in a browser: a PNG of its beginning for each theme. */
export const reportPictures = async (): Promise<Readonly<Record<Theme, Uint8Array>>> => {
  const folder = mkdtempSync(join(tmpdir(), 'ampmeter-picture-'));
  const browser = await launchChromium();
  try {
    const html = await makeReport(folder);
    const shoot = async (colorScheme: Theme): Promise<Uint8Array> => {
      const page = await browser.newPage({ viewport: { width: 1100, height: 1480 }, colorScheme });
      await page.setContent(html);
      return page.screenshot();
    };
    return { light: await shoot('light'), dark: await shoot('dark') };
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
};

/** Uploads a week, twice a day, and draws it. Returns the page, with the places that a reader would have. */
const makeReport = async (folder: string): Promise<string> => {
  const clock: StoryClock = { now: START };
  const emulator = await startEmulator({
    port: 0,
    now: () => new Date(clock.now),
    uuid: () => crypto.randomUUID(),
    window: 'on',
    signatures: 'verify',
  });
  const before = { env: process.env, cwd: process.cwd() };
  process.env = {
    ...{ PATH: before.env['PATH'], HOME: folder, NO_COLOR: '1', LANG: 'C.UTF-8', AWS_REGION: 'us-east-1' },
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
  };
  process.chdir(folder);
  try {
    const { type, lastCode } = openTerminal(clock);
    const run = async (line: string): Promise<void> => {
      const text = await type(line);
      if (![0, 4].includes(lastCode())) throw new Error(text);
    };
    for (let until = 12; until <= DAYS * 24; until += 12) {
      clock.now = START + until * HOUR_MS + HOUR_MS / 4;
      writeFileSync('usage.csv', usageOf(until));
      await run('ampmeter batch usage.csv -q --no-rejects');
    }
    await run('ampmeter report --html usage.html');
    return readFileSync('usage.html', 'utf8')
      .replaceAll(folder, '/home/ann')
      .replaceAll(emulator.url, 'http://127.0.0.1:4100');
  } finally {
    process.chdir(before.cwd);
    process.env = before.env;
    await emulator.close();
  }
};

/** Of the twelve hours before this one. Hours are counted from the start of the week. */
const usageOf = (until: number): string => {
  const rows = Array.from({ length: 12 }, (_, index) => until - 12 + index).flatMap(at => {
    const [day, hour] = [Math.floor(at / 24), at % 24];
    return BUYERS.filter(([account], place) => isUsed(account, day, hour, place)).map(
      ([account, dimension, quantity]) => {
        const swing = 1 + 0.5 * Math.sin((hour - 9) / 3.8) - (day === 0 || day === 6 ? 0.3 : 0);
        const time = new Date(START + at * HOUR_MS).toISOString();
        return `${time},${account},exampleproduct,${dimension},${Math.round(quantity * swing)}`;
      },
    );
  });
  return `${['timestamp,customer_aws_account_id,product_code,dimension,quantity', ...rows].join('\n')}\n`;
};

/** The last buyer is tried on one morning only, and the third export failed for a few hours. */
const isUsed = (account: string, day: number, hour: number, place: number): boolean => {
  if (account === '404404404404') return day === 4 && hour < 4;
  return !(day === 2 && hour > 12 && hour < 16 && place > 1);
};
