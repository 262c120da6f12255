import { BarChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { show } from '../text/escape.ts';
import { compact, grouped } from '../text/numbers.ts';
import { displayWidth } from '../text/width.ts';
import { escaped, html, type Markup, trusted } from './markup.ts';
import { type Timeline, ticksOf } from './timeline.ts';

use([BarChart, GridComponent, SVGRenderer]);

/** The CSS variables of the page, so that a chart follows light, dark and print without a script. */
export type ChartColor = 'accent' | 'bad' | 'open';

export type Bar = {
  readonly value: number;
  /** Shown when a pointer rests on the bar. */
  readonly title?: string | undefined;
  readonly color?: ChartColor;
};

type NamedBar = Bar & { readonly name: string };

/** Each chart is drawn for a wide and for a narrow page; the style sheet shows one of them. */
export type Charts = {
  readonly ranking: (bars: readonly NamedBar[], label: string) => Markup;
  readonly overTime: (bars: readonly Bar[], timeline: Timeline, label: string) => Markup;
};

export const charts: Charts = {
  ranking: (bars, label) => both(drawRanking(bars, HALF), drawRanking(untitled(bars), NARROW), label),
  overTime: (bars, timeline, label) =>
    both(
      drawTimeBars(bars, ticksOf(timeline, 12), { width: WIDE, height: 190 }),
      drawTimeBars(untitled(bars), ticksOf(timeline, 4), { width: NARROW, height: 170 }),
      label,
    ),
};

const WIDE = 1040;
const HALF = 460;
const NARROW = 340;

/** A narrow page is read without a pointer. */
const untitled = <B extends Bar>(bars: readonly B[]): B[] => bars.map(bar => ({ ...bar, title: undefined }));

const both = (wide: string, narrow: string, label: string): Markup =>
  html`<div class="chart" role="img" aria-label="${label}"><div class="wide">${trusted(wide)}</div><div class="narrow">${trusted(narrow)}</div></div>`;

type Size = { readonly width: number; readonly height: number };

/** Bars along time. `ticks`: the bars that have a label below them, with its text. */
export const drawTimeBars = (
  bars: readonly Bar[],
  ticks: ReadonlyMap<number, string>,
  { width, height }: Size,
): string =>
  draw(
    bars,
    { width, height },
    {
      grid: { left: Y_LABELS, right: 12, top: 12, bottom: 26 },
      xAxis: {
        type: 'category',
        data: bars.map((_, place) => show(ticks.get(place) ?? '')),
        axisLine: { lineStyle: { color: 'var(--axis)' } },
        axisTick: {
          lineStyle: { color: 'var(--axis)' },
          alignWithLabel: true,
          interval: (place: number) => ticks.has(place),
        },
        axisLabel: { ...LABEL, interval: (place: number) => ticks.has(place), hideOverlap: true },
      },
      yAxis: {
        type: 'value',
        minInterval: 1,
        splitNumber: 3,
        splitLine: { lineStyle: { color: 'var(--line)' } },
        axisLabel: { ...LABEL, formatter: compact },
      },
      series: [{ ...SERIES, barCategoryGap: bars.length > 60 ? '20%' : '30%', barMaxWidth: 36 }],
    },
  );

/** Bars below each other, each with its name and value. */
export const drawRanking = (bars: readonly NamedBar[], width: number): string => {
  const longest = Math.max(...bars.map(({ name }) => displayWidth(show(name))));
  const names = Math.min(Math.ceil(longest * CHARACTER_WIDTH), Math.round(width * 0.36));
  const height = bars.length * ROW_HEIGHT + 8;
  return draw(
    bars,
    { width, height },
    {
      grid: { left: names + 12, right: 84, top: 4, bottom: 4 },
      xAxis: { type: 'value', show: false, min: 0 },
      yAxis: {
        type: 'category',
        inverse: true,
        data: bars.map(({ name }) => show(name)),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { ...LABEL, width: names, overflow: 'truncate', interval: 0 },
      },
      series: [
        {
          ...SERIES,
          barWidth: 14,
          barMinHeight: 2,
          label: {
            show: true,
            position: 'right',
            color: 'var(--ink)',
            fontSize: FONT_SIZE,
            formatter: ({ value }: { value: number }) => grouped(value),
          },
        },
      ],
    },
  );
};

const ROW_HEIGHT = 28;
/** About the width of a digit in a label. A name that is too long is cut; the table has all of it. */
const CHARACTER_WIDTH = 7.8;
const Y_LABELS = 58;
const FONT_SIZE = 13;
const LABEL = { color: 'var(--muted)', fontSize: FONT_SIZE };
const SERIES = { type: 'bar', silent: true, emphasis: { disabled: true } } as const;

type Option = EChartsCoreOption & { readonly series: readonly [object] };

const draw = (bars: readonly Bar[], size: Size, option: Option): string => {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  const [series] = option.series;
  const data = bars.map(({ value, color = 'accent' }) => ({
    value,
    itemStyle: { color: `var(--${color})` },
  }));
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'inherit' },
      ...option,
      series: [{ ...series, data }],
    });
    return inHtml(chart.renderToSVGString(), bars);
  } finally {
    chart.dispose();
  }
};

/** The SVG without what only ECharts' script in a browser would use, and with a title on each bar. */
const inHtml = (svg: string, bars: readonly Bar[]): string =>
  svg
    .replace(/<style >[\s\S]*?<\/style>/g, '')
    .replace(/<path\b[^>]* ecmeta_data_index="(\d+)"[^>]*>/g, (path, place) => {
      const bar = bars[Number(place)];
      return bar?.title === undefined ? path : `${path}<title>${escaped(bar.title)}</title>`;
    })
    .replace(/ (?:ecmeta_\w+|class|pointer-events|xmlns:xlink|xmlns|version|baseProfile)="[^"]*"/g, '')
    .replace(/<rect [^>]* fill="none"><\/rect>/, '')
    .replaceAll('font-family:inherit;', '')
    .replaceAll('\n', '')
    .replace('<svg ', '<svg aria-hidden="true" ');
