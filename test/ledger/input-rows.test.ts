import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRunTables } from '../../src/ledger/draft-statements.ts';
import { InputRows } from '../../src/ledger/input-rows.ts';
import { prepareInputStatements } from '../../src/ledger/input-statements.ts';
import { openTemporaryLedger } from '../../src/ledger/open.ts';
import type { InputValues } from '../../src/ledger/record-row.ts';
import { newSpan } from '../../src/ledger/run-span.ts';
import { sampled } from '../helpers/volume.ts';

const EARLIER = 1;
const RUN = 2;

/** A row of one of many keys; its quantity and its line show which it is. */
const rowOf = (key: number, line: number): InputValues => [
  3600 * (key % 3),
  `customer-${key % 7}`,
  'users',
  key % 2 === 0 ? 'licence' : 'account',
  `offering-${key}`,
  null,
  line,
  null,
  null,
  null,
  null,
  1,
  line,
];

/** What becomes of the rows if the ledger has these keys: for each key the lines, the first of them where it is. */
const expected = (keys: readonly number[], had: ReadonlySet<number>) => {
  const lines = Map.groupBy(keys.keys(), at => keys[at] ?? 0);
  const first = (isKnown: boolean) =>
    [...lines].filter(([key]) => had.has(key) === isKnown).map(([key, [line = 0]]) => `${key} ${line}`);
  return {
    planned: first(false).sort(),
    known: first(true).sort(),
    duplicates: [...lines].flatMap(([key, [, ...more]]) => more.map(line => `${key} ${line}`)),
  };
};

const added = (
  keys: readonly number[],
  had: ReadonlySet<number>,
  sizes: { readonly block: number; readonly inBlocks: number },
) => {
  const db = openTemporaryLedger();
  try {
    createRunTables(db);
    const sql = prepareInputStatements(db);
    for (const key of had) sql.insert.run(1, ...rowOf(key, 0), EARLIER, EARLIER);
    const span = newSpan(1, RUN, { hasOpen: false, hasStuck: false, startedMs: 0 });
    const rows = new InputRows(sql, span, sizes);
    for (const [line, key] of keys.entries()) rows.add(rowOf(key, line));
    rows.flush();
    const linesIn = (from: string): string[] =>
      db
        .prepare(`SELECT substr(offering, 10) || ' ' || line AS text FROM ${from}`)
        .all()
        .map(({ text }) => String(text));
    const found = {
      planned: linesIn(`record WHERE run = ${RUN} AND status = 'planned' AND quantity = line`).sort(),
      known: linesIn('known_row').sort(),
      duplicates: linesIn('duplicate_row ORDER BY id'),
    };
    assert.deepEqual([rows.known, span.duplicateRows], [found.known.length, found.duplicates.length]);
    assert.deepEqual(linesIn('staged_row'), []);
    return found;
  } finally {
    db.close();
  }
};

/** Keys and rows do not have one order; rows of one key do. */
const byKey = (texts: readonly string[]) => Map.groupBy(texts, text => text.split(' ')[0]);

test('rows become what they would become one by one, however many are sorted together', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(40), { maxLength: 120 }),
      fc.uniqueArray(fc.nat(40), { maxLength: 10 }),
      fc.constantFrom(1, 3, 26, 30, 200),
      fc.constantFrom(0, 1, 30, 1000),
      (keys, had, block, inBlocks) => {
        const { duplicates, ...found } = added(keys, new Set(had), { block, inBlocks });
        const { duplicates: others, ...wanted } = expected(keys, new Set(had));
        assert.deepEqual(found, wanted);
        assert.deepEqual(byKey(duplicates), byKey(others));
      },
    ),
    { numRuns: sampled(60) },
  );
});

test('rows of different keys are sorted all together without a look at each', () => {
  const keys = Array.from({ length: 200 }, (_, at) => (at * 77) % 200);
  const { planned } = added(keys, new Set(), { block: 30, inBlocks: 60 });
  assert.equal(planned.length, 200);
});
