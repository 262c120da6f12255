import type { Paint, Symbols } from './style.ts';
import type { Cell } from './table.ts';

/** A part of a whole, and what a bar of full length stands for. */
export type Share = { readonly part: number; readonly whole: number; readonly full: number };

/**
 * A bar as long as the whole is beside `full`, in so many character cells; what is not of the part is faint. What is
 * not nothing is always seen.
 */
export const barCell = (
  { part, whole, full }: Share,
  width: number,
  { bar, faint }: Pick<Symbols, 'bar' | 'faint'>,
  paint: Pick<Paint, 'ok' | 'warn'>,
): Cell => {
  const steps = bar.length;
  const stepsOf = (amount: number): number =>
    amount <= 0 || full <= 0 ? 0 : Math.max(1, Math.round((amount / full) * width * steps));
  const solid = stepsOf(part);
  const last = solid % steps === 0 ? '' : (bar[(solid % steps) - 1] ?? '');
  const strong = (bar[steps - 1] ?? '').repeat(Math.floor(solid / steps)) + last;
  const cells = Math.ceil(stepsOf(whole) / steps);
  const more = whole > part ? Math.max(part <= 0 ? 1 : 0, cells - strong.length) : 0;
  return {
    text: strong + faint.repeat(more),
    paint: text => paint.ok(text.slice(0, strong.length)) + paint.warn(text.slice(strong.length)),
  };
};
