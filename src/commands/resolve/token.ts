import { NO_VALUE } from '../../cli/options/values.ts';
import { InputError, UsageError } from '../../errors.ts';
import { isNullText, nullMessage } from '../../usage/null-text.ts';

/** The form field in which a buyer's browser posts the token (Seller Guide, saas-product-customer-setup). */
const FIELD = 'x-amzn-marketplace-token';

/** The form that a browser posts is far smaller; a larger text is another file. Characters. */
const MAX_LENGTH = 64_000;

/** Where a text comes from: a bad file is invalid input, a bad argument is wrong usage. */
export type TokenSource = 'argument' | 'file';

/**
 * The registration token in a text: raw, URL-encoded, the posted form, or a URL with it in the query. Decoded exactly
 * once: a token is an opaque string that may itself contain what looks like an escape. Anything recognized as something
 * else is rejected, and no message repeats what may be a token. Throws UsageError or InputError.
 */
export const decodeToken = (text: string, source: TokenSource = 'argument'): string => {
  const reject = (message: string, next?: string): never => {
    throw source === 'file' ? new InputError(message, next ?? NEXT) : new UsageError(message, next);
  };
  const given = text.replace(/^\ufeff/, '').trim();
  if (given.length > MAX_LENGTH) reject('this is too long to be a registration token');
  const found = foundIn(given);
  if (found.kind === 'several') return reject('this form has two registration tokens', VALUE_ALONE);
  if (found.kind === 'other')
    return reject(
      `this is not a registration token: it is ${found.what}`,
      found.what === PARTS ? VALUE_ALONE : NEXT,
    );
  const { token } = found;
  if (token === '') {
    const where = found.kind === 'form' ? `: the field ${FIELD} has no value` : '';
    return reject(`the registration token is empty${where}`, found.kind === 'form' ? NEXT : undefined);
  }
  if (isNullText(token)) return reject(nullMessage('the registration token', token), NO_VALUE);
  if (/[\r\n]/.test(token))
    return reject('the registration token contains a line break', 'pass one token on one line');
  if (/\s/.test(token)) return reject('the registration token contains a space', AS_POSTED);
  if (/[\u0000-\u001f\u007f]/.test(token))
    return reject('the registration token contains a control character', AS_POSTED);
  return token;
};

const AS_POSTED = 'pass it in quotes, exactly as it was posted';

const VALUE_ALONE = `pass only the value of one ${FIELD}`;

const NEXT = `pass the value of ${FIELD}, or the whole form that the buyer's browser posted`;

type FoundToken =
  | { readonly kind: 'raw' | 'form'; readonly token: string }
  | { readonly kind: 'several' }
  /** Not a token but this, in words. */
  | { readonly kind: 'other'; readonly what: string };

const other = (what: string): FoundToken => ({ kind: 'other', what });

const foundIn = (given: string): FoundToken => {
  const what = notAToken(given);
  if (what !== undefined) return other(what);
  const isUrl = URL_START.test(given);
  const query = isUrl || given.startsWith('?') ? given.slice(given.indexOf('?') + 1 || given.length) : given;
  const form = query.replace(/#.*$/s, '');
  if (!isUrl && !isForm(form)) {
    const token = fromText(given);
    const inside = token === given ? undefined : (notAToken(token) ?? (isForm(token) ? 'a form' : undefined));
    return inside === undefined ? { kind: 'raw', token } : other(`${inside}, URL-encoded as a whole`);
  }
  const fields = new URLSearchParams(form);
  const [token, ...others] = new Set([...fields].flatMap(([name, value]) => (isField(name) ? [value] : [])));
  if (others.length > 0) return { kind: 'several' };
  if (token !== undefined) return { kind: 'form', token };
  return other(`a ${isUrl ? 'URL' : 'form'} without ${FIELD}${namesText([...fields.keys()])}`);
};

const isField = (name: string): boolean => name.toLowerCase() === FIELD;

const URL_START = /^[a-z][a-z0-9+.-]*:\/\//i;

const PARTS = 'a multipart form (multipart/form-data)';

/** A token consists of letters, digits and a few signs: none of these starts like one. */
const notAToken = (given: string): string | undefined => {
  if (/^[{[]|^"[\s\S]*"$/.test(given)) return 'JSON';
  if (given.startsWith('<')) return 'an HTML or XML document';
  if (/^--\S+\r?\n/.test(given)) return PARTS;
  if (/^x-amzn-marketplace-[a-z-]+:?$/i.test(given)) return 'the name of a field without its value';
  if (/^[a-z][a-z0-9-]*:\s|^x-amzn-marketplace-[a-z-]+:/i.test(given)) return 'a request header';
  return undefined;
};

/** Fields are separated by `&`; a token has `=` only at its end, as base64 padding. */
const isForm = (text: string): boolean =>
  text.includes('&') || isField(text.slice(0, text.indexOf('='))) || /^[a-z][a-z0-9_.-]*=[^=]/i.test(text);

/** Only AWS's own names are shown: anything else may be a token in the wrong place. */
const namesText = (keys: readonly string[]): string => {
  const names = [...new Set(keys)].filter(key => /^x-amzn-[a-z-]{1,50}$/i.test(key));
  return names.length === 0 ? '' : `; it has ${names.slice(0, MAX_NAMES).join(', ')}`;
};

const MAX_NAMES = 5;

/** A plus sign is left alone: outside of a form it means itself, and tokens contain it. */
const fromText = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
