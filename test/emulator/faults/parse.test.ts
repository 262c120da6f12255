import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultText, parseFault, parseScriptedFault } from '../../../src/emulator/faults/parse.ts';
import { FAULTS } from '../../../src/emulator/faults/table.ts';

describe('a fault, as it is typed', () => {
  const right: readonly (readonly [text: string, probability: number, parameter: string])[] = [
    ['throttle:1', 1, '400'],
    ['throttle:0', 0, '400'],
    ['throttle:0.25@429', 0.25, '429'],
    ['error503:1.0', 1, ''],
    ['error503:0.1@2', 0.1, '2'],
    ['error503:0.1@-1', 0.1, '-1'],
    ['error503:0.1@Wed, 21 Oct 2026 07:28:00 GMT', 0.1, 'Wed, 21 Oct 2026 07:28:00 GMT'],
    ['error503:0.1@a@b', 0.1, 'a@b'],
    ['unprocessed:0.5@25', 0.5, '25'],
    ['unprocessed:0.5@50%', 0.5, '50%'],
    ['clock-skew:1@-600', 1, '-600'],
    ['truncated:1@json', 1, 'json'],
  ];
  for (const [text, probability, parameter] of right) {
    it(`can be ${text}, and reads the same when it is written again`, () => {
      const read = parseFault(text);
      assert.ok(read.ok);
      assert.deepEqual([read.value.probability, read.value.parameter], [probability, parameter]);
      assert.deepEqual(parseFault(faultText(read.value)), read);
    });
  }

  const wrong: readonly (readonly [text: string, message: RegExp])[] = [
    ['', /unknown fault "".*the faults are clock-skew, /],
    ['thottle:0.1', /unknown fault "thottle"/],
    ['__proto__:1', /unknown fault/],
    ['throttle', /has no probability; use for example throttle:0\.1/],
    ['throttle@429', /has no probability; use for example throttle:0\.1/],
    ['throttle:', /the probability "" is not a number/],
    ['throttle:1.5', /the probability "1\.5"/],
    ['throttle:-1', /the probability "-1"/],
    ['throttle:1e-3', /the probability/],
    ['throttle:50%', /the probability/],
    ['throttle:0.1@500', /invalid parameter "500" of the fault throttle/],
    ['reorder:0.1@1', /reorder has no parameter/],
    ['unprocessed:1@0', /invalid parameter/],
    ['unprocessed:1@101%', /invalid parameter/],
    ['slow:1@1s', /invalid parameter/],
    ['slow:1@', /invalid parameter/],
    ['error503:1@a\r\nSet-Cookie: b', /invalid parameter/],
  ];
  for (const [text, message] of wrong) {
    it(`cannot be ${JSON.stringify(text)}`, () => {
      const read = parseFault(text);
      assert.ok(!read.ok);
      assert.match(read.message, message);
    });
  }

  it('has no probability in a script', () => {
    assert.equal(parseScriptedFault('throttle:1').ok, false);
    assert.equal(parseScriptedFault('throttle@429').ok, true);
    assert.equal(parseScriptedFault('throttle').ok, true);
  });
});

describe('the table of faults', () => {
  it('has no name twice, and fits a terminal', () => {
    assert.equal(new Set(FAULTS.map(({ name }) => name)).size, FAULTS.length);
    for (const { description } of FAULTS) assert.ok(description.length <= 76, description);
  });

  it('has defaults that are of the right form, or none', () => {
    for (const { name, parameter } of FAULTS) {
      if (parameter === undefined || parameter.byDefault === '') continue;
      assert.ok(parseScriptedFault(`${name}@${parameter.byDefault}`).ok, name);
    }
  });
});
