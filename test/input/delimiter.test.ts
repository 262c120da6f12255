import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delimiterFlag, otherDelimiter } from '../../src/input/delimiter.ts';

const HEADERS: readonly (readonly [header: string, delimiter: string, other: string | undefined])[] = [
  ['timestamp,quantity', ',', undefined],
  ['timestamp;quantity', ',', ';'],
  ['timestamp\tquantity', ',', '\t'],
  ['timestamp|quantity', ',', '|'],
  ['"Timestamp" ; "Usage Quantity"', ',', ';'],
  ['timestamp,quantity', ';', ','],
  ['timestamp;quantity', ';', undefined],
  ['timestamp,"a;b"', ',', undefined],
  ['when;"usage, GB";quantity', ',', ';'],
  ['a;b', ',', ';'],
  ['a,b;c', ',', undefined],
  ['quantity', ',', undefined],
  ['customer_aws_account_id:dimension:quantity', ',', ':'],
  ['customer_aws_account_id dimension "quantity"', ',', ' '],
  ['customer_aws_account_id^dimension^quantity', ';', '^'],
  ['customer_aws_account_id:dimension:quantity', ':', undefined],
  ['Usage Quantity', ',', undefined],
  ['tag:quantity', ',', undefined],
  ['Konto;Usage Quantity;Usage Dimension', ',', ';'],
  ['', ',', undefined],
];

test('a header that shows known columns only with another delimiter has that one', () => {
  for (const [header, delimiter, other] of HEADERS) {
    assert.equal(otherDelimiter(header, delimiter), other, `${header} by ${delimiter}`);
  }
});

test('a delimiter is named as it is typed', () => {
  assert.equal(delimiterFlag(';'), "--delimiter ';'");
  assert.equal(delimiterFlag('\t'), '--delimiter tab');
});
