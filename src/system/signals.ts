import { fstatSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const SIGTSTP = 20;

export type Signal = keyof typeof SIGNALS;

/** What tells how this process was started. */
export type Start = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who started it. */
  readonly parent: number;
};

/**
 * Which signals this process was started to ignore, as by `nohup` and `trap ''`. Node forgets that: before any script runs
 * it sets every ignored signal back to its default, so that it has to be found out from what else is known.
 * - Most shells name in `_` the program that they start: nohup, which becomes this one.
 * - Where standard input is a terminal, GNU nohup puts a device in its place that cannot be read.
 * - What the shell ignores that started this process, its children ignore too (Linux, where one can look it up).
 *
 * Not to be found out: what a shell sets for its child alone, such as SIGINT for `ampmeter … &` in a script, which then
 * ends as after Ctrl-C, its state saved; and nohup without a terminal in a script of a shell that does not set `_`.
 */
export const ignoredSignals = ({ env, parent }: Start): ReadonlySet<Signal> => {
  const ignored = new Set(ignoredByShell(parent));
  if (basename(env['_'] ?? '') === 'nohup' || isUnreadable(0)) ignored.add('SIGHUP');
  return ignored;
};

const SHELLS = /^(ash|bash|busybox|dash|ksh|ksh93|mksh|sh|yash|zsh)$/;

/** Other programs ignore signals for themselves alone, for instance while they wait for a child. */
const ignoredByShell = (pid: number): readonly Signal[] => {
  const status = textOf(`/proc/${pid}/status`);
  if (!SHELLS.test(/^Name:\t(.*)$/m.exec(status)?.[1] ?? '')) return [];
  const mask = BigInt(`0x${/^SigIgn:\t([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const ignores = (number: number): boolean => ((mask >> BigInt(number - 1)) & 1n) === 1n;
  // As does a shell at a prompt, which also ignores the stop of the terminal.
  const isAtPrompt = ignores(SIGTSTP);
  return (Object.keys(SIGNALS) as Signal[]).filter(
    signal => ignores(SIGNALS[signal]) && !(isAtPrompt && signal === 'SIGTERM'),
  );
};

/** Whether a descriptor is a device that was opened to write only. */
const isUnreadable = (fd: number): boolean => {
  const mode = /^flags:\t[0-7]*([0-7])$/m.exec(textOf(`/proc/self/fdinfo/${fd}`))?.[1];
  return mode !== undefined && (Number(mode) & 3) === WRITE_ONLY && fstatSync(fd).isCharacterDevice();
};

const WRITE_ONLY = 1;

/** '' where there is no such file, as on other systems than Linux. */
const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
