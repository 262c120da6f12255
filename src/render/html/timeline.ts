import { DAY_SECONDS, type EpochSeconds, HOUR_SECONDS, isoSeconds } from '../../usage/hours.ts';

/** One step of the time axis, in UTC. */
export type Unit = 'hour' | 'day' | 'month' | 'year';

/** The steps from the first to the last hour that is drawn. */
export type Timeline = {
  readonly unit: Unit;
  readonly starts: readonly EpochSeconds[];
  readonly end: EpochSeconds;
};

/** Consecutive hours; `to` is the last of them. */
export type HourSpan = { readonly from: EpochSeconds; readonly to: EpochSeconds };

/** The longest range for each unit, so that steps stay wide enough to see: a week, half a year, fifteen years. */
const MAX_RANGES: readonly (readonly [Unit, number])[] = [
  ['hour', 168 * HOUR_SECONDS],
  ['day', 180 * DAY_SECONDS],
  ['month', 180 * 31 * DAY_SECONDS],
];

/** Both hours are included. */
export const timelineOf = (first: EpochSeconds, last: EpochSeconds): Timeline => {
  const unit = MAX_RANGES.find(([, longest]) => last + HOUR_SECONDS - first <= longest)?.[0] ?? 'year';
  const starts: number[] = [];
  let start = startOf(unit, first);
  while (start <= last) {
    starts.push(start);
    start = after(unit, start);
  }
  return { unit, starts, end: start };
};

/** The step that an hour belongs to; undefined when it is not on the axis. */
export const stepOf = ({ unit, starts, end }: Timeline, hour: EpochSeconds): number | undefined => {
  const [first] = starts;
  if (first === undefined || hour < first || hour >= end) return undefined;
  if (unit === 'hour') return Math.floor((hour - first) / HOUR_SECONDS);
  if (unit === 'day') return Math.floor((hour - first) / DAY_SECONDS);
  const [from, to] = [new Date(first * 1000), new Date(hour * 1000)];
  const years = to.getUTCFullYear() - from.getUTCFullYear();
  return unit === 'year' ? years : years * 12 + to.getUTCMonth() - from.getUTCMonth();
};

/** `22 Nov 2026, 10:00`, `22 Nov 2026`, `Nov 2026` or `2026`. */
export const stepName = (unit: Unit, start: EpochSeconds): string => {
  const date = new Date(start * 1000);
  const year = String(date.getUTCFullYear());
  const month = `${MONTHS[date.getUTCMonth()]} ${year}`;
  if (unit === 'year') return year;
  if (unit === 'month') return month;
  const day = `${date.getUTCDate()} ${month}`;
  return unit === 'day' ? day : `${day}, ${clock(date)}`;
};

/** `2026-11-22 10:00`. */
export const hourLabel = (hour: EpochSeconds): string => isoSeconds(hour).slice(0, 16).replace('T', ' ');

/** The steps that have a label, and its text, on an axis with room for `max` labels. */
export const ticksOf = ({ unit, starts }: Timeline, max: number): ReadonlyMap<number, string> => {
  const whole = starts.flatMap((start, place) => (isWhole(unit, start, starts.length) ? [place] : []));
  const candidates = whole.length > 1 ? whole : starts.map((_, place) => place);
  const stride = Math.ceil(candidates.length / max);
  return new Map(
    candidates
      .filter((_, place) => place % stride === 0)
      .map(place => [place, tickText(unit, starts[place] ?? 0)]),
  );
};

/** The steps that people look for: midnights, Mondays, Januaries. */
const isWhole = (unit: Unit, start: number, steps: number): boolean => {
  const date = new Date(start * 1000);
  switch (unit) {
    case 'hour':
      return date.getUTCHours() % (steps > 72 ? 24 : 6) === 0;
    case 'day':
      return steps <= 14 || date.getUTCDay() === 1;
    case 'month':
      return steps <= 24 || date.getUTCMonth() === 0;
    case 'year':
      return true;
    default:
      return unit satisfies never;
  }
};

const tickText = (unit: Unit, start: number): string => {
  const date = new Date(start * 1000);
  const month = MONTHS[date.getUTCMonth()];
  switch (unit) {
    case 'hour':
      return date.getUTCHours() === 0 ? `${date.getUTCDate()} ${month}` : clock(date);
    case 'day':
      return `${date.getUTCDate()} ${month}`;
    case 'month':
      return `${month} ${date.getUTCFullYear()}`;
    case 'year':
      return String(date.getUTCFullYear());
    default:
      return unit satisfies never;
  }
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const clock = (date: Date): string => date.toISOString().slice(11, 16);

const startOf = (unit: Unit, hour: EpochSeconds): EpochSeconds => {
  const date = new Date(hour * 1000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case 'hour':
      return hour - (hour % HOUR_SECONDS);
    case 'day':
      return hour - (hour % DAY_SECONDS);
    case 'month':
      return Date.UTC(year, month) / 1000;
    case 'year':
      return Date.UTC(year, 0) / 1000;
    default:
      return unit satisfies never;
  }
};

const after = (unit: Unit, start: number): number => {
  const date = new Date(start * 1000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case 'hour':
      return start + HOUR_SECONDS;
    case 'day':
      return start + DAY_SECONDS;
    case 'month':
      return Date.UTC(year, month + 1) / 1000;
    case 'year':
      return Date.UTC(year + 1, 0) / 1000;
    default:
      return unit satisfies never;
  }
};
