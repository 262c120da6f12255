import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a folder of PATH has the program. Nothing is started for it: of some that takes a second. */
export const isInstalled = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, program)));
