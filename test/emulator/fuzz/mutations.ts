import { below, type Random } from '../../../src/emulator/faults/random.ts';
import { between, chance, pick } from './random.ts';

/** Head lines, body and what stands between requests, as they will be sent. */
export type Draft = { line: string; headers: [name: string, value: string][]; body: Buffer };

type Mutation<T> = (value: T, dice: Random) => T;

const NUMBERS = [
  '1e400',
  '-1',
  '1.5',
  '2147483648',
  '9007199254740993',
  '1e-7',
  '-0',
  '0e0',
  '8.64e12',
  '1E3',
  '01',
  'NaN',
  `1${'0'.repeat(400)}`,
] as const;

const TEXTS = [
  '""',
  '"\\ud800"',
  '"unknown_dimension"',
  '"unknown_product"',
  '"disabled_api"',
  '"not_entitled"',
  '"throttled"',
  '"expired_token"',
  '"404404404404"',
  '"unknown_customer"',
  '"\\u0000"',
  `"${'x'.repeat(256)}"`,
  `"${'x'.repeat(70_000)}"`,
  'null',
  'true',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":{"Quantity":1}}',
] as const;

const MEMBERS = [
  'ProductCode',
  'UsageRecords',
  'Timestamp',
  'UsageDimension',
  'Dimension',
  'Quantity',
  'UsageQuantity',
  'CustomerAWSAccountId',
  'CustomerIdentifier',
  'LicenseArn',
  'UsageAllocations',
  'AllocatedUsageQuantity',
  'Tags',
  'Key',
  'Value',
  'RegistrationToken',
  'PublicKeyVersion',
  'Nonce',
  'ClientToken',
  'DryRun',
  '__proto__',
  'constructor',
  'Unknown',
] as const;

const any = (dice: Random): string => (chance(0.5, dice) ? pick(NUMBERS, dice) : pick(TEXTS, dice));

const asText =
  (change: Mutation<string>): Mutation<Buffer> =>
  (body, dice) =>
    Buffer.from(change(body.toString('latin1'), dice), 'latin1');

/** One of the places that a pattern finds, or the text as it is. */
const replaceOne = (text: string, pattern: RegExp, by: (found: string) => string, dice: Random): string => {
  const places = [...text.matchAll(pattern)];
  const found = places[below(places.length, dice)];
  if (found === undefined) return text;
  return text.slice(0, found.index) + by(found[0]) + text.slice(found.index + found[0].length);
};

const flipByte: Mutation<Buffer> = (bytes, dice) => {
  if (bytes.length === 0) return bytes;
  const changed = Buffer.from(bytes);
  changed[below(bytes.length, dice)] = below(256, dice);
  return changed;
};

