import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeFaults } from '../../../src/emulator/faults/controls.ts';
import { createFaults, type Faults } from '../../../src/emulator/faults/faults.ts';

/** Which faults would strike so many calls that have nothing to be changed. */
const strikes = (faults: Faults, calls: number): string[] =>
  Array.from({ length: calls }, () => {
    const strike = faults.next();
    strike?.instead();
    strike?.reply({ status: 200, contentType: '', body: '' });
    return strike?.applied() ?? 'ok';
  });

describe('faults by chance', () => {
  it('strike never when there are none', () => {
    assert.deepEqual(strikes(createFaults(), 2), ['ok', 'ok']);
    assert.deepEqual(strikes(createFaults(['throttle:0']), 100), new Array(100).fill('ok'));
  });

  it('strike always when they are certain', () => {
    assert.deepEqual(strikes(createFaults(['throttle:1']), 3), ['throttle', 'throttle', 'throttle']);
  });

  it('strike about as often as they should, the same calls for the same seed', () => {
    const faults = ['throttle:0.2', 'reset-after:0.1'];
    const seen = strikes(createFaults(faults, 7), 1000);
    assert.deepEqual(strikes(createFaults(faults, 7), 1000), seen);
    assert.notDeepEqual(strikes(createFaults(faults, 8), 1000), seen);
    const throttled = seen.filter(fault => fault.includes('throttle')).length;
    assert.ok(throttled > 150 && throttled < 250, String(throttled));
  });

  it('strike together, in the order of the table and not of the flags', () => {
    const faults = createFaults(['reset-after:1', 'slow:1', 'html:1', 'throttle:1']);
    assert.deepEqual(strikes(faults, 1), ['html+slow+reset-after']);
  });

  it('are refused at the start when they make no sense', () => {
    assert.throws(() => createFaults(['nothing:1']), RangeError);
  });
});

describe('a script', () => {
  it('is kept to, call by call, and chance has its say again afterwards', () => {
    const faults = createFaults(['throttle:1']);
    assert.equal(changeFaults(faults, { next: ['reset-after', 'ok', ['slow@5', 'empty']] }), undefined);
    assert.deepEqual(strikes(faults, 4), ['reset-after', 'ok', 'empty+slow', 'throttle']);
  });

  it('can be one word, and said several times', () => {
    const faults = createFaults();
    changeFaults(faults, { next: 'throttle', count: 2 });
    changeFaults(faults, { next: ['error500', 'ok'], count: 2 });
    assert.deepEqual(strikes(faults, 7), ['throttle', 'throttle', 'error500', 'ok', 'error500', 'ok', 'ok']);
  });

  it('shows what is left of it, in the words it takes', () => {
    const faults = createFaults();
    const next = ['throttle@429', 'ok', ['slow@5', 'empty']];
    changeFaults(faults, { next: ['error500', ...next] });
    faults.next();
    assert.deepEqual(faults.state().next, next);
    const copy = createFaults();
    assert.equal(changeFaults(copy, { next: faults.state().next }), undefined);
    assert.deepEqual(copy.state(), faults.state());
  });
});
