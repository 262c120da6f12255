import { DAY_MS, type EpochMs } from './hours.ts';

/** Finds the instants at which clocks in a zone show a local time (as epoch milliseconds): none, one or two. */
export type InstantsOf = (localMs: EpochMs) => readonly EpochMs[];

/**
 * For the times of a file: asking for an offset is slow, so the offsets of the last days are kept. On the nights when the
 * clocks change, a local time exists twice or never.
 */
export const instantsIn = (timezone: string): InstantsOf => {
  const format = zoneFormat(timezone);
  const offsetsByDay = new Map<number, readonly number[]>();

  /** The offsets in force around this local time: two if the clocks change within a day or two. */
  const offsetsNear = (localMs: EpochMs): readonly number[] => {
    const day = Math.floor(localMs / DAY_MS);
    let offsets = offsetsByDay.get(day);
    if (offsets === undefined) {
      const before = zoneOffset((day - 1) * DAY_MS, format);
      const after = zoneOffset((day + 2) * DAY_MS, format);
      offsets = before === after ? [before] : [before, after];
      if (offsetsByDay.size >= MAX_DAYS) offsetsByDay.clear();
      offsetsByDay.set(day, offsets);
    }
    return offsets;
  };

  return localMs => {
    const offsets = offsetsNear(localMs);
    return offsets
      .map(offset => localMs - offset)
      .filter(at => offsets.length === 1 || at + zoneOffset(at, format) === localMs);
  };
};

/** Throws RangeError if the runtime does not know the zone. */
export const zoneFormat = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

/** The rows of a file are within a few days. */
const MAX_DAYS = 100;

/** How far local time is ahead of UTC at this instant, in milliseconds. */
const zoneOffset = (at: EpochMs, format: Intl.DateTimeFormat): number => {
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
};
