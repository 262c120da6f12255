import { UsageError } from '../../errors.ts';
import type { CallEvent } from '../cloudtrail/call-event.ts';
import { cloudTrailEvent, type EventFormat } from '../cloudtrail/cloudtrail-event.ts';
import { createEventHistory, type EventHistory } from '../cloudtrail/event-history.ts';
import { openTrail, type Trail } from '../cloudtrail/trail.ts';
import { createTokenSigner, type TokenSigner } from '../operations/usage-token.ts';
import type { StateLine } from './journal-line.ts';
import { createMemory, type LastingMemory } from './memory.ts';
import type { StateFile } from './state-file.ts';

/** What outlasts a call: in memory, in a state file that outlasts the emulator, and in CloudTrail's log files. */
export type Archive = {
  readonly memory: LastingMemory;
  readonly signer: TokenSigner;
  readonly history: EventHistory;
  /**
   * Keeps the event of a call, and writes down what has changed since the last time: before the reply leaves, so that
   * whatever was answered is known after a crash. Throws when the state file cannot be written; what it lacks is written
   * the next time.
   */
  readonly keep: (event: CallEvent | undefined, lasting: boolean) => void;
  /** Forgets all but the signing key. */
  readonly reset: () => void;
  /** Rejects when something could not be written. */
  readonly close: () => Promise<void>;
};

export type ArchiveOptions = {
  readonly state: string | undefined;
  /** The folder of the log files. */
  readonly trail: string | undefined;
  readonly eventFormat: EventFormat;
  /** What the keys of records are made by: see `keyReadings`. */
  readonly keyedBy: readonly string[];
  /** The service's clock. */
  readonly now: () => Date;
  readonly onTrouble: (error: unknown) => void;
};

/** Throws UsageError when state or log files cannot be used. */
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
  let saysKeys = false;
  /** The events that an emulator has kept, and was killed before it wrote them to a log file. */
  const owed = new Map<string, CallEvent>();
  const note = (line: StateLine): void => {
    if (path === undefined) return;
    pending.push(line);
    if (line.records === undefined || saysKeys) return;
    pending.push({ keyedBy });
    saysKeys = true;
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
      saysKeys = true;
    }
    memory.restore(line);
    for (const { event, lasting, toDeliver } of line.events ?? []) {
      history.add(event, lasting);
      if (toDeliver) owed.set(event.requestId, event);
    }
    for (const requestId of line.delivered ?? []) owed.delete(requestId);
    if (line.signingKey === undefined) return;
    signer.restore(line.signingKey);
    signingKey = line.signingKey;
  };
  const lines = function* (): Generator<StateLine> {
    if (signingKey !== undefined) yield { signingKey };
    if (saysKeys) yield { keyedBy };
    yield* memory.lines();
    for (const { event, lasting } of history.inOrder()) yield { events: [{ event, lasting }] };
  };

  const state = path === undefined ? undefined : await openLocked(path, restore);
  const write = (): void => {
    if (pending.length === 0) return;
    state?.append(mergeLines(pending));
    pending = [];
  };
  /** Killed between file and mark, the next emulator writes those events again: their `eventID` tells. */
  const onDelivered = (delivered: readonly string[]): void => {
    for (const requestId of delivered) owed.delete(requestId);
    note({ delivered });
    try {
      write();
    } catch {
      // It is written with the next call: nobody has been told of it.
    }
  };
  let trail: Trail | undefined;
  try {
    if (folder !== undefined) {
      trail = openTrail(folder, { now, onTrouble, onDelivered });
      for (const event of owed.values()) trail.add(cloudTrailEvent(event, eventFormat));
      await trail.deliver();
    }
    // Without what is forgotten by now, unless a log file is to have it.
    if (history.hasDropped() && owed.size === 0) state?.replace(lines());
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
      // First where it can fail: then all is as it was.
      state?.replace(signingKey === undefined ? [] : [{ signingKey }]);
      memory.reset();
      history.reset();
      trail?.forget();
      owed.clear();
      saysKeys = false;
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
    `the records in the state file ${path} are those of an emulator with ${flags}`,
    'start this one with that too, or name another file with --state',
  );
};

/** Reads the state, and keeps other emulators from it. */
const openLocked = async (path: string, restore: (line: StateLine) => void): Promise<StateFile> => {
  // SQLite is loaded by those alone who need its lock.
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

/** What one call has changed is one line: all of it is there after a crash, or nothing. */
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
