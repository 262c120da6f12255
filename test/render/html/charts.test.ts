import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawRanking, drawTimeBars } from '../../../src/render/html/charts.ts';

const bars = [3, 0, 1_234_567].map((value, place) => ({
  value,
  title: `<${place}>`,
  name: `name ${place} </text><script>`,
  color: 'bad' as const,
}));

const size = { width: 400, height: 150 };

test('a bar is as high as its value, in the color of the page, and has a title', () => {
  const svg = drawTimeBars(
    [{ value: 10 }, { value: 20, title: 'twenty' }, { value: 0, color: 'open' }],
    new Map([[1, 'mid']]),
    size,
  );
  const heights = [
    ...svg.matchAll(/<path d="M[\d.]+ [\d.]+l[\d.]+ 0l0 (-?[\d.]+)[^>]* fill="var\(--(\w+)\)"/g),
  ];
  assert.deepEqual(
    heights.map(([, , color]) => color),
    ['accent', 'accent', 'open'],
  );
  const [one = 0, two = 0, none = 0] = heights.map(([, height]) => Math.abs(Number(height)));
  assert.equal(two, 2 * one);
  assert.equal(none, 0);
  assert.match(svg, /<title>twenty<\/title>/);
  assert.match(svg, />mid<\/text>/);
  assert.equal(svg.match(/<title>/g)?.length, 1);
});

test('a chart is SVG alone: no style sheet, no classes, no attribute of the library, nothing to load', () => {
  for (const svg of [drawTimeBars(bars, new Map([[0, '<b>']]), size), drawRanking(bars, 400)]) {
    assert.match(svg, /^<svg aria-hidden="true" width="400" height="\d+" viewBox="[^"]*">.*<\/svg>$/);
    assert.doesNotMatch(svg, /<style|class=|ecmeta|href|url\(|<script|NaN|undefined|#[0-9a-f]{3,6}\b/);
    const names = new Set([...svg.matchAll(/<(\w+)/g)].map(([, name]) => name));
    assert.deepEqual(
      [...names].sort().filter(name => !['svg', 'path', 'text', 'title', 'g'].includes(name ?? '')),
      [],
    );
  }
});

test('names and values stand beside the bars', () => {
  const svg = drawRanking(bars, 400);
  assert.match(svg, />1,234,567<\/text>/);
  assert.match(svg, /name 0 /);
  assert.match(svg, /<title>&lt;2&gt;<\/title>/);
});

test('there may be nothing to draw', () => {
  assert.match(drawTimeBars([], new Map(), size), /^<svg /);
  assert.match(drawRanking([], 400), /^<svg /);
});
