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
import { remembering } from './remembering.ts';

/** An account id that ends in this many zeros was usually rounded by a spreadsheet. */
const ROUND_ZEROS = 6;

/**
 * An AWS account id: exactly twelve digits, as text. A spreadsheet turns 123456789012 into `1.23457E+11`, which as a
 * number is 123457000000: another customer's account.
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
    return invalid(message, 'Excel shortened it and lost digits: format the column as text and export again');
  }
  if (/^[0-9]{1,12}\.0{1,9}$/.test(text)) {
    return invalid(
      message,
      'a spreadsheet or pandas read it as a number, which loses leading zeros: export the column as text (pandas: dtype=str)',
    );
  }
  const bare = text.replace(/^="([^"]*)"$/, '$1').replace(/[\s\u00a0\ufeff'-]/g, '');
  if (/^[0-9]+$/.test(bare)) {
    if (bare.length === digits) return invalid(message, `did you mean ${bare}?`);
    if (bare.length < digits) {
      return invalid(
        message,
        `${bare.length} ${bare.length === 1 ? 'digit' : 'digits'} here: a spreadsheet removes leading zeros; is it ${bare.padStart(digits, '0')}?`,
      );
    }
    return invalid(message, `${bare.length} digits here`);
  }
  return invalid(message);
};

export const parseLicenseArn = remembering((text): Parsed<string> => {
  if (LIMITS.licenseArn.pattern.test(text)) return valid(text);
  if (isNullText(text)) return nullValue('license ARN', text, LEAVE_EMPTY);
  return invalid(
    'license ARN is not an ARN',
    'it should look like arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef',
  );
});

/** Whether the ARN has the documented form; others are sent with a warning. */
export const isUsualLicenseArn = remembering(arn =>
  /^arn:aws[a-zA-Z-]*:license-manager:[^:]*:[0-9]{12}:license:.+$/.test(arn),
);

export const parseCustomerIdentifier = (
  text: string,
  { allowNullText = false }: NullTextOptions = {},
): Parsed<string> => {
  const { maxLength } = LIMITS.customerIdentifier;
  if (!allowNullText && isNullText(text)) return nullName('customer identifier', text, LEAVE_EMPTY);
  const fault = textFault('customer identifier', text, maxLength);
  if (fault !== undefined) return fault;
  if (/^[0-9]{12}(?:\.0{1,9})?$/.test(text)) {
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
    return invalid(
      'product code has a character that AWS does not accept',
      'letters, digits and - / = : _ . @ are allowed',
    );
  if (/^prod-[a-z0-9]+$/.test(text)) {
    return invalid(
      'this is a product id, not a product code',
      'the product code is next to it in the AWS Marketplace Management Portal: about 25 lower-case letters and digits',
    );
  }
  return valid(text);
};

/** A dimension's API name. AWS compares it byte by byte, and rejects the whole request for one unknown name. */
export const parseDimension = (
  text: string,
  { allowNullText = false }: NullTextOptions = {},
): Parsed<string> => {
  if (!allowNullText && isNullText(text)) return nullName('dimension', text, FIND_VALUE);
  return parseDimensionName(text);
};

const parseDimensionName = remembering((text): Parsed<string> => {
  const fault = textFault('dimension', text, LIMITS.dimension.maxLength);
  if (fault !== undefined) return fault;
  const foreign = /[^\x20-\x7e]/u.exec(text)?.[0];
  if (foreign !== undefined) {
    const code = foreign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    return invalid(
      `dimension has a character outside ASCII (U+${code})`,
      'type the name as in the product: AWS treats similar-looking letters as different',
    );
  }
  return valid(text);
});

const textFault = (what: string, text: string, maxLength: number): Parsed<never> | undefined => {
  if (text.trim() === '') return invalid(`${what} is empty`);
  if (text.length > maxLength) return invalid(`${what} is longer than ${maxLength} characters`);
  // This tool's own CSV writes it, and may be submitted again.
  if (/^'[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text))
    return invalid(
      `${what} starts with an apostrophe that stops spreadsheets from running it`,
      `did you mean ${JSON.stringify(text.slice(1))}?`,
    );
  if (text !== text.trim())
    return invalid(`${what} has a space before or after it`, `did you mean ${JSON.stringify(text.trim())}?`);
  if (!text.isWellFormed()) return invalid(`${what} contains half a character (a lone surrogate)`);
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return invalid(`${what} contains a control character`);
  return undefined;
};
