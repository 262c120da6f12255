import { UsageError } from '../../errors.ts';
import type { CallEvent } from '../cloudtrail/call-event.ts';
import { cloudTrailEvent, type EventFormat } from '../cloudtrail/cloudtrail-event.ts';
import { createEventHistory, type EventHistory } from '../cloudtrail/event-history.ts';
import { openTrail, type Trail } from '../cloudtrail/trail.ts';
import { createTokenSigner, type TokenSigner } from '../operations/usage-token.ts';
import type { StateLine } from './journal-line.ts';
import { createMemory, type LastingMemory } from './memory.ts';
import type { StateFile } from './state-file.ts';

/** What is kept after a call: in memory, in a state file for the next emulator, and in CloudTrail's log files. */
type Archive = {
  readonly memory: LastingMemory;
  readonly signer: TokenSigner;
  readonly history: EventHistory;
  /**
   * Keeps the event of a call, and writes all changes to the state file. Called before the reply is sent, so that nothing
   * that was replied is lost in a crash. Throws when the state file cannot be written; the changes are then written with
   * the next call.
   */
  readonly keep: (event: CallEvent | undefined, lasting: boolean) => void;
  /** Deletes everything except the signing key. */
  readonly reset: () => void;
  /** Rejects when state or log files could not be written. */
  readonly close: () => Promise<void>;
};

type ArchiveOptions = {
  readonly state: string | undefined;
  /** The folder of the log files. */
  readonly trail: string | undefined;
  readonly eventFormat: EventFormat;
  /** The readings that determine the keys of records: see `keyReadings`. */
  readonly keyedBy: readonly string[];
  /** The service's clock. */
  readonly now: () => Date;
  readonly onTrouble: (error: unknown) => void;
};

/** Throws UsageError when the state file or the log files cannot be used. */
export const openArchive = async ({
  state: path,
  trail: folder,
  eventFormat,
  keyedBy,
  now,
  onTrouble,
}: ArchiveOptions): Promise<Archive> => {
  let pending: StateLine[] = [];
  let signingKey: string | undefined;
  let hasKeyedBy = false;
  /** Events that an earlier emulator kept, but did not write to a log file before it was killed. */
  const unwritten = new Map<string, CallEvent>();
  const note = (line: StateLine): void => {
    if (path === undefined) return;
    pending.push(line);
    if (line.records === undefined || hasKeyedBy) return;
    pending.push({ keyedBy });
    hasKeyedBy = true;
  };
  const memory = createMemory(note);
  const history = createEventHistory();
  const signer = createTokenSigner(pem => {
    signingKey = pem;
    note({ signingKey: pem });
  });

  const restore = (line: StateLine): void => {
    if (line.keyedBy !== undefined) {
      checkKeys(line.keyedBy, keyedBy, path ?? '');
      hasKeyedBy = true;
    }
    memory.restore(line);
    for (const { event, lasting, toDeliver } of line.events ?? []) {
      history.add(event, lasting);
      if (toDeliver) unwritten.set(event.requestId, event);
    }
    for (const requestId of line.delivered ?? []) unwritten.delete(requestId);
    if (line.signingKey === undefined) return;
    signer.restore(line.signingKey);
    signingKey = line.signingKey;
  };
  const lines = function* (): Generator<StateLine> {
    if (signingKey !== undefined) yield { signingKey };
    if (hasKeyedBy) yield { keyedBy };
    yield* memory.lines();
    for (const { event, lasting } of history.inOrder()) yield { events: [{ event, lasting }] };
  };

  const state = path === undefined ? undefined : await openLocked(path, restore);
  const write = (): void => {
    if (pending.length === 0) return;
    state?.append(mergeLines(pending));
    pending = [];
  };
  /** If killed before this mark, the next emulator writes the events again, with the same `eventID`. */
  const onDelivered = (delivered: readonly string[]): void => {
    for (const requestId of delivered) unwritten.delete(requestId);
    note({ delivered });
    try {
      write();
    } catch {
      // It is written with the next call; no reply depends on it.
    }
  };
  let trail: Trail | undefined;
  try {
    if (folder !== undefined) {
      trail = openTrail(folder, { now, onTrouble, onDelivered });
      for (const event of unwritten.values()) trail.add(cloudTrailEvent(event, eventFormat));
      await trail.deliver();
    }
    // Rewrite the file without the dropped events, unless a log file still needs events.
    if (history.hasDropped() && unwritten.size === 0) state?.replace(lines());
  } catch (error) {
    state?.close();
    await trail?.close().catch(() => {});
    throw error;
  }

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    try {
      write();
    } finally {
      try {
        await trail?.close();
      } finally {
        state?.close();
      }
    }
  };
  return {
    memory,
    signer,
    history,
    keep: (event, lasting) => {
      if (event !== undefined) {
        history.add(event, lasting);
        trail?.add(cloudTrailEvent(event, eventFormat));
        note({ events: [{ event, lasting, ...(trail !== undefined && { toDeliver: true }) }] });
      }
      write();
    },
    reset: () => {
      // The file comes first: if writing fails, nothing has changed.
      state?.replace(signingKey === undefined ? [] : [{ signingKey }]);
      memory.reset();
      history.reset();
      trail?.forget();
      unwritten.clear();
      hasKeyedBy = false;
      pending = [];
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
};

const checkKeys = (theirs: readonly string[], ours: readonly string[], path: string): void => {
  const others = theirs.filter(reading => !ours.includes(reading));
  if (others.length === 0) return;
  const flags = others.map(reading => `--behaviour ${reading}`).join(' ');
  throw new UsageError(
    `the state file ${path} was written by an emulator with ${flags}`,
    'use the same flags, or choose another file with --state',
  );
};

/** Locks the state file against other emulators and reads it. */
const openLocked = async (path: string, restore: (line: StateLine) => void): Promise<StateFile> => {
  // Loads SQLite only when its lock is needed.
  const [{ lockState }, { openState, stateTarget }] = await Promise.all([
    import('./lock.ts'),
    import('./state-file.ts'),
  ]);
  const lock = lockState(stateTarget(path));
  try {
    const state = openState(path, restore);
    return {
      ...state,
      close: () => {
        state.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/** The changes of one call are one line, so that after a crash the file has all of them or none. */
const mergeLines = (lines: readonly StateLine[]): StateLine => {
  const records = lines.flatMap(line => line.records ?? []);
  const tokens = lines.flatMap(line => line.tokens ?? []);
  const usedTokens = lines.flatMap(line => line.usedTokens ?? []);
  const registered = lines.flatMap(line => line.registered ?? []);
  const events = lines.flatMap(line => line.events ?? []);
  const delivered = lines.flatMap(line => line.delivered ?? []);
  const keyedBy = lines.findLast(line => line.keyedBy !== undefined)?.keyedBy;
  const signingKey = lines.findLast(line => line.signingKey !== undefined)?.signingKey;
  return {
    ...(records.length > 0 && { records }),
    ...(tokens.length > 0 && { tokens }),
    ...(usedTokens.length > 0 && { usedTokens }),
    ...(registered.length > 0 && { registered }),
    ...(events.length > 0 && { events }),
    ...(delivered.length > 0 && { delivered }),
    ...(keyedBy !== undefined && { keyedBy }),
    ...(signingKey !== undefined && { signingKey }),
  };
};
