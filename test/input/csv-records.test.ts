import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { recordSplitter } from '../../src/input/csv-records.ts';
import { sampled } from '../helpers/volume.ts';

const LINE_BREAKS = ['\r\n', '\n', '\r'];

/** What csv-parse reads in the text; undefined when it rejects the text. */
const expected = (text: string, delimiter: string): readonly (readonly string[])[] | undefined => {
  try {
    return parse(text, {
      delimiter,
      record_delimiter: LINE_BREAKS,
      relax_column_count: true,
      skip_empty_lines: true,
    });
  } catch {
    return undefined;
  }
};

/** The same by the splitter, from a text that arrives in pieces. */
const split = (
  text: string,
  cuts: readonly number[],
  delimiter: string,
): readonly (readonly string[])[] | undefined => {
  const splitter = recordSplitter(delimiter);
  const places = [0, ...cuts.map(cut => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  const rows: (readonly string[])[] = [];
  for (const [index, place] of places.entries()) {
    const isLast = index === places.length - 1;
    for (const record of splitter.take(text.slice(place, places[index + 1] ?? place), isLast)) {
      if (record.fault !== undefined) return undefined;
      rows.push(record.quoted ? (parse(record.raw, { delimiter })[0] ?? []) : record.raw.split(delimiter));
    }
  }
  return rows;
};

test('rows and cells are those of csv-parse, wherever the text is cut', () => {
  const unit = fc.constantFrom('a', 'b', ' ', ',', ';', '"', '"', '\n', '\r', '\r\n', 'é', '😀');
  const text = fc.array(unit, { maxLength: 24 }).map(units => units.join(''));
  fc.assert(
    fc.property(
      text,
      fc.array(fc.nat(), { maxLength: 4 }),
      fc.constantFrom(',', ';'),
      (whole, cuts, delimiter) => {
        assert.deepEqual(split(whole, cuts, delimiter), expected(whole, delimiter));
      },
    ),
    { numRuns: sampled(5_000) },
  );
});
