import { type OutputFile, openOutput } from '../../src/files/output-file.ts';
import { createRegister } from '../../src/files/register.ts';
import { nodeWorld } from '../../src/node-world.ts';

const never = new AbortController().signal;

/** What waits for a pipe really waits; nobody stops it. */
export const WAITING = nodeWorld(process, { stop: never, abandon: never, stopCode: () => undefined });

/** An output of a command that has no other. */
export const outputAt = (path: string, flag = '--results'): Promise<OutputFile> =>
  openOutput(createRegister(), { flag, path }, WAITING);
