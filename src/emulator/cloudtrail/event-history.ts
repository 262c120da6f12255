import type { CallEvent } from './call-event.ts';

export type HistoryEntry = {
  readonly event: CallEvent;
  /** Of a call that recorded something. */
  readonly lasting: boolean;
  /** Counts upwards: tells the events of one instant apart. */
  readonly sequence: number;
};

/** The events that LookupEvents finds. */
export type EventHistory = {
  readonly add: (event: CallEvent, lasting: boolean) => void;
  /** As they were added. */
  readonly inOrder: () => readonly HistoryEntry[];
  /** Whether some have been forgotten to make room. */
  readonly hasDropped: () => boolean;
  readonly reset: () => void;
};

/** How much the remembered events of calls that recorded nothing may weigh together; some 4,000 full batches do. */
const PASSING_BYTES = 16 << 20;

/**
 * Events of calls that recorded usage stay, as the records themselves do. Of all others (refused, throttled, sent again)
 * only the newest are kept: a caller can make any number of those, and memory is to grow with what is stored alone.
 */
export const createEventHistory = (limit = PASSING_BYTES): EventHistory => {
  let lasting: HistoryEntry[] = [];
  let passing: HistoryEntry[] = [];
  let first = 0;
  let weight = 0;
  let sequence = 0;
  let hasDropped = false;
  const drop = (): void => {
    weight -= weightOf((passing[first] as HistoryEntry).event);
    first++;
    hasDropped = true;
    // Taking one from the front of a long array copies the rest.
    if (first * 2 < passing.length) return;
    passing = passing.slice(first);
    first = 0;
  };
  return {
    add: (event, isLasting) => {
      const kept = { event, lasting: isLasting, sequence: sequence++ };
      if (isLasting) {
        lasting.push(kept);
        return;
      }
      passing.push(kept);
      weight += weightOf(event);
      while (weight > limit) drop();
    },
    inOrder: () => [...lasting, ...passing.slice(first)].sort((a, b) => a.sequence - b.sequence),
    hasDropped: () => hasDropped,
    reset: () => {
      hasDropped = false;
      lasting = [];
      passing = [];
      first = 0;
      weight = 0;
    },
  };
};

/** About as many bytes as it takes: whatever a caller can make long is counted. */
export const weightOf = ({ input, error, userAgent }: CallEvent): number =>
  400 + sizeOf(input) + (error?.message.length ?? 0) + userAgent.length;

const sizeOf = (value: unknown): number => {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 24;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) size += sizeOf(inner);
  return size;
};
