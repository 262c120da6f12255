import type { Copy } from './files/spool.ts';
import type { CommandResult } from './system/run-command.ts';

/** The variables of the environment. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Everything outside the program. A function takes the members it needs, never the whole. */
export type World = {
  readonly env: Env;
  readonly now: () => Date;
  /** Milliseconds since a fixed instant; never goes back. For durations. */
  readonly monotonic: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly uuid: () => string;
  readonly files: Files;
  /** Runs a shell command. When the signal aborts, rejects and ends the command with everything it has started. */
  readonly run: (command: string, signal: AbortSignal) => Promise<CommandResult>;
  /** Asks on the terminal for a line that is not shown; undefined without a terminal. Rejects when `stop` aborts. */
  readonly askHidden: (question: string) => Promise<string | undefined>;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Aborts when the program is asked to stop: nothing new is started. */
  readonly stop: AbortSignal;
  /** The exit code for the signal that stopped the program; undefined when none did. */
  readonly stopCode: () => number | undefined;
  /** Aborts when work in progress has been waited for long enough. */
  readonly abandon: AbortSignal;
  readonly platform: NodeJS.Platform;
  /** Of this program. */
  readonly version: string;
  /** The version of Node.js that runs it. */
  readonly node: string;
};

export type Files = {
  /**
   * The bytes of a file; `-` is standard input. Rejects with Node's error (`code`), or with StoppedError when the program is
   * asked to stop while it waits for a stream.
   */
  readonly read: (path: string) => AsyncIterable<Uint8Array>;
  readonly text: (path: string) => Promise<string>;
  /** The digest of these bytes, in hexadecimal. */
  readonly sha256: (bytes: AsyncIterable<Uint8Array>) => Promise<string>;
  /** The same for bytes that are read anyway. */
  readonly digest: () => Digest;
  /** What is at the path, links followed; undefined when nothing is. */
  readonly stat: (path: string) => Promise<FileFacts | undefined>;
  /** The entries of a folder, sorted by name. Links to folders count as `other`: they may lead back. */
  readonly list: (path: string) => Promise<readonly FolderEntry[]>;
  /** Copies a stream (`-`: standard input), so that it can be read more than once. Throws InputError where there is no room. */
  readonly spool: (path: string, options: SpoolOptions) => Promise<Copy>;
};

export type Digest = {
  readonly add: (bytes: Uint8Array) => void;
  /** In hexadecimal; nothing may be added after that. */
  readonly hex: () => string;
};

type SpoolOptions = {
  /** Reads the stream while it is copied; what it does not read is not copied. */
  readonly readAlong: (bytes: AsyncIterable<Uint8Array>) => Promise<void>;
  /** A file whose folder may have the copy, where there is no room for temporary files. */
  readonly beside: string | undefined;
};

export type FolderEntry = {
  readonly name: string;
  /** Including the folder. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'other';
};

export type FileFacts = {
  readonly kind: 'file' | 'directory' | 'stream' | 'other';
  readonly size: number;
  readonly modifiedMs: number;
  /** Changes when another file takes the place of this one. */
  readonly inode: number;
  readonly device: number;
};

export type Stream = {
  /** Resolves when the text is written; at once when the reader has left. */
  readonly write: (text: string) => Promise<void>;
  /** Resolves when everything is written. */
  readonly drained: () => Promise<void>;
  /** Why output was lost, unless its reader has left; undefined when none was. */
  readonly failure: () => string | undefined;
  /** The reader has left, or writing has failed. */
  readonly isClosed: () => boolean;
  readonly isTTY: boolean;
  /** The current width of the terminal in characters; undefined without a terminal. */
  readonly columns: () => number | undefined;
};
