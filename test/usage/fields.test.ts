import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isUsualLicenseArn,
  parseAccount,
  parseCustomerIdentifier,
  parseDimension,
  parseLicenseArn,
  parseProductCode,
} from '../../src/usage/fields.ts';
import { isNullText } from '../../src/usage/null-text.ts';
import type { Parsed } from '../../src/usage/parsed.ts';
import { sampled } from '../helpers/volume.ts';
import { LICENSE, parsedValue, troubleOf } from './samples.ts';

test('an account id of twelve digits is taken as text, leading zeros and all', () => {
  for (const account of ['123456789012', '012345678901', '000000000001', '123456700000', '111122223333']) {
    assert.equal(parsedValue(parseAccount(account)), account);
  }
});

test('a round account id is taken when the seller has looked at it', () => {
  assert.equal(parsedValue(parseAccount('123457000000', { allowRound: true })), '123457000000');
});

const DIGITS = /^account id must be exactly 12 digits \/ /;

const ACCOUNTS: readonly (readonly [text: string, trouble: RegExp])[] = [
  ['1.23457E+11', /12 digits \/ Excel shortened it/],
  [
    '111122223333.0',
    /12 digits \/ .*read it as a number, which loses leading zeros: export the column as text/,
  ],
  ['11122223333.0', /12 digits \/ .*leading zeros: export the column as text/],
  ['1,23457E+11', /12 digits \/ Excel shortened it/],
  ['1.23456789012e11', /12 digits \/ Excel shortened it/],
  ['1E+11', /12 digits \/ Excel shortened it/],
  ['123457000000', /six zeros.*spreadsheet.*--allow-round-accounts/],
  ['000000000000', /six zeros/],
  ['12345678901', /11 digits here.*leading zeros; is it 012345678901\?$/],
  ['1', /1 digit here.*is it 000000000001\?$/],
  ['1234567890123', /13 digits here$/],
  ['1234-5678-9012', /did you mean 123456789012\?$/],
  ['="012345678901"', /did you mean 012345678901\?$/],
  ["'123456789012", /did you mean 123456789012\?$/],
  ['123456789012 ', /did you mean 123456789012\?$/],
  ['1234 5678 9012', /did you mean 123456789012\?$/],
  ['123456789012\n', /did you mean 123456789012\?$/],
  ['\u00a0123456789012', /did you mean 123456789012\?$/],
  ['123456\ufeff789012', /did you mean 123456789012\?$/],
  ['', DIGITS],
  ['123456\u200b789012', DIGITS],
  ['１２３４５６７８９０１２', DIGITS],
  ['١٢٣٤٥٦٧٨٩٠١٢', DIGITS],
  ['12345678901O', DIGITS],
  ['+12345678901', DIGITS],
  ['0x1234567890', DIGITS],
  ['123456789012.0', DIGITS],
  ['arn:aws:iam::123456789012:root', DIGITS],
];

for (const [text, trouble] of ACCOUNTS) {
  test(`account ${JSON.stringify(text)} is refused`, () => {
    assert.match(troubleOf(parseAccount(text)), trouble);
  });
}

test('of all texts, only twelve ASCII digits that do not end in six zeros are an account', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'000012345'), minLength: 11, maxLength: 13 });
  const nearly = fc.string({ unit: fc.constantFrom(...'0123٣９eE+.- \u00a0'), minLength: 10, maxLength: 14 });
  fc.assert(
    fc.property(fc.oneof(digits, nearly, fc.string({ unit: 'binary' })), fc.boolean(), (text, allowRound) => {
      const round = /0{6}$/.test(text);
      const account = /^[0-9]{12}$/.test(text) && (allowRound || !round);
      assert.equal(parsedValue(parseAccount(text, { allowRound })), account ? text : undefined);
    }),
    { numRuns: sampled(5000) },
  );
});

const ARNS = [
  [LICENSE, 'usual'],
  ['arn:aws-eusc:license-manager:eusc-de-east-1:123456789012:license:l-1', 'usual'],
  ['arn:aws:license-manager::123456789012:license:l-exampleLicense12345', 'usual'],
  ['arn:aws:license-manager::123456789012:license/lic-EXAMPLE12345', 'unusual'],
  ['arn:aws:iam::123456789012:role/x', 'unusual'],
  ['arn:aws:license-manager::12345:license:l-1', 'unusual'],
  ['aws:license-manager:us-east-1:123456789012:l-1', 'refused'],
  ['l-0123456789abcdef0123456789abcdef', 'refused'],
  [` ${LICENSE}`, 'refused'],
  [`${LICENSE}\n`, 'refused'],
  [LICENSE.toUpperCase(), 'refused'],
  ['arn:aws:license-manager::123456789012:', 'refused'],
  [`arn:aws:license-manager::123456789012:${'l'.repeat(1024)}`, 'unusual'],
  [`arn:aws:license-manager::123456789012:${'l'.repeat(1025)}`, 'refused'],
  ['', 'refused'],
] as const;

