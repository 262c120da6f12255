import type { Bar, drawRanking, drawTimeBars } from './charts.ts';
import { html, type Markup, trusted } from './markup.ts';
import { type Timeline, ticksOf } from './timeline.ts';

/** The charts, handed in: what draws them is large, and tests of the page do without. */
export type Charts = {
  readonly drawRanking: typeof drawRanking;
  readonly drawTimeBars: typeof drawTimeBars;
};

/** Each chart is drawn for a wide and for a narrow page; the style sheet shows one of them. */
export type Draw = {
  readonly ranking: (bars: readonly (Bar & { readonly name: string })[], label: string) => Markup;
  readonly overTime: (bars: readonly Bar[], timeline: Timeline, label: string) => Markup;
};

const WIDE = 1040;
const HALF = 460;
const NARROW = 340;

export const drawWith = ({ drawRanking, drawTimeBars }: Charts): Draw => ({
  ranking: (bars, label) => both(drawRanking(bars, HALF), drawRanking(untitled(bars), NARROW), label),
  overTime: (bars, timeline, label) =>
    both(
      drawTimeBars(bars, ticksOf(timeline, 12), { width: WIDE, height: 190 }),
      drawTimeBars(untitled(bars), ticksOf(timeline, 4), { width: NARROW, height: 170 }),
      label,
    ),
});

/** Where a page is narrow there is no pointer that could rest on a bar. */
const untitled = <B extends Bar>(bars: readonly B[]): B[] => bars.map(bar => ({ ...bar, title: undefined }));

const both = (wide: string, narrow: string, label: string): Markup =>
  html`<div class="chart" role="img" aria-label="${label}"><div class="wide">${trusted(wide)}</div><div class="narrow">${trusted(narrow)}</div></div>`;
