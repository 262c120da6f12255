import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StateLine } from '../../../src/emulator/state/journal-line.ts';
import { createMemory } from '../../../src/emulator/state/memory.ts';

describe('ClientTokens', () => {
  const MANY = 25_000;

  it('are all remembered when they recorded something, and else only the newest', () => {
    const noted: StateLine[] = [];
    const { clientTokens, lines } = createMemory(line => noted.push(line));
    for (let place = 0; place < MANY; place++) {
      clientTokens.set(`recorded ${place}`, { parameters: '', meteringRecordId: `${place}` });
      clientTokens.set(`again ${place}`, { parameters: '', meteringRecordId: '0', isAgain: true });
    }
    const known = (memory: typeof clientTokens, name: string): number =>
      Array.from({ length: MANY }, (_, place) => memory.get(`${name} ${place}`)).filter(use => use).length;
    assert.deepEqual([known(clientTokens, 'recorded'), known(clientTokens, 'again')], [MANY, 10_000]);
    assert.ok(clientTokens.get(`again ${MANY - 1}`));
    assert.equal([...lines()].length, MANY + 10_000);

    const next = createMemory(() => {});
    for (const line of noted) next.restore(line);
    assert.deepEqual([...next.lines()], [...lines()]);
    next.reset();
    assert.deepEqual([...next.lines()], []);
  });
});
