import { UsageError } from '../../errors.ts';
import { unwritableBecause } from '../../files/atomic-write.ts';
import type { OutputFile } from '../../files/output-file.ts';
import type { Transport } from '../../metering/transport.ts';
import type { Summary } from '../../upload/result.ts';
import type { World } from '../../world.ts';
import type { BatchOptions } from './options.ts';

/** What is written, or requested, when everything was billed. */
export type Heartbeat =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'url';
      readonly url: URL;
      /** Path and query as they were written: a monitor may tell `~` from `%7E`, and `+` from a space. */
      readonly target: string;
    };

/** A monitor that does not reply must not hold up the run for longer. */
const HEARTBEAT_TIMEOUT_MS = 10_000;

/**
 * The path of a monitor's URL is as good as a password, so it goes over TLS, or to this machine. Throws UsageError,
 * which does not repeat the URL.
 */
export const parseHeartbeat = async (text: string): Promise<Heartbeat> => {
  // A URL that is misspelt must not be taken for a file, whose name is shown in errors.
  if (!/:\/\/|^\s*https?:/i.test(text)) {
    if (text === '' || text === '-') throw new UsageError('--heartbeat needs a file or a URL');
    return { kind: 'file', path: text };
  }
  const { isLoopback } = await import('../../metering/endpoint.ts');
  if (/[\s\u0000-\u001f\u007f]/.test(text))
    throw new UsageError(
      '--heartbeat has a space or a line break in its URL',
      'write a space as %20, and nothing around it',
    );
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text) : null;
  if (url === null) throw new UsageError('--heartbeat is not a URL', 'write it as https://host/path');
  if (url.username !== '' || url.password !== '')
    throw new UsageError('--heartbeat must not carry a user name or password');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))
    return { kind: 'url', url, target: targetIn(text) };
  throw new UsageError(
    `--heartbeat must begin with https://, not ${url.protocol}//`,
    'plain http goes to this machine only; for a monitor that has no https, name a file with --heartbeat and let it watch that',
  );
};

/**
 * `URL` would resolve dots, drop an empty query and escape anew. Only what no request can carry is escaped here, and the
 * fragment, which is not for the server, stays behind.
 */
const targetIn = (text: string): string => {
  const written = text.replace(/^[^:]*:\/\/[^/?#\\]*/, '').replace(/#.*$/s, '');
  const target = written.startsWith('/') ? written : `/${written}`;
  return target.toWellFormed().replaceAll(/[^\u0021-\u007e]+/g, encodeURIComponent);
};

/** Where this run is to tell it; undefined when it is not asked to. Throws UsageError before anything is sent. */
export const heartbeatOf = async ({ heartbeat: text }: BatchOptions): Promise<Heartbeat | undefined> => {
  if (text === undefined) return undefined;
  return parseHeartbeat(text);
};

/** A monitor is reached as AWS is: by the same proxy, trusting the same authorities. */
export const heartbeatTransport = async (options: BatchOptions, world: World): Promise<Transport> => {
  const [{ createTransport }, { openNetwork }] = await Promise.all([
    import('../../metering/transport.ts'),
    import('../../cli/connection/network.ts'),
  ]);
  return createTransport(undefined, (await openNetwork(options, world)).network);
};

type HeartbeatParts = {
  readonly summary: Summary;
  /** Where a heartbeat that is a file goes; undefined when it could not be opened, which was said then. */
  readonly file: OutputFile | undefined;
  readonly transport: () => Promise<Transport>;
  readonly world: Pick<World, 'now' | 'abandon'>;
};

/** Tells that everything is billed; gives what went wrong with that, in words, which is no failure of the run. */
export const sendHeartbeat = async (
  heartbeat: Heartbeat,
  { summary, file, transport, world }: HeartbeatParts,
): Promise<string | undefined> => {
  if (heartbeat.kind === 'file') {
    const text = JSON.stringify({ time: world.now().toISOString(), run: summary.run, exitCode: 0, summary });
    try {
      await file?.write([`${text}\n`]);
      return undefined;
    } catch (error) {
      return `the heartbeat ${heartbeat.path} cannot be written: ${unwritableBecause(error)}`;
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
        : `the heartbeat at ${origin} was answered with ${status}`;
    } finally {
      open.close();
    }
  } catch (error) {
    return `the heartbeat did not get through to ${origin}: ${(error as Error).message}`;
  }
};

/** A monitor runs as somebody else; what it reads here is counts and the names of files. */
export const READABLE = 0o644;
