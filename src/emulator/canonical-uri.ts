/**
 * Path and query as they are signed. `url` is the request target as it stands on the wire, one character for each byte.
 * Source: SigV4 guide, "Create a canonical request"; services other than S3 encode the path a second time.
 */
export const canonicalUri = (url: string): { path: string; query: string } => {
  if (url === '/') return { path: '/', query: '' };
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  return { path: encode(normalise(path), /[^A-Za-z0-9\-._~/]/g), query: canonicalQuery(query) };
};

/** Without empty, `.` and `..` segments; a slash at the end stays. */
const normalise = (path: string): string => {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const end = segments.length > 0 && /\/\.{0,2}$/.test(path) ? '/' : '';
  return `/${segments.join('/')}${end}`;
};

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter(part => part !== '')
    .map((part): readonly [string, string] => {
      const equals = part.indexOf('=');
      return equals < 0
        ? [recode(part), '']
        : [recode(part.slice(0, equals)), recode(part.slice(equals + 1))];
    })
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** One spelling for a name or value that the caller may have encoded in several. */
const recode = (text: string): string =>
  encode(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    /[^A-Za-z0-9\-._~]/g,
  );

const encode = (bytes: string, reserved: RegExp): string =>
  bytes.replace(reserved, byte => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
