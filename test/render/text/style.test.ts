import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forecastText } from '../../../src/render/text/forecast.ts';
import { type ColorFlag, paintFor, symbolsFor, wantsColor } from '../../../src/render/text/style.ts';
import { STATUSES, type Status } from '../../../src/usage/outcome.ts';

const COLOR: readonly (readonly [ColorFlag, Record<string, string>, isTTY: boolean, wanted: boolean])[] = [
  ['auto', {}, true, true],
  ['auto', {}, false, false],
  ['auto', { TERM: 'dumb' }, true, false],
  ['auto', { NO_COLOR: '1' }, true, false],
  ['auto', { NO_COLOR: '' }, true, true],
  ['auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['auto', { FORCE_COLOR: '1' }, false, true],
  ['auto', { FORCE_COLOR: '' }, false, true],
  ['auto', { FORCE_COLOR: '0' }, true, false],
  ['auto', { FORCE_COLOR: 'false' }, true, false],
  ['auto', { FORCE_COLOR: '1', TERM: 'dumb' }, true, true],
  ['always', { NO_COLOR: '1', TERM: 'dumb' }, false, true],
  ['never', { FORCE_COLOR: '1' }, true, false],
];

for (const [flag, env, isTTY, wanted] of COLOR) {
  const place = isTTY ? 'a terminal' : 'a pipe';
  test(`--color ${flag} with ${JSON.stringify(env)} on ${place}: ${wanted ? 'color' : 'none'}`, () => {
    assert.equal(wantsColor(flag, env, isTTY), wanted);
  });
}

test('color is ours to decide: the environment of Node has no say', () => {
  assert.equal(paintFor(false).ok('x'), 'x');
  assert.equal(paintFor(true).ok('x'), '\u001b[32mx\u001b[39m');
});

const LOCALES: readonly (readonly [env: Record<string, string>, ok: string])[] = [
  [{ LANG: 'de_DE.UTF-8' }, '✓'],
  [{ LANG: 'C.utf8' }, '✓'],
  [{ LANG: 'C' }, '+'],
  [{}, '+'],
  [{ LANG: 'C', LC_CTYPE: 'en_US.UTF-8' }, '✓'],
  [{ LC_ALL: 'C', LC_CTYPE: 'en_US.UTF-8', LANG: 'en_US.UTF-8' }, '+'],
  [{ LC_ALL: '', LANG: 'en_US.UTF-8' }, '✓'],
];

for (const [env, ok] of LOCALES) {
  test(`${JSON.stringify(env)} marks with ${ok}`, () => assert.equal(symbolsFor(env).ok, ok));
}

test('a forecast says what would be sent, and the totals of each dimension', () => {
  const tally = Object.fromEntries(STATUSES.map(status => [status, 0])) as Record<Status, number>;
  const text = forecastText(
    {
      records: 1250,
      requests: 51,
      seconds: 6,
      customers: 3,
      earliestDeadline: '2026-11-23T09:00:00.000Z',
      tooLate: 2,
      dimensions: [{ dimension: 'gb\u001b', records: 1250, quantity: 1234567 }],
    },
    { ...tally, conflict: 4, 'already-recorded': 1000, expired: 5 },
    paintFor(false),
  );
  assert.match(text, /^to send +1,250 records in 51 requests$/m);
  assert.match(text, /^duration +0:06 at the permitted rate$/m);
  assert.match(text, /^customers +3$/m);
  assert.match(text, /^deadline +2026-11-23T09:00:00/m);
  assert.match(text, /^already billed +1,000$/m);
  assert.match(text, /^conflicts +4$/m);
  assert.match(text, /^expired +5$/m);
  assert.match(text, /^would expire +2$/m);
  assert.match(text, /^gb\\x1b +1,250 +1,234,567$/m);
});
