import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllocations, parseTag } from '../../src/usage/allocations.ts';
import {
  isUsualLicenseArn,
  parseAccount,
  parseCustomerIdentifier,
  parseDimension,
  parseLicenseArn,
  parseProductCode,
} from '../../src/usage/fields.ts';
import { parseQuantity } from '../../src/usage/quantity.ts';
import { parseTimestamp, parseWhen } from '../../src/usage/timestamp.ts';
import { LICENSE } from './samples.ts';

/**
 * A cell of a quarter of a megabyte is refused, whatever it is made of. A pattern that goes back and forth over its text would not
 * come to an end here: no clock is needed to see it.
 */
const LONG = 250_000;

const now = new Date('2026-11-22T10:30:00Z');

type Parser = {
  readonly accepts: (text: string) => boolean;
  /** Texts that lead far into the patterns before the long run begins. */
  readonly beginnings: readonly string[];
};

const PARSERS: Readonly<Record<string, Parser>> = {
  account: { accepts: text => parseAccount(text).ok, beginnings: ['', '="', '1.2', '1e+', '123456789012'] },
  quantity: {
    accepts: text => parseQuantity(text).ok,
    beginnings: ['', '1', '1,000', '-', '1.5e', '0', '1.', '1.0'],
  },
  timestamp: {
    accepts: text => parseTimestamp(text, { timezone: 'Europe/Berlin' }).ok,
    beginnings: [
      '',
      '46348.',
      '2026-11-22',
      '2026-11-22T10:00:00.',
      '11/12/',
      '-2h',
      '2026-11-22T10:00:00 +0000 ',
      '20261122T100000',
      'Sun, 22 Nov 2026 10:00',
      '1795341600.',
    ],
  },
  'flag for a timestamp': {
    accepts: text => parseWhen(text, { now, timezone: undefined }).ok,
    beginnings: ['', '-', 'now'],
  },
  'license ARN': {
    accepts: text => parseLicenseArn(text).ok,
    beginnings: ['', 'arn:aws', 'arn:aws:x', 'arn:aws:x:', LICENSE],
  },
  'product code': { accepts: text => parseProductCode(text).ok, beginnings: ['', 'prod-'] },
  'customer identifier': {
    accepts: text => parseCustomerIdentifier(text).ok,
    beginnings: ['', '123456789012'],
  },
  dimension: { accepts: text => parseDimension(text).ok, beginnings: ['', 'a'] },
  'tag key': { accepts: text => parseTag(text, 'x').ok, beginnings: ['', 'a'] },
  'tag value': { accepts: text => parseTag('x', text).ok, beginnings: ['', 'a'] },
  allocations: {
    accepts: text => parseAllocations(text).ok,
    beginnings: ['', '[', '["', '[{"', '[{"AllocatedUsageQuantity":1', '[1,'],
  },
};

for (const [name, { accepts, beginnings }] of Object.entries(PARSERS)) {
  test(`${name}: a quarter of a megabyte of any one ASCII character is refused`, () => {
    for (let code = 0; code < 128; code++) {
      const run = String.fromCharCode(code).repeat(LONG);
      assert.equal(accepts(run), false, `U+${code.toString(16)}`);
    }
  });

  test(`${name}: a good beginning, a quarter of a megabyte of a telling character and a bad end are refused`, () => {
    for (const beginning of beginnings) {
      for (const character of ' 0a1.,:-=/"[{\u00a0') {
        const text = `${beginning}${character.repeat(LONG)}\u0000`;
        assert.equal(accepts(text), false, `${beginning} and ${JSON.stringify(character)}`);
      }
    }
  });
}

test('whether a license ARN is usual is told of a quarter of a megabyte of any one ASCII character', () => {
  for (let code = 0; code < 128; code++) {
    const run = String.fromCharCode(code).repeat(LONG);
    assert.equal(isUsualLicenseArn(run), false);
    assert.equal(isUsualLicenseArn(`arn:aws${run}\n\n`), false);
  }
});
