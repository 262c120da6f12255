import { UsageError } from '../../errors.ts';
import { unwritableBecause } from '../../files/atomic-write.ts';
import type { OutputFile } from '../../files/output-file.ts';
import type { Transport } from '../../metering/transport.ts';
import type { Summary } from '../../upload/result.ts';
import type { World } from '../../world.ts';
import type { BatchOptions } from './options.ts';

/** What is written or requested for a monitor. */
export type Heartbeat =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'url';
      readonly url: URL;
      /** Path and query as typed: a monitor may distinguish `~` from `%7E`, and `+` from a space. */
      readonly target: string;
    };

/** A monitor that does not reply must not hold up the run for longer. */
const HEARTBEAT_TIMEOUT_MS = 10_000;

/**
 * The path of a monitor's URL works like a password, so it must go over TLS or to this machine. Throws UsageError, which
 * does not repeat the URL.
 */
export const parseHeartbeat = async (
  text: string,
  flag: HeartbeatFlag = '--heartbeat',
): Promise<Heartbeat> => {
  // A misspelled URL must not be mistaken for a file, whose name is shown in errors.
  if (!/:\/\/|^\s*https?:/i.test(text)) {
    if (text === '' || text === '-') throw new UsageError(`${flag} needs a file or a URL`);
    return { kind: 'file', path: text };
  }
  const { isLoopback } = await import('../../metering/endpoint.ts');
  if (/[\s\u0000-\u001f\u007f]/.test(text))
    throw new UsageError(
      `the URL of ${flag} has a space or a line break`,
      'write a space as %20, and put nothing around the URL',
    );
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text) : null;
  if (url === null) throw new UsageError(`${flag} is not a URL`, 'use the form https://host/path');
  if (url.username !== '' || url.password !== '')
    throw new UsageError(`the URL of ${flag} must not contain a user name or password`);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))
    return { kind: 'url', url, target: targetIn(text) };
  throw new UsageError(
    `${flag} must begin with https://, not ${url.protocol}//`,
    'http is accepted for this machine only; if the monitor has no https, use a file, and let the monitor watch that file',
  );
};

/**
 * `URL` would resolve dots, drop an empty query and change escapes. Here only what a request cannot contain is escaped,
 * and the fragment, which is not for the server, is removed.
 */
const targetIn = (text: string): string => {
  const written = text.replace(/^[^:]*:\/\/[^/?#\\]*/, '').replace(/#.*$/s, '');
  const target = written.startsWith('/') ? written : `/${written}`;
  return target.toWellFormed().replaceAll(/[^\u0021-\u007e]+/g, encodeURIComponent);
};

/** The flags, with the exit codes after which their heartbeat is due. */
const HEARTBEATS = [
  ['--heartbeat', 'heartbeat', [0]],
  ['--heartbeat-end', 'heartbeatEnd', [0, 4]],
] as const satisfies readonly (readonly [string, keyof BatchOptions, readonly number[]])[];

export type HeartbeatFlag = (typeof HEARTBEATS)[number][0];

/** A heartbeat that the flags ask for. */
export type AskedHeartbeat = {
  readonly flag: HeartbeatFlag;
  readonly heartbeat: Heartbeat;
  readonly isDueAfter: (exitCode: number) => boolean;
};

/** The heartbeats that the flags ask for. Throws UsageError before anything is sent. */
export const heartbeatsOf = async (options: BatchOptions): Promise<readonly AskedHeartbeat[]> => {
  const asked: AskedHeartbeat[] = [];
  for (const [flag, member, codes] of HEARTBEATS) {
    const text = options[member];
    if (text === undefined) continue;
    const isDueAfter = (exitCode: number): boolean => (codes as readonly number[]).includes(exitCode);
    asked.push({ flag, heartbeat: await parseHeartbeat(text, flag), isDueAfter });
  }
  return asked;
};

/** A monitor is reached like AWS: through the same proxy, with the same trusted authorities. */
export const heartbeatTransport = async (options: BatchOptions, world: World): Promise<Transport> => {
  const [{ createTransport }, { openNetwork }] = await Promise.all([
    import('../../metering/transport.ts'),
    import('../../cli/connection/network.ts'),
  ]);
  return createTransport(undefined, (await openNetwork(options, world)).network);
};

type HeartbeatParts = {
  readonly summary: Summary;
  readonly exitCode: number;
  /** The file of the heartbeat; undefined if it could not be opened, which was reported then. */
  readonly file: OutputFile | undefined;
  readonly transport: () => Promise<Transport>;
  readonly world: Pick<World, 'now' | 'abandon'>;
};

/** Tells a monitor how the run ended. Gives what went wrong with that, in words: it is not a failure of the run. */
export const sendHeartbeat = async (
  heartbeat: Heartbeat,
  { summary, exitCode, file, transport, world }: HeartbeatParts,
): Promise<string | undefined> => {
  if (heartbeat.kind === 'file') {
    const text = JSON.stringify({ time: world.now().toISOString(), run: summary.run, exitCode, summary });
    try {
      await file?.write([`${text}\n`]);
      return undefined;
    } catch (error) {
      return `the heartbeat file ${heartbeat.path} cannot be written: ${unwritableBecause(error)}`;
    }
  }
  const { origin } = heartbeat.url;
  try {
    const { httpGet } = await import('../../metering/probe.ts');
    const open = await transport();
    try {
      const limits = { timeoutMs: HEARTBEAT_TIMEOUT_MS, signal: world.abandon };
      const { status } = await httpGet(open, heartbeat, limits);
      return status >= 200 && status < 300
        ? undefined
        : `the heartbeat request to ${origin} failed with status ${status}`;
    } finally {
      open.close();
    }
  } catch (error) {
    return `the heartbeat request to ${origin} failed: ${(error as Error).message}`;
  }
};

/** A monitor runs as another user; all that it reads here is counts and file names. */
export const HEARTBEAT_MODE = 0o644;
