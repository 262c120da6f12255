import type { Copy } from './files/spool.ts';
import type { CommandResult } from './system/run-command.ts';

/** Everything outside the program. A function asks for the members it needs, never for the whole. */
export type World = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Milliseconds from some fixed instant, never set back: for durations. */
  readonly monotonic: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  readonly uuid: () => string;
  readonly files: Files;
  /** Runs a shell command. Rejects when the signal aborts, and ends it with all that it has started. */
  readonly run: (command: string, signal: AbortSignal) => Promise<CommandResult>;
  /** Asks on the terminal for a line that is not shown; undefined without one. Rejects when `stop` aborts. */
  readonly askHidden: (question: string) => Promise<string | undefined>;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Aborts when the program is asked to stop: nothing new is begun. */
  readonly stop: AbortSignal;
  /** The exit code that the signal asks for which the program was stopped by; undefined when it was not. */
  readonly stopCode: () => number | undefined;
  /** Aborts when what is under way has been waited for long enough. */
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
  /** The same of bytes that are read anyway. */
  readonly digest: () => Digest;
  /** What stands at the path, links followed; undefined when nothing does. */
  readonly stat: (path: string) => Promise<FileFacts | undefined>;
  /** What stands in a folder, in the order of names. Links to folders count as `other`: they may lead back. */
  readonly list: (path: string) => Promise<readonly FolderEntry[]>;
  /** Copies a stream (`-`: standard input), so that it can be read more than once. Throws InputError where there is no room. */
  readonly spool: (path: string, options: SpoolOptions) => Promise<Copy>;
};

export type Digest = {
  readonly add: (bytes: Uint8Array) => void;
  /** In hexadecimal; nothing is added after that. */
  readonly hex: () => string;
};

export type SpoolOptions = {
  /** Reads along while the stream is copied; what it leaves is not copied. */
  readonly readAlong: (bytes: AsyncIterable<Uint8Array>) => Promise<void>;
  /** A file in whose folder the copy may be, where there is no place for temporary files. */
  readonly beside: string | undefined;
};

export type FolderEntry = {
  readonly name: string;
  /** With that of the folder. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'other';
};

export type FileFacts = {
  readonly kind: 'file' | 'directory' | 'stream' | 'other';
  readonly size: number;
  readonly modifiedMs: number;
  /** Another number when another file has taken the place of this one. */
  readonly inode: number;
  readonly device: number;
};

export type Stream = {
  /** Resolves when the text is handed over; at once when nobody reads any more. */
  readonly write: (text: string) => Promise<void>;
  /** Resolves when all that was written is handed over. */
  readonly drained: () => Promise<void>;
  /** Why what was written is lost, other than that its reader has left; undefined when it is not. */
  readonly failure: () => string | undefined;
  /** Nobody reads any more. */
  readonly isClosed: () => boolean;
  readonly isTTY: boolean;
  /** Characters in a line of the terminal, now; undefined when there is none. */
  readonly columns: () => number | undefined;
};