for (const [arn, form] of ARNS) {
  test(`license ARN ${JSON.stringify(arn.slice(0, 80))} is ${form}`, () => {
    assert.equal(parsedValue(parseLicenseArn(arn)), form === 'refused' ? undefined : arn);
    if (form !== 'refused') assert.equal(isUsualLicenseArn(arn), form === 'usual');
  });
}

type Case = readonly [text: string, trouble: RegExp];

const refuses = (what: string, parse: (text: string) => Parsed<string>, cases: readonly Case[]): void => {
  for (const [text, trouble] of cases) {
    test(`${what} ${JSON.stringify(text.slice(0, 60))} is refused`, () => {
      assert.match(troubleOf(parse(text)), trouble);
    });
  }
};

test('a product code is taken as it stands', () => {
  for (const code of [
    '4ml54db8vrmjuykaw1psroool',
    'a/b=c:d_e.f@g-H',
    'production',
    'prod',
    'x'.repeat(255),
  ]) {
    assert.equal(parsedValue(parseProductCode(code)), code);
  }
});

refuses('product code', parseProductCode, [
  ['', /^product code is empty/],
  ['x'.repeat(256), /longer than 255 characters/],
  ['a b', /has a character that AWS does not accept/],
  ['code\n', /has a character that AWS does not accept/],
  ['cöde', /has a character that AWS does not accept/],
  ['prod-abcdefghijklm', /a product id, not a product code/],
]);

test('a customer identifier is taken as it stands', () => {
  for (const identifier of ['ifAPi5AcF3', 'Kunde Müller', '1234567890123', 'x'.repeat(255)]) {
    assert.equal(parsedValue(parseCustomerIdentifier(identifier)), identifier);
  }
});

refuses('customer identifier', parseCustomerIdentifier, [
  ['', /is empty/],
  ['\u00a0', /is empty/],
  ['x'.repeat(256), /longer than 255 characters/],
  ['ifAPi5AcF3 ', /space before or after it \/ did you mean "ifAPi5AcF3"\?/],
  ['\ufeffifAPi5AcF3', /space before or after it/],
  ['if\u0000', /control character/],
  ['if\u001fx', /control character/],
  ['if\u009bx', /control character/],
  ['if\ud800x', /half a character/],
  ['123456789012.0', /looks like an AWS account id/],
  ['123456789012', /looks like an AWS account id \/ put it in the column customer_aws_account_id/],
]);

test('a dimension is taken byte for byte', () => {
  for (const dimension of ['users', 'GB_stored', 'gb stored (EU)', 'x'.repeat(255)]) {
    assert.equal(parsedValue(parseDimension(dimension)), dimension);
  }
});

refuses('dimension', parseDimension, [
  ['', /is empty/],
  [' ', /is empty/],
  ['users ', /space before or after it/],
  ['us\ters', /control character/],
  ['x'.repeat(256), /longer than 255 characters/],
  ['\u0430pi', /outside ASCII \(U\+0430\)/],
  ['cafe\u0301', /outside ASCII \(U\+0301\)/],
  ['caf\u00e9', /outside ASCII \(U\+00E9\)/],
  ['gb\u00a0stored', /outside ASCII \(U\+00A0\)/],
  ['gb\u200bstored', /outside ASCII \(U\+200B\)/],
  ['gb\u202estored', /outside ASCII \(U\+202E\)/],
  ['😀', /outside ASCII \(U\+1F600\)/],
  ['\ud800', /half a character/],
]);

const NAMES = {
  'product code': parseProductCode,
  'customer identifier': parseCustomerIdentifier,
  dimension: parseDimension,
};

for (const [what, parse] of Object.entries(NAMES)) {
  test(`a ${what} is no word for a missing value, unless that is allowed`, () => {
    for (const word of ['NULL', 'none', 'NaN', '#N/A', ' null ', '\\N'])
      assert.match(
        troubleOf(parse(word)),
        new RegExp(`^${what} is a missing value written as text: ".*" / .*use --allow-null-text$`),
      );
    assert.equal(parsedValue(parse('Null', { allowNullText: true })), 'Null');
    // What is wrong with any name stays wrong.
    assert.notEqual(parsedValue(parse(' Null', { allowNullText: true })), ' Null');
  });
}

refuses('account', parseAccount, [
  ['NULL', /^account id is a missing value .*"NULL" \/ .*leaves the cell empty/],
]);
refuses('license ARN', parseLicenseArn, [
  ['(null)', /^license ARN is a missing value .*"\(null\)" \/ .*leaves the cell empty/],
]);

test('of all texts, only 1 to 255 printable ASCII characters without spaces at the ends are a dimension', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  fc.assert(
    fc.property(texts, text => {
      // What stands for a missing value, or is guarded against spreadsheets, has tests of its own.
      fc.pre(!isNullText(text) && !/^'[=+\-@]/.test(text));
      const name = /^[!-~]([ -~]{0,253}[!-~])?$/.test(text);
      assert.equal(parsedValue(parseDimension(text)), name ? text : undefined);
    }),
    { numRuns: sampled(3000) },
  );
});
