import { UsageError } from '../errors.ts';
import { isNullText, nullMessage } from '../usage/null-text.ts';
import { NO_VALUE } from './flag-help.ts';

/** The form field in which a buyer's browser posts the token (Seller Guide, saas-product-customer-setup). */
const FIELD = 'x-amzn-marketplace-token';

/** A form of a browser is far smaller; a larger text is another file. Characters. */
const LIMIT = 64_000;

/**
 * The registration token in a text: raw, URL-encoded, the posted form, or a URL with it in the query. Undone exactly
 * once: a token is an opaque string that may itself contain what looks like an escape. Throws UsageError.
 */
export const decodeToken = (text: string): string => {
  const given = text.trim();
  if (given.length > LIMIT) throw new UsageError('this is too long to be a registration token');
  const token = given.includes(`${FIELD}=`) ? fromForm(given) : fromText(given);
  if (token === '') throw new UsageError('the registration token is empty');
  if (isNullText(token)) throw new UsageError(nullMessage('the registration token', token), NO_VALUE);
  if (/\s/.test(token))
    throw new UsageError('the registration token has a space in it', 'pass it as it was posted, in quotes');
  return token;
};

const fromForm = (text: string): string => {
  const form = text.slice(text.indexOf('?') + 1).replace(/#.*$/s, '');
  const [token = '', ...others] = new Set(new URLSearchParams(form).getAll(FIELD));
  if (others.length > 0) throw new UsageError('there are two registration tokens in this form');
  return token;
};

/** A plus sign is left alone: outside of a form it stands for itself, and tokens contain it. */
const fromText = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
