import { HOUR_SECONDS } from '../../usage/hours.ts';
import type { World } from '../../world.ts';
import { counted, grouped } from './numbers.ts';

type ProgressFacts = {
  readonly total: number;
  readonly settled: number;
  readonly notBilled: number;
  readonly requests: number;
};

/** One line on standard error that is redrawn. */
export type Progress = {
  readonly update: (facts: ProgressFacts) => void;
  /** Erases the line, so that something else can be printed. */
  readonly clear: () => void;
};

/** The shortest time between two redraws. */
const INTERVAL_MS = 100;

/** Progress is shown only in a terminal. */
export const createProgress = (
  { stderr, monotonic }: Pick<World, 'stderr' | 'monotonic'>,
  wanted: boolean,
): Progress => {
  if (!wanted || !stderr.isTTY) return { update: () => {}, clear: () => {} };
  const startMs = monotonic();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  return {
    update: facts => {
      const nowMs = monotonic();
      if (nowMs - drawnMs < INTERVAL_MS) return;
      drawnMs = nowMs;
      isDrawn = true;
      const line = progressLine(facts, nowMs - startMs);
      void stderr.write(`\r\u001b[2K${line.slice(0, Math.max(0, (stderr.columns() ?? 80) - 1))}`);
    },
    clear: () => {
      if (isDrawn) void stderr.write('\r\u001b[2K');
      isDrawn = false;
    },
  };
};

/** `sending  1,250 / 4,000 records   50 requests   248/s   0:11 left   3 not billed`. `elapsedMs` since the start. */
export const progressLine = (
  { total, settled, notBilled, requests }: ProgressFacts,
  elapsedMs: number,
): string => {
  const perSecond = elapsedMs > 0 ? (settled * 1000) / elapsedMs : 0;
  const parts = [`sending  ${grouped(settled)} / ${counted(total, 'record')}`, counted(requests, 'request')];
  if (perSecond >= 1) {
    parts.push(`${grouped(Math.round(perSecond))}/s`, `${clockText((total - settled) / perSecond)} left`);
  }
  if (notBilled > 0) parts.push(`${grouped(notBilled)} not billed`);
  return parts.join('   ');
};

/** Seconds as `0:09`, `12:30` or `1:02:03`. */
export const clockText = (seconds: number): string => {
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / HOUR_SECONDS), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number): string => String(part).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
};
