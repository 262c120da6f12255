import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser of this machine; undefined when there is none. */
const executablePath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap(folder => NAMES.map(name => join(folder, name)))
  .find(path => existsSync(path));

/** Why tests in a browser are skipped; false when they are not. */
export const noChromium: string | false =
  executablePath === undefined ? `none of ${NAMES.join(', ')} is in PATH` : false;

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [
      // Nobody looks at the pages, and no test compares pixels.
      '--disable-gpu',
      '--disable-software-rasterizer',
      // Root, as in a container, cannot use the sandbox; the pages are our own.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
