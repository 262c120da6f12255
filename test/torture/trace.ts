/** What strace is asked for, and by whom: everything that writes to the disk or the network, and what syncs it. */
const WATCHED = [
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'pwritev2',
  'ftruncate',
  'unlink',
  'fsync',
  'fdatasync',
  'sendto',
  'sendmsg',
] as const;

export const watchedBy = (trace: string): string[] => [
  'strace',
  '-f',
  '-yy',
  '-qq',
  '-s0',
  '-o',
  trace,
  '-e',
  `trace=${WATCHED.join(',')}`,
];

export type Barrier = {
  /** Writes to a connection with the endpoint. */
  readonly sends: number;
  /** Syncs of the ledger's files. */
  readonly syncs: number;
  /** What left while bytes of the ledger were not on the disk. */
  readonly breaches: readonly string[];
};

/**
 * Reads the text of a trace: no byte of a request may leave while any byte of the ledger, of its journal or of its
 * write-ahead log waits to be synced. A sync covers what was written before it began. Of a journal that is deleted the
 * bytes matter no more, but its folder does: after a power cut the journal must not be back.
 */
export const readBarrier = (trace: string, ledger: string, endpoint: URL): Barrier => {
  const files = new Set([ledger, `${ledger}-wal`, `${ledger}-journal`]);
  const folder = ledger.slice(0, ledger.lastIndexOf('/'));
  const peer = `->${endpoint.host}]`;
  const dirty = new Set<string>();
  /** Syncs that have begun, by thread, with the writes to the file since. */
  const syncing = new Map<string, { file: string; touched: boolean }>();
  const breaches: string[] = [];
  let sends = 0;
  let syncs = 0;

  const touch = (file: string): void => {
    dirty.add(file);
    for (const sync of syncing.values()) if (sync.file === file) sync.touched = true;
  };
  const endSync = (thread: string, line: string): void => {
    const sync = syncing.get(thread);
    syncing.delete(thread);
    if (sync === undefined || !/= 0$/.test(line)) return;
    if (sync.file !== folder) syncs += 1;
    if (!sync.touched) dirty.delete(sync.file);
  };

  for (const line of trace.split('\n')) {
    const [, thread = '', resumed, call = resumed, words = ''] =
      /^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$/.exec(line) ?? [];
    if (resumed !== undefined) {
      if (isSync(call)) endSync(thread, line);
      continue;
    }
    if (call === 'unlink') {
      const path = /^"([^"]*)"/.exec(words)?.[1] ?? '';
      if (files.has(path)) {
        dirty.delete(path);
        touch(folder);
      }
      continue;
    }
    const file = /^\d+<(.*?)>(?:[,)]| <unfinished)/.exec(words)?.[1] ?? '';
    if (isSync(call)) {
      if (!files.has(file) && file !== folder) continue;
      syncing.set(thread, { file, touched: false });
      if (!line.endsWith('<unfinished ...>')) endSync(thread, line);
    } else if (files.has(file)) {
      touch(file);
    } else if (file.startsWith('TCP') && file.includes(peer)) {
      sends += 1;
      if (dirty.size > 0) breaches.push(`${line}\n  while unsynced: ${[...dirty].join(', ')}`);
    }
  }
  return { sends, syncs, breaches };
};

const isSync = (call: string | undefined): boolean => call === 'fsync' || call === 'fdatasync';
