import { compareText } from '../../usage/key.ts';
/**
 * Path and query as they are signed. `url` is the request target as received, one character for each byte.
 * Source: SigV4 guide, "Create a canonical request"; services other than S3 encode the path a second time.
 */
export const canonicalUri = (url: string): { path: string; query: string } => {
  if (url === '/') return { path: '/', query: '' };
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return { path: encode(normalize(path), /[^A-Za-z0-9\-._~/]/g), query: canonicalQuery(url) };
};

/** The decoded names and values in the query of a request target, in order. */
export const parametersOf = (url: string): readonly (readonly [name: string, value: string])[] =>
  partsOf(url).map(part => {
    const [name, value] = nameAndValue(part);
    return [decode(name), decode(value)];
  });

/** The request target without the parameters of this name. */
export const withoutParameter = (url: string, name: string): string => {
  const mark = url.indexOf('?');
  if (mark < 0) return url;
  const kept = partsOf(url).filter(part => decode(nameAndValue(part)[0]) !== name);
  return `${url.slice(0, mark)}?${kept.join('&')}`;
};

const partsOf = (url: string): readonly string[] => {
  const mark = url.indexOf('?');
  return mark < 0
    ? []
    : url
        .slice(mark + 1)
        .split('&')
        .filter(part => part !== '');
};

const nameAndValue = (part: string): readonly [string, string] => {
  const equals = part.indexOf('=');
  return equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
};

/** Removes empty, `.` and `..` segments; keeps a slash at the end. */
const normalize = (path: string): string => {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const end = segments.length > 0 && /\/\.{0,2}$/.test(path) ? '/' : '';
  return `/${segments.join('/')}${end}`;
};

const canonicalQuery = (url: string): string =>
  partsOf(url)
    .map((part): readonly [string, string] => {
      const [name, value] = nameAndValue(part);
      return [recode(name), recode(value)];
    })
    .sort(([a, x], [b, y]) => compareText(a, b) || compareText(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

/** The canonical encoding of a name or value, which can be encoded in several ways. */
const recode = (text: string): string => encode(decode(text), /[^A-Za-z0-9\-._~]/g);

const decode = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const encode = (bytes: string, reserved: RegExp): string =>
  bytes.replace(reserved, byte => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
