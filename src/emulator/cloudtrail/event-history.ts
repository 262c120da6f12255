import type { CallEvent } from './call-event.ts';

export type HistoryEntry = {
  readonly event: CallEvent;
  /** The event of a call that recorded usage. */
  readonly lasting: boolean;
  /** Increases with each event: the order of events with the same time. */
  readonly sequence: number;
};

/** The events that LookupEvents can return. */
export type EventHistory = {
  readonly add: (event: CallEvent, lasting: boolean) => void;
  /** In the order in which they were added. */
  readonly inOrder: () => readonly HistoryEntry[];
  /** Whether events have been dropped to save memory. */
  readonly hasDropped: () => boolean;
  readonly reset: () => void;
};

/** The memory limit for events of calls that recorded nothing, enough for about 4,000 full batches. */
const PASSING_BYTES = 16 << 20;

/**
 * Events of calls that recorded usage are kept, like the records themselves. Of all others (rejected, throttled, resent) only
 * the newest are kept: a caller can make any number of them, and memory should only grow with the records.
 */
export const createEventHistory = (limit = PASSING_BYTES): EventHistory => {
  let lasting: HistoryEntry[] = [];
  let passing: HistoryEntry[] = [];
  let first = 0;
  let bytes = 0;
  let sequence = 0;
  let hasDropped = false;
  const drop = (): void => {
    bytes -= bytesOf((passing[first] as HistoryEntry).event);
    first++;
    hasDropped = true;
    // Removing the first element of a long array copies the rest, so it is done rarely.
    if (first * 2 < passing.length) return;
    passing = passing.slice(first);
    first = 0;
  };
  return {
    add: (event, isLasting) => {
      const entry = { event, lasting: isLasting, sequence: sequence++ };
      if (isLasting) {
        lasting.push(entry);
        return;
      }
      passing.push(entry);
      bytes += bytesOf(event);
      while (bytes > limit) drop();
    },
    inOrder: () => [...lasting, ...passing.slice(first)].sort((a, b) => a.sequence - b.sequence),
    hasDropped: () => hasDropped,
    reset: () => {
      hasDropped = false;
      lasting = [];
      passing = [];
      first = 0;
      bytes = 0;
    },
  };
};

/** The approximate size in bytes; everything that a caller can make long is counted. */
export const bytesOf = ({ input, error, userAgent }: CallEvent): number =>
  400 + sizeOf(input) + (error?.message.length ?? 0) + userAgent.length;

const sizeOf = (value: unknown): number => {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 24;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) size += sizeOf(inner);
  return size;
};
