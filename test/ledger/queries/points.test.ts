import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pointsIn } from '../../../src/ledger/queries/points.ts';
import { LedgerReader } from '../../../src/ledger/reader.ts';
import type { Selection } from '../../../src/ledger/selection.ts';
import { NOW } from '../../helpers/world.ts';
import { LICENSE, sampleRecord } from '../../usage/samples.ts';
import { leftUnsent, newPath, plannedRun, uploaded, withLedger } from '../setup.ts';

const HOUR = 3600;
const FIRST = sampleRecord().timestamp;

const readPoints = (path: string, selection: Selection = {}, now = NOW): string[] => {
  using reader = LedgerReader.open(path, now);
  return [...pointsIn(reader, selection)].map(
    ({ timestamp, customer, product, dimension, status, records, quantity }) =>
      `${(timestamp - FIRST) / HOUR} ${customer} ${product} ${dimension} ${status} ${records} ${quantity}`,
  );
};

test('points come oldest first, also across destinations', () => {
  const path = newPath();
  const at = (hours: readonly number[]) =>
    hours.map(hours =>
      sampleRecord({
        timestamp: FIRST + hours * HOUR,
        customerAWSAccountId: '111122223333',
        productCode: 'p',
        dimension: 'd',
        quantity: hours,
      }),
    );
  withLedger(path, ledger => uploaded(ledger, at([0, 2, 4])));
  withLedger(path, ledger => uploaded(ledger, at([1, 3, 5]), () => 'refused', { region: 'eu-west-1' }));
  const all = [
    '0 111122223333 p d accepted 1 0',
    '1 111122223333 p d refused 1 1',
    '2 111122223333 p d accepted 1 2',
    '3 111122223333 p d refused 1 3',
    '4 111122223333 p d accepted 1 4',
    '5 111122223333 p d refused 1 5',
  ];
  assert.deepEqual(readPoints(path), all);
  assert.deepEqual(readPoints(path, { region: 'eu-west-1' }), [all[1], all[3], all[5]]);
  assert.deepEqual(readPoints(path, { since: FIRST + 2 * HOUR, until: FIRST + 4 * HOUR }), all.slice(2, 4));
  assert.deepEqual(readPoints(path, { endpoint: 'http://127.0.0.1:1/' }), []);
});

test('what is planned is unsent, what may have left is unknown; a license may have no product', () => {
  const path = newPath();
  const of = (quantity: number, productCode: string | undefined) =>
    sampleRecord({
      customerAWSAccountId: '111122223333',
      dimension: `d${quantity}`,
      quantity,
      licenseArn: LICENSE,
      productCode,
    });
  withLedger(path, ledger => uploaded(ledger, [of(1, undefined)], () => undefined));
  withLedger(path, ledger => plannedRun(ledger, [of(2, 'p')]));
  assert.deepEqual(readPoints(path), [
    '0 111122223333 undefined d1 unknown 1 1',
    '0 111122223333 p d2 unsent 1 2',
  ]);
});

test('what was not sent in time is expired, or what AWS answered to the quantity of then', () => {
  const path = newPath();
  const of = (dimension: string) =>
    sampleRecord({ customerAWSAccountId: '111122223333', productCode: 'p', dimension, quantity: 5 });
  leftUnsent(path, of('b'), { status: 'refused', quantity: 7 });
  leftUnsent(path, of('a'));
  const row = (rest: string): string => `0 111122223333 p ${rest}`;
  assert.deepEqual(readPoints(path), [row('a unsent 1 5'), row('b unsent 1 5')]);
  const late = new Date((FIRST + 24 * HOUR) * 1000);
  assert.deepEqual(readPoints(path, {}, late), [row('a expired 1 5'), row('b refused 1 7')]);
  assert.deepEqual(readPoints(path, { statuses: ['refused'] }, late), [row('b refused 1 7')]);
});
