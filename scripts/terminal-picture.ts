import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openTerminal } from '../test/docs/terminal.ts';

const ROOT = resolve(import.meta.dirname, '..');
const COMMAND = 'ampmeter batch examples/usage.csv --timestamp -1h --local';
const TIME = '2026-11-29T10:05:00Z';

/** The colors of a terminal with a light and with a dark background. */
const THEMES = {
  light: {
    background: '#ffffff',
    border: '#d4d4d8',
    text: '#27272a',
    ok: '#15803d',
    warn: '#a16207',
    fail: '#b91c1c',
  },
  dark: {
    background: '#18181b',
    border: '#3f3f46',
    text: '#d4d4d8',
    ok: '#4ade80',
    warn: '#facc15',
    fail: '#f87171',
  },
} as const;

export type Theme = keyof typeof THEMES;

/** The first command of the README, run now, as an SVG. */
export const terminalPicture = async (theme: Theme): Promise<string> =>
  drawn([`$ ${COMMAND}`, ...(await run()).trimEnd().split('\n')], THEMES[theme]);

const run = async (): Promise<string> => {
  const home = mkdtempSync(join(tmpdir(), 'ampmeter-picture-'));
  const before = { env: process.env, cwd: process.cwd() };
  process.env = { HOME: home, LANG: 'C.UTF-8', TERM: 'xterm', AWS_EC2_METADATA_DISABLED: 'true' };
  process.chdir(ROOT);
  try {
    const { type, lastCode } = openTerminal({ now: Date.parse(TIME) });
    const text = await type(COMMAND);
    if (lastCode() !== 0) throw new Error(text);
    return text.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:38329');
  } finally {
    process.chdir(before.cwd);
    process.env = before.env;
    rmSync(home, { recursive: true });
  }
};

const LINE_PX = 20;
const CHARACTER_PX = 8.43;

const drawn = (lines: readonly string[], colors: (typeof THEMES)[Theme]): string => {
  const plain = lines.map(line => line.replace(/\x1b\[\d+m/g, ''));
  const width = Math.ceil(Math.max(...plain.map(line => line.length)) * CHARACTER_PX) + 32;
  const height = lines.length * LINE_PX + 32;
  const text = lines
    .map(
      (line, index) => `<text x="16" y="${index * LINE_PX + 30}" xml:space="preserve">${spans(line)}</text>`,
    )
    .join('\n');
  const { background, border, text: foreground, ok, warn, fail } = colors;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${COMMAND}: every record accepted">
<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:${foreground}}.bold{font-weight:bold}.dim{opacity:.65}.ok{fill:${ok}}.warn{fill:${warn}}.fail{fill:${fail}}</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${background}" stroke="${border}"/>
${text}
</svg>
`;
};

/** The classes of Select Graphic Rendition codes (ECMA-48); any other code ends them all. */
const CLASSES: Readonly<Record<string, string>> = { 1: 'bold', 2: 'dim', 31: 'fail', 32: 'ok', 33: 'warn' };

const spans = (line: string): string => {
  let name: string | undefined;
  return line
    .split(/(\x1b\[\d+m)/)
    .map(part => {
      const code = /^\x1b\[(\d+)m$/.exec(part)?.[1];
      if (code !== undefined) {
        name = CLASSES[code];
        return '';
      }
      return name === undefined ? escaped(part) : `<tspan class="${name}">${escaped(part)}</tspan>`;
    })
    .join('');
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