/** What becomes of a body before it is signed: it reaches the rules. */
export const BODY_MUTATIONS: readonly [Mutation<Buffer>, ...Mutation<Buffer>[]] = [
  asText((text, dice) => replaceOne(text, /(?<=:)(?:"[^"]*"|[0-9.]+|true|false)/g, () => any(dice), dice)),
  asText((text, dice) => replaceOne(text, /(?<=:)(?:"[^"]*"|[0-9.]+|true|false)/g, () => any(dice), dice)),
  asText((text, dice) => replaceOne(text, /[0-9.]+/g, () => pick(NUMBERS, dice), dice)),
  // Another quantity of the right form: sums are wrong then.
  asText((text, dice) => replaceOne(text, /(?<=Quantity":)[0-9]+/g, () => String(below(1000, dice)), dice)),
  asText((text, dice) => replaceOne(text, /"[A-Za-z]+"(?=:)/g, () => `"${pick(MEMBERS, dice)}"`, dice)),
  // A second member of the same name, or one nobody asked for.
  asText((text, dice) => replaceOne(text, /\{/g, () => `{"${pick(MEMBERS, dice)}":${any(dice)},`, dice)),
  asText((text, dice) => replaceOne(text, /\}/g, () => `,"${pick(MEMBERS, dice)}":${any(dice)}}`, dice)),
  asText((text, dice) =>
    replaceOne(text, /[[\]{}:,"]/g, () => pick(['', '[', '{', '"', ',', '\\'], dice), dice),
  ),
  asText((text, dice) =>
    replaceOne(text, /\{"Timestamp".*?\}(?=[,\]])/g, found => `${found},${found}`, dice),
  ),
  asText((text, dice) =>
    replaceOne(text, /\{"Timestamp".*?\}(?=[,\]])/g, found => Array(26).fill(found).join(','), dice),
  ),
  asText((text, dice) => text.slice(0, below(text.length + 1, dice))),
  asText((text, dice) => text + pick(['}', ' ', '\0', '{}', '\n\n', '\u00ff'], dice)),
  asText((_, dice) =>
    pick(['', 'null', '[]', '{}', '1', '"x"', '\u00ef\u00bb\u00bf{}', '{"UsageRecords":[]}'], dice),
  ),
  (_, dice) => {
    const depth = between(1, 60_000, dice);
    const [open, close] = chance(0.5, dice) ? ['[', ']'] : ['{"UsageRecords":', '}'];
    const end = chance(0.5, dice) ? `1${close.repeat(depth)}}` : '';
    return Buffer.from(`{"UsageRecords":${open.repeat(depth)}${end}`);
  },
  (body, dice) =>
    Buffer.concat([
      body.subarray(0, body.length / 2),
      Buffer.from([pick([0xff, 0xc0, 0xed], dice)]),
      body.subarray(body.length / 2),
    ]),
  (_, dice) => Buffer.from(Array.from({ length: below(500, dice) }, () => below(256, dice))),
  flipByte,
  flipByte,
];

/** Some of the largest body that is accepted, or more. */
export const padded: Mutation<Buffer> = (body, dice) =>
  Buffer.concat([body, Buffer.alloc(999_990 + below(20, dice) - body.length, 0x20)]);

const header =
  (change: (headers: Draft['headers'], at: number, dice: Random) => void): Mutation<Draft> =>
  (draft, dice) => {
    const headers = draft.headers.map(([name, value]): [string, string] => [name, value]);
    change(headers, below(headers.length, dice), dice);
    return { ...draft, headers };
  };

const setHeader =
  (name: string, ...values: readonly [string, ...string[]]): Mutation<Draft> =>
  (draft, dice) => ({
    ...draft,
    headers: [...draft.headers.filter(([other]) => other.toLowerCase() !== name), [name, pick(values, dice)]],
  });

const chunked: Mutation<Draft> = ({ line, headers, body }, dice) => {
  const pieces: Buffer[] = [];
  for (let from = 0; from < body.length; ) {
    const size = Math.min(body.length - from, between(1, 400, dice));
    const extension = chance(0.1, dice) ? ';name="a b"' : '';
    pieces.push(
      Buffer.from(`${size.toString(16)}${extension}\r\n`),
      body.subarray(from, from + size),
      Buffer.from('\r\n'),
    );
    from += size;
  }
  pieces.push(Buffer.from(chance(0.1, dice) ? '0\r\nX-Trailer: 1\r\n\r\n' : '0\r\n\r\n'));
  const others = headers.filter(([name]) => name !== 'content-length');
  return { line, headers: [...others, ['transfer-encoding', 'chunked']], body: Buffer.concat(pieces) };
};

/** A spelling that changes nothing: such a request is still right. */
export const HARMLESS: readonly [Mutation<Draft>, ...Mutation<Draft>[]] = [
  chunked,
  header((headers, at) => {
    const [name, value] = headers[at] as [string, string];
    headers[at] = [name.toUpperCase(), value];
  }),
  header((headers, at) => {
    const [name, value] = headers[at] as [string, string];
    headers[at] = [name, `  ${value}  `];
  }),
  header(headers => headers.reverse()),
  header(headers => headers.push(['x-forwarded-for', '10.0.0.1'], ['cookie', 'a=b; c=d'])),
  header(headers => headers.push(['expect', '100-continue'])),
];

/** What happens to a request after it has been signed. */
export const REQUEST_MUTATIONS: readonly [Mutation<Draft>, ...Mutation<Draft>[]] = [
  ...HARMLESS,
  header((headers, at) => headers.splice(at, 1)),
  header((headers, at) => headers.push(headers[at] as [string, string])),
  header((headers, at, dice) => {
    const [name, value] = headers[at] as [string, string];
    headers[at] = [name, flipByte(Buffer.from(value, 'latin1'), dice).toString('latin1')];
  }),
  header((headers, at, dice) => {
    const [name, value] = headers[at] as [string, string];
    headers[at] = [flipByte(Buffer.from(name, 'latin1'), dice).toString('latin1'), value];
  }),
  header((headers, at, dice) => {
    const [name, value] = headers[at] as [string, string];
    headers[at] = [name, value.slice(0, below(value.length + 1, dice))];
  }),
  setHeader(
    'authorization',
    '',
    'AWS4-HMAC-SHA256',
    'Basic eDp5',
    'AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=',
  ),
  setHeader(
    'content-length',
    '0',
    '1',
    '-1',
    '+5',
    '1e3',
    '99999999999999999999',
    '0x10',
    '10, 10',
    '1000000',
  ),
  setHeader('transfer-encoding', 'chunked', 'gzip, chunked', 'identity', 'Chunked '),
  setHeader('host', 'example.com', '', 'localhost', '127.0.0.1:1', '[::1]'),
  setHeader('origin', 'https://example.com', 'null', ''),
  setHeader('connection', 'close', 'upgrade', 'keep-alive, x', 'content-length'),
  setHeader('upgrade', 'h2c', 'websocket'),
  setHeader('expect', '100-continue', 'x'),
  setHeader('content-encoding', 'gzip', 'identity'),
  setHeader(
    'x-amz-target',
    'AWSMPMeteringService.MeterUsage',
    'AWSMPMeteringService.Nothing',
    'AWSMPMeteringService.constructor',
    '',
  ),
  setHeader('x-amz-content-sha256', 'UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', '0'.repeat(64)),
  setHeader('x-amz-meta', 'a', 'x'.repeat(20_000)),
  setHeader(
    'content-type',
    'application/json',
    'application/x-amz-json-1.0',
    'text/plain',
    'application/x-amz-json-1.1; charset=utf-8',
  ),
  header(headers =>
    headers.push(...Array.from({ length: 150 }, (_, at): [string, string] => [`x-${at}`, 'a'])),
  ),
  (draft, dice) => ({ ...draft, body: flipByte(draft.body, dice) }),
  (draft, dice) => ({ ...draft, body: draft.body.subarray(0, below(draft.body.length + 1, dice)) }),
  (draft, dice) => ({
    ...draft,
    body: Buffer.concat([draft.body, Buffer.from(pick(['\r\n', ' ', 'GET / HTTP/1.1\r\n\r\n', '}'], dice))]),
  }),
  (draft, dice) => ({ ...draft, line: flipByte(Buffer.from(draft.line, 'latin1'), dice).toString('latin1') }),
  (draft, dice) => ({
    ...draft,
    line: draft.line.replace('POST', pick(['GET', 'PUT', 'post', 'OPTIONS', 'CONNECT', 'PRI'], dice)),
  }),
  (draft, dice) => ({
    ...draft,
    line: draft.line.replace(
      / \S+ /,
      pick(
        [' /? ', ' // ', ' /%2e ', ' * ', ' /?X-Amz-Algorithm ', ' http://example.com/ ', ' /nothing '],
        dice,
      ),
    ),
  }),
  (draft, dice) => ({
    ...draft,
    line: draft.line.replace(
      /([?&])/,
      pick(['$1X-Amz-Expires=604801&', '$1X-Amz-Signature=0&', '$1&', '$1a=b&'], dice),
    ),
  }),
  (draft, dice) => ({
    ...draft,
    line: draft.line.replace(/ HTTP.*/, pick([' HTTP/1.0', ' HTTP/2.0', ' HTTP/0.9', ''], dice)),
  }),
  (draft, dice) => chunked({ ...draft, body: flipByte(draft.body, dice) }, dice),
  (draft, dice) => {
    const broken = chunked(draft, dice);
    return { ...broken, body: flipByte(broken.body, dice) };
  },
];

export const bytesOf = ({ line, headers, body }: Draft): Buffer =>
  Buffer.concat([
    Buffer.from(
      `${line}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
      'latin1',
    ),
    body,
  ]);
