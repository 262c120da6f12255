import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** How a shell command ended. */
export type CommandResult =
  /** `exitCode` is null when a signal ended it. */
  | {
      readonly kind: 'ended';
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly stdout: string;
    }
  | { readonly kind: 'too-long'; readonly limitBytes: number }
  | { readonly kind: 'not-started' };

/** The parts of this process that are needed. */
export type ParentProcess = Pick<NodeJS.Process, 'platform' | 'kill' | 'on' | 'off'>;

/** The limit of AWS's own package for the same commands. */
const LIMIT_BYTES = 1024 ** 2;

/** How long an abandoned command may take to clean up. Shorter than main waits for it. Milliseconds. */
const GRACE_MS = 250;

/**
 * Runs a shell command and reads its standard output; its standard error is discarded, and its standard input is empty.
 * When `signal` aborts, the promise rejects at once, and the command is ended with everything that it has started; the
 * same happens when this process exits first.
 *
 * For this it gets its own process group, which in Node means its own session without a terminal.
 */
export const runCommand = (
  command: string,
  signal: AbortSignal,
  host: ParentProcess,
): Promise<CommandResult> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let child: ChildProcess;
    try {
      child = spawn(command, {
        shell: true,
        detached: host.platform !== 'win32',
        windowsHide: true,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return resolve({ kind: 'not-started' });
    }
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const chunks: Buffer[] = [];
    let bytes = 0;

    const kill = () => endGroup(child, 'SIGKILL', host);
    const abandon = (): void => {
      isOver = true;
      child.stdout?.destroy();
      endGroup(child, 'SIGTERM', host);
      timer = setTimeout(kill, GRACE_MS);
    };
    const onAbort = (): void => {
      abandon();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    host.on('exit', kill);

    const settle = (result: CommandResult): void => {
      isOver = true;
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= LIMIT_BYTES || isOver) return;
      abandon();
      settle({ kind: 'too-long', limitBytes: LIMIT_BYTES });
    });
    child.on('error', () => {
      host.off('exit', kill);
      settle({ kind: 'not-started' });
    });
    child.on('exit', (exitCode, endedBy) => {
      if (!isOver && exitCode === 0) return;
      if (!isOver) settle({ kind: 'ended', exitCode, signal: endedBy, stdout: '' });
      child.stdout?.destroy();
    });
    // All processes that had its standard output have closed it, or it was destroyed above.
    child.on('close', (exitCode, endedBy) => {
      clearTimeout(timer);
      host.off('exit', kill);
      // What a failed or abandoned command leaves running is not needed.
      if (isOver) kill();
      else
        settle({ kind: 'ended', exitCode, signal: endedBy, stdout: Buffer.concat(chunks).toString('utf8') });
    });
  });

const endGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals, host: ParentProcess): void => {
  if (pid === undefined) return;
  if (host.platform === 'win32') {
    // Windows has no groups and no signals: the whole tree is ended at once.
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  try {
    host.kill(-pid, signal);
  } catch {
    // The whole group has ended.
  }
};
