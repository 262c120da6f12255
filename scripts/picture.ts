import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * `npm run picture`: runs the first command of the README and draws its output, with colors, as `examples/terminal.svg`.
 * Needs the built tool, and `script` of util-linux for a terminal.
 */
const root = resolve(import.meta.dirname, '..');
const COMMAND = 'ampmeter batch examples/usage.csv --timestamp -1h --local';
const LINE_PX = 20;
const CHARACTER_PX = 8.43;

const run = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'ampmeter-picture-'));
  try {
    const command = `'${process.execPath}' bin/ampmeter.js ${COMMAND.replace(/^ampmeter /, '')}`;
    const { error, status, stdout } = spawnSync(
      'script',
      ['-qec', `stty cols 110; ${command}`, '/dev/null'],
      {
        cwd: root,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', TERM: 'xterm' },
      },
    );
    if (error !== undefined || status !== 0) throw error ?? new Error(stdout);
    // Progress rewrites its line: the last text is what follows the last carriage return.
    return stdout
      .replaceAll('\r\n', '\n')
      .replace(/[^\n]*[\r](?!\n)/g, '')
      .replaceAll(/\x1b\[[0-9;]*[^m0-9;]/g, '');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

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

const lines = [`$ ${COMMAND}`, ...run().trimEnd().split('\n')];
const plain = lines.map(line => line.replace(/\x1b\[\d+m/g, ''));
const width = Math.ceil(Math.max(...plain.map(line => line.length)) * CHARACTER_PX) + 32;
const height = lines.length * LINE_PX + 32;
const text = lines
  .map((line, index) => `<text x="16" y="${index * LINE_PX + 30}" xml:space="preserve">${spans(line)}</text>`)
  .join('\n');
writeFileSync(
  join(root, 'examples/terminal.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${COMMAND}: every record accepted">
<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#d4d4d8}.bold{font-weight:bold}.dim{opacity:.65}.ok{fill:#4ade80}.warn{fill:#facc15}.fail{fill:#f87171}</style>
<rect width="${width}" height="${height}" rx="8" fill="#18181b"/>
${text}
</svg>
`,
);
