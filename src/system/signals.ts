import { fstatSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const SIGTSTP = 20;

export type Signal = keyof typeof SIGNALS;

/** How this process was started. */
export type Start = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The process that started it. */
  readonly parent: number;
};

/**
 * The signals that this process was started to ignore, for example by `nohup` or `trap ''`. Node loses that: before any
 * script runs it resets every ignored signal to its default. So it is derived from other facts:
 * - Most shells set `_` to the program that they start: nohup, which becomes this one.
 * - Where standard input is a terminal, GNU nohup replaces it with a device that cannot be read.
 * - The children of a shell ignore what the shell ignores (known on Linux only).
 *
 * It cannot find what a shell sets for one child alone, such as SIGINT for `ampmeter … &` in a script, which then ends
 * as after Ctrl-C with its state saved; nor nohup without a terminal in a script of a shell that does not set `_`.
 */
export const ignoredSignals = ({ env, parent }: Start): ReadonlySet<Signal> => {
  const ignored = new Set(ignoredByShell(parent));
  if (basename(env['_'] ?? '') === 'nohup' || isUnreadable(0)) ignored.add('SIGHUP');
  return ignored;
};

const SHELLS = /^(ash|bash|busybox|dash|ksh|ksh93|mksh|sh|yash|zsh)$/;

/** Other programs ignore signals only for themselves, for example while they wait for a child. */
const ignoredByShell = (pid: number): readonly Signal[] => {
  const status = textOf(`/proc/${pid}/status`);
  if (!SHELLS.test(/^Name:\t(.*)$/m.exec(status)?.[1] ?? '')) return [];
  const mask = BigInt(`0x${/^SigIgn:\t([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const ignores = (number: number): boolean => ((mask >> BigInt(number - 1)) & 1n) === 1n;
  // A shell at a prompt ignores SIGTERM for itself; it also ignores the stop signal of the terminal.
  const isAtPrompt = ignores(SIGTSTP);
  return (Object.keys(SIGNALS) as Signal[]).filter(
    signal => ignores(SIGNALS[signal]) && !(isAtPrompt && signal === 'SIGTERM'),
  );
};

/** Whether a descriptor is a device that was opened only for writing. */
const isUnreadable = (fd: number): boolean => {
  const mode = /^flags:\t[0-7]*([0-7])$/m.exec(textOf(`/proc/self/fdinfo/${fd}`))?.[1];
  return mode !== undefined && (Number(mode) & 3) === WRITE_ONLY && fstatSync(fd).isCharacterDevice();
};

const WRITE_ONLY = 1;

/** '' where there is no such file, as on systems other than Linux. */
const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
