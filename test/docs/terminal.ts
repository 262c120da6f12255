import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { runLine } from '../../src/cli/run-line.ts';
import { nodeWorld } from '../../src/node-world.ts';
import type { World } from '../../src/world.ts';
import { commandsOf } from '../helpers/shell-line.ts';

/** A time that only waiting moves. Epoch milliseconds. */
export type StoryClock = { now: number };

/** A terminal of 100 columns, in the folder of the process and with its environment. */
export type Terminal = {
  /** Runs a command line; returns what the terminal shows then. Only a few programs are known. */
  readonly type: (line: string) => Promise<string>;
  /** The exit code of the last one. */
  readonly lastCode: () => number;
};

export const openTerminal = (clock: StoryClock): Terminal => {
  let last = 0;
  const run = async (
    [program, ...args]: readonly string[],
    stdout: Screen,
    stderr: Screen,
  ): Promise<number> => {
    if (program === 'ampmeter') return runTool(args, stdout, stderr, clock);
    const text = otherProgram(program ?? '', args);
    if (text === undefined) throw new Error(`a story cannot run ${program}`);
    stdout.write(text);
    return 0;
  };
  return {
    type: async line => {
      const [command] = commandsOf(line.replaceAll('$?', String(last))) ?? [];
      if (command === undefined) throw new Error(`a story cannot run ${line}`);
      const { words, output } = command;
      const screen = new Screen(true);
      const stdout = output === undefined ? screen : new Screen(false);
      last = await run(words, stdout, screen);
      if (output !== undefined) writeFileSync(output, stdout.written());
      return screen.shown();
    },
    lastCode: () => last,
  };
};

const otherProgram = (program: string, args: readonly string[]): string | undefined => {
  const [first = '', ...more] = args;
  if (program === 'echo') return `${args.join(' ')}\n`;
  if (program === 'cat') return readFileSync(first, 'utf8');
  if (program === 'ls') return args.map(name => (existsSync(name) ? `${name}\n` : '')).join('');
  if (program !== 'head') return undefined;
  const lines = readFileSync(more[0] ?? '', 'utf8').split('\n');
  return `${lines.slice(0, -Number(first)).join('\n')}\n`;
};

const runTool = (
  args: readonly string[],
  stdout: Screen,
  stderr: Screen,
  clock: StoryClock,
): Promise<number> => {
  const never = new AbortController().signal;
  const { env, versions, pid, kill } = process;
  const on = process.on.bind(process);
  const off = process.off.bind(process);
  const own = {
    env,
    versions,
    platform: 'linux',
    pid,
    kill,
    on,
    off,
    stdin: Readable.from([]),
    stdout,
    stderr,
  };
  const world: World = {
    ...nodeWorld(own as unknown as NodeJS.Process, {
      stop: never,
      abandon: never,
      stopCode: () => undefined,
    }),
    now: () => new Date(clock.now),
    monotonic: () => clock.now,
    random: () => 0.5,
    // A private emulator takes a moment for each record.
    uuid: () => {
      clock.now += 20;
      return crypto.randomUUID();
    },
    // Before a retry, time passes; what only limits how long something else may take is a real wait.
    sleep: async (ms, signal) => {
      if (signal === never) clock.now += ms;
      else await delay(ms, undefined, signal === undefined ? {} : { signal });
    },
  };
  return runLine(args, world);
};

/** What was written, and what a terminal shows of it in the end. */
class Screen extends Writable {
  readonly isTTY: boolean;
  readonly columns = 100;
  #text = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#text += chunk.toString();
    done();
  }

  written(): string {
    return this.#text;
  }

  /** A line that is drawn again is what it was drawn as last. */
  shown(): string {
    return this.#text.replaceAll(/[^\n]*\r\x1b\[2?K/g, '');
  }
}
