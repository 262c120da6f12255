import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escaped, html, joined, trusted } from '../../../src/render/html/markup.ts';

test('text cannot become markup', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    [`" onload='x'`, '&quot; onload=&#39;x&#39;'],
    ['a & b', 'a &amp; b'],
    ['&lt;', '&amp;lt;'],
    ['</title><style>', '&lt;/title&gt;&lt;style&gt;'],
    [']]>', ']]&gt;'],
  ];
  for (const [text, markup] of cases) {
    assert.equal(escaped(text), markup);
    assert.equal(html`<p title="${text}">${text}</p>`.markup, `<p title="${markup}">${markup}</p>`);
  }
});

test('what is invisible or reorders text is written out', () => {
  assert.equal(escaped('a\u202eb\u0000c\u001b[31m\u200b\nd'), 'a\\u202eb\\x00c\\x1b[31m\\u200b\\nd');
});

test('no text at all leaves a character that HTML, SVG or a terminal would act on', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
      assert.doesNotMatch(escaped(text), /[<>"'\p{Cc}\p{Cf}\p{Cs}]|&(?!(?:amp|lt|gt|quot|#39);)/u);
    }),
  );
});

test('markup goes into markup as it is; undefined is nothing', () => {
  const item = (text: string) => html`<li>${text}</li>`;
  assert.equal(html`<ul>${['<', 'b'].map(item)}${undefined}</ul>`.markup, '<ul><li>&lt;</li><li>b</li></ul>');
  assert.equal(html`${1}${trusted('<b>')}`.markup, '1<b>');
  assert.equal(joined([item('a'), item('b')]).markup, '<li>a</li><li>b</li>');
});
