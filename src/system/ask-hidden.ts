import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** The parts of this process that are needed. */
type TerminalProcess = Pick<NodeJS.Process, 'stdin' | 'stderr' | 'kill' | 'pid'>;

/**
 * Asks a question on the terminal and reads a line without showing it; undefined when there is no terminal. Rejects when
 * `signal` aborts.
 */
export const askHidden = async (
  question: string,
  signal: AbortSignal,
  { stdin, stderr, kill, pid }: TerminalProcess,
): Promise<string | undefined> => {
  if (stdin.isTTY !== true || stderr.isTTY !== true || stdin.readableEnded) return undefined;
  const nowhere = new Writable({ write: (_text, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  // While a line is read, the terminal does not turn keys into signals.
  lines.on('SIGINT', () => kill(pid, 'SIGINT'));
  const noLine = new Promise<''>(resolve => lines.once('close', () => resolve('')));
  stderr.write(question);
  try {
    const typed = await Promise.race([lines.question('', { signal }), noLine]);
    return typed.trim();
  } finally {
    lines.close();
    stderr.write('\n');
  }
};
