import { LIMITS } from './limits.ts';
import {
  FIND_VALUE,
  isNullText,
  LEAVE_EMPTY,
  type NullTextOptions,
  nullName,
  nullValue,
} from './null-text.ts';
import { invalid, type Parsed, valid } from './parsed.ts';

/** An account id whose last digits are all zeros has usually been through a spreadsheet. */
const ROUND_ZEROS = 6;

/**
 * An AWS account id: exactly twelve digits, as text. A spreadsheet turns 123456789012 into `1.23457E+11`, which as a
 * number is 123457000000: somebody else's account.
 */
export const parseAccount = (text: string, { allowRound = false } = {}): Parsed<string> => {
  const { digits } = LIMITS.customerAWSAccountId;
  if (/^[0-9]+$/.test(text) && text.length === digits) {
    if (allowRound || !text.endsWith('0'.repeat(ROUND_ZEROS))) return valid(text);
    return invalid(
      'account id ends in six zeros or more: a spreadsheet may have rounded it',
      'check it against the original; if it is right, use --allow-round-accounts',
    );
  }
  if (isNullText(text)) return nullValue('account id', text, LEAVE_EMPTY);
  const message = `account id must be exactly ${digits} digits`;
  if (/^[0-9][.,]?[0-9]*e\+?[0-9]+$/i.test(text)) {
    return invalid(
      message,
      'Excel has shortened it and lost digits: format the column as text and export again',
    );
  }
  const bare = text.replace(/^="([^"]*)"$/, '$1').replace(/[\s\u00a0\ufeff'-]/g, '');
  if (/^[0-9]+$/.test(bare)) {
    if (bare.length === digits) return invalid(message, `did you mean ${bare}?`);
    if (bare.length < digits) {
      return invalid(
        message,
        `${bare.length} digits here: a spreadsheet drops leading zeros; ${bare.padStart(digits, '0')}, perhaps`,
      );
    }
    return invalid(message, `${bare.length} digits here`);
  }
  return invalid(message);
};

export const parseLicenseArn = (text: string): Parsed<string> => {
  if (LIMITS.licenseArn.pattern.test(text)) return valid(text);
  if (isNullText(text)) return nullValue('license ARN', text, LEAVE_EMPTY);
  return invalid(
    'license ARN is not an ARN',
    'it looks like arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef',
  );
};

/** Whether the ARN has the form AWS documents; others are sent, with a warning. */
export const isUsualLicenseArn = (arn: string): boolean =>
  /^arn:aws[a-zA-Z-]*:license-manager:[^:]*:[0-9]{12}:license:.+$/.test(arn);

export const parseCustomerIdentifier = (
  text: string,
  { allowNullText = false }: NullTextOptions = {},
): Parsed<string> => {
  const { maxLength } = LIMITS.customerIdentifier;
  if (!allowNullText && isNullText(text)) return nullName('customer identifier', text, LEAVE_EMPTY);
  const trouble = textTrouble('customer identifier', text, maxLength);
  if (trouble !== undefined) return trouble;
  if (/^[0-9]{12}$/.test(text)) {
    return invalid(
      'customer identifier looks like an AWS account id',
      'put it in the column customer_aws_account_id',
    );
  }
  return valid(text);
};

export const parseProductCode = (
  text: string,
  { allowNullText = false }: NullTextOptions = {},
): Parsed<string> => {
  const { maxLength, pattern } = LIMITS.productCode;
  if (!allowNullText && isNullText(text)) return nullName('product code', text, LEAVE_EMPTY);
  if (text === '') return invalid('product code is empty');
  if (text.length > maxLength) return invalid(`product code is longer than ${maxLength} characters`);
  if (!pattern.test(text))
    return invalid('product code has a character AWS does not take', 'letters, digits and - / = : _ . @');
  if (/^prod-[a-z0-9]+$/.test(text)) {
    return invalid(
      'this is a product id, not a product code',
      'the product code stands beside it in the AWS Marketplace Management Portal: about 25 lower-case letters and digits',
    );
  }
  return valid(text);
};

/** A dimension's API name. AWS compares it byte by byte, and one unknown name makes it refuse the whole request. */
export const parseDimension = (
  text: string,
  { allowNullText = false }: NullTextOptions = {},
): Parsed<string> => {
  const { maxLength } = LIMITS.dimension;
  if (!allowNullText && isNullText(text)) return nullName('dimension', text, FIND_VALUE);
  const trouble = textTrouble('dimension', text, maxLength);
  if (trouble !== undefined) return trouble;
  const foreign = /[^\x20-\x7e]/u.exec(text)?.[0];
  if (foreign !== undefined) {
    const code = foreign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    return invalid(
      `dimension has a character outside ASCII (U+${code})`,
      'type the name as it stands in the product: look-alike letters are other letters to AWS',
    );
  }
  return valid(text);
};

const textTrouble = (what: string, text: string, maxLength: number): Parsed<never> | undefined => {
  if (text.trim() === '') return invalid(`${what} is empty`);
  if (text.length > maxLength) return invalid(`${what} is longer than ${maxLength} characters`);
  // Our own CSV has it, and a person may submit that again.
  if (/^'[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text))
    return invalid(
      `${what} begins with the apostrophe that keeps a spreadsheet from running it`,
      `did you mean ${JSON.stringify(text.slice(1))}?`,
    );
  if (text !== text.trim())
    return invalid(`${what} has a space before or after it`, `did you mean ${JSON.stringify(text.trim())}?`);
  if (!text.isWellFormed()) return invalid(`${what} has half a character in it (a lone surrogate)`);
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return invalid(`${what} has a control character in it`);
  return undefined;
};
