import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeFaults } from '../../../src/emulator/faults/controls.ts';
import { createFaults } from '../../../src/emulator/faults/faults.ts';
import { NOW, send, startTestEmulator } from '../setup.ts';

describe('a change of the faults', () => {
  it('replaces, adds, reseeds and clears', () => {
    const faults = createFaults(['throttle:1'], 3);
    changeFaults(faults, { add: ['slow:0.5@20'] });
    assert.deepEqual(faults.state(), { faults: ['throttle:1@400', 'slow:0.5@20'], next: [], seed: 3 });
    changeFaults(faults, { faults: ['html:0.1'], seed: 9 });
    assert.deepEqual(faults.state(), { faults: ['html:0.1@200'], next: [], seed: 9 });
    changeFaults(faults, { faults: [] });
    assert.deepEqual(faults.state(), { faults: [], next: [], seed: 9 });
    changeFaults(faults, { add: ['html:0.1'], next: 'ok' });
    faults.clear();
    assert.deepEqual(faults.state(), { faults: [], next: [], seed: 9 });
  });

  it('starts the dice again with a seed', () => {
    const faults = createFaults(['throttle:0.5'], 5);
    const strikes = (): boolean[] => Array.from({ length: 50 }, () => faults.next() !== undefined);
    const before = strikes();
    changeFaults(faults, { seed: 5 });
    assert.deepEqual(strikes(), before);
  });

  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ fault: ['throttle:1'] }, /unknown member "fault"/],
    [{ faults: 'throttle:1' }, /faults must be a list/],
    [{ faults: [1] }, /faults must be a list of strings/],
    [{ faults: ['throttle'] }, /no probability/],
    [{ add: ['nothing:1'] }, /unknown fault "nothing"/],
    [{ next: ['throttle:1'] }, /unknown fault "throttle:1"/],
    [{ next: [['ok']] }, /unknown fault "ok"/],
    [{ next: [1] }, /an entry of next/],
    [{ next: null }, /an entry of next/],
    [{ count: 2 }, /count needs next/],
    [{ next: 'ok', count: 0 }, /count must be/],
    [{ next: 'ok', count: 10_001 }, /count must be/],
    [{ next: ['ok', 'ok'], count: 5001 }, /at most 10000/],
    [{ seed: -1 }, /seed must be/],
    [{ seed: 0.5 }, /seed must be/],
  ];
  for (const [change, message] of wrong) {
    it(`is refused whole: ${JSON.stringify(change)}`, () => {
      const faults = createFaults(['html:1'], 1);
      const before = faults.state();
      assert.match(changeFaults(faults, { seed: 2, ...change }) ?? '', message);
      assert.deepEqual(faults.state(), before);
    });
  }
});

describe('/_emulator/faults', () => {
  const path = '/_emulator/faults';

  it('shows, sets and clears', async t => {
    const emulator = await startTestEmulator(t, { faults: ['throttle:0.5'], seed: 4 });
    const shown = await send(emulator.url, { method: 'GET', path });
    assert.deepEqual(JSON.parse(shown.text), { faults: ['throttle:0.5@400'], next: [], seed: 4 });
    const set = await send(emulator.url, {
      path,
      body: '{"next": ["reset-after", "ok"], "add": ["slow:1@9"]}',
    });
    assert.deepEqual(JSON.parse(set.text), {
      faults: ['throttle:0.5@400', 'slow:1@9'],
      next: ['reset-after', 'ok'],
      seed: 4,
    });
    const cleared = await send(emulator.url, { method: 'DELETE', path });
    assert.deepEqual(JSON.parse(cleared.text), { faults: [], next: [], seed: 4 });
  });

  const wrong: readonly (readonly [body: string, message: RegExp])[] = [
    ['', /must be a JSON object/],
    ['[]', /must be a JSON object/],
    ['null', /must be a JSON object/],
    ['{', /must be a JSON object/],
    ['{"next": ["nothing"]}', /unknown fault "nothing"/],
    ['{"__proto__": 1}', /unknown member "__proto__"/],
  ];
  for (const [body, message] of wrong) {
    it(`refuses ${JSON.stringify(body)}`, async t => {
      const emulator = await startTestEmulator(t);
      const { status, text } = await send(emulator.url, { path, body });
      assert.equal(status, 400);
      assert.match(text, message);
    });
  }

  it('says by which ways it can be called', async t => {
    const emulator = await startTestEmulator(t);
    const { status, headers } = await send(emulator.url, { method: 'PUT', path });
    assert.deepEqual([status, headers.allow], [405, 'GET, POST, DELETE']);
  });

  it('survives a reset of what is recorded', async t => {
    const emulator = await startTestEmulator(t, { faults: ['throttle:1'], clock: NOW });
    emulator.reset();
    assert.deepEqual(emulator.setFaults({}).faults, ['throttle:1@400']);
    assert.equal(emulator.setClock({ advance: '0s' }).mode, 'frozen');
    assert.throws(() => emulator.setFaults({ next: 'nothing' }), RangeError);
  });
});
