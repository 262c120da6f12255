import assert from 'node:assert/strict';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { HttpRequest } from '@smithy/core/protocols';
import { UsageError } from '../../src/errors.ts';
import { NetworkError } from '../../src/metering/network-error.ts';
import { networkIn } from '../../src/metering/proxy.ts';
import { setTrustedAuthorities } from '../../src/metering/tls.ts';
import { createTransport, type Transport } from '../../src/metering/transport.ts';
import { type ProxyOptions, startProxy, type TestProxy } from '../helpers/proxy.ts';
import { makeCertificates } from './certificates.ts';

/** In every password and request; in no error. */
const CANARY = 'hunter2CANARY';

const HOST = 'metering.marketplace.us-east-1.amazonaws.com';
const LONG_ENOUGH = 20_000;

const certificates = makeCertificates();
const skip = certificates === undefined && 'there is no openssl to make certificates';
const made = () => certificates as NonNullable<typeof certificates>;

/** Starts a server, and ends it and its connections with the test. Gives its port. */
const listen = async (t: TestContext, server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

type Aws = { readonly port: number; readonly requests: string[] };

/** Stands for AWS. Its authority is trusted for the length of the test. */
const aws = async (t: TestContext, certificate = made().aws): Promise<Aws> => {
  trusting(t);
  const requests: string[] = [];
  const server = createHttps(certificate, (request, response) => {
    requests.push(`${request.headers.host}${request.url}`);
    assert.equal(request.headers['proxy-authorization'], undefined);
    request.resume().on('end', () => response.end('{}'));
  });
  return { port: await listen(t, server), requests };
};

const trusting = (t: TestContext): void => {
  const before = tls.getCACertificates('default');
  setTrustedAuthorities([made().authority], { path: '/etc/corp.pem', source: 'AWS_CA_BUNDLE' });
  t.after(() => tls.setDefaultCACertificates(before));
};

const proxied = async (t: TestContext, options: ProxyOptions): Promise<TestProxy> => {
  const proxy = await startProxy(options);
  t.after(proxy.close);
  return proxy;
};

const through = (t: TestContext, env: Readonly<Record<string, string>>): Transport => {
  const transport = createTransport(undefined, networkIn(env, undefined));
  t.after(transport.close);
  return transport;
};

const requestTo = (host = HOST): HttpRequest =>
  new HttpRequest({
    method: 'POST',
    protocol: 'https:',
    hostname: host,
    path: '/',
    headers: { host, 'content-length': '2', 'x-amz-security-token': CANARY },
    body: '{}',
  });

const send = (transport: Transport, host?: string, timeoutMs = LONG_ENOUGH) =>
  transport.send(requestTo(host), { timeoutMs });

/** The failure of a request, which must keep its secrets. */
const failureOf = async (sending: Promise<unknown>): Promise<NetworkError> => {
  const error = await sending.then(
    reply => assert.fail(`there was a reply: ${inspect(reply)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof NetworkError, inspect(error));
  const everything = inspect(error, { depth: 9, showHidden: true });
  assert.ok(!everything.includes(CANARY), everything);
  assert.ok(!everything.includes(btoa(`me:${CANARY}`)), everything);
  return error;
};

test('a request goes through the proxy, which sees the host and no more', { skip }, async t => {
  const { port, requests } = await aws(t);
  const proxy = await proxied(t, { portOf: () => port });
  const transport = through(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  for (let round = 0; round < 3; round += 1) assert.equal((await send(transport)).body, '{}');
  assert.deepEqual(proxy.asked, [`${HOST}:443`], 'one tunnel, used again');
  assert.deepEqual(requests, [`${HOST}/`, `${HOST}/`, `${HOST}/`]);
});

test('many requests at once have a tunnel each', { skip }, async t => {
  const { port, requests } = await aws(t);
  const proxy = await proxied(t, { portOf: () => port });
  const transport = through(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  await Promise.all(Array.from({ length: 20 }, () => send(transport)));
  assert.equal(requests.length, 20);
  assert.deepEqual(new Set(proxy.asked), new Set([`${HOST}:443`]));
});

const PASSWORDS: readonly (readonly [inUrl: string, password: string])[] = [
  [CANARY, CANARY],
  [`${CANARY}%40%2F%3A%25%20`, `${CANARY}@/:% `],
  [`${CANARY}!$&'()*+,;=`, `${CANARY}!$&'()*+,;=`],
];

for (const [inUrl, password] of PASSWORDS) {
  test(`the proxy is given the password ${password}`, { skip }, async t => {
    const { port } = await aws(t);
    const proxy = await proxied(t, { portOf: () => port, user: `me:${password}` });
    const transport = through(t, { HTTPS_PROXY: `http://me:${inUrl}@127.0.0.1:${proxy.port}` });
    assert.equal((await send(transport)).body, '{}');
  });
}

test('the way to the proxy may be TLS', { skip }, async t => {
  const { port } = await aws(t);
  const proxy = await proxied(t, { portOf: () => port, tls: made().good, user: `me:${CANARY}` });
  const transport = through(t, { HTTPS_PROXY: `https://me:${CANARY}@127.0.0.1:${proxy.port}` });
  assert.equal((await send(transport)).body, '{}');
});

test('an https proxy that is not trusted is sent no password', { skip }, async t => {
  const { port } = await aws(t);
  const proxy = await proxied(t, { portOf: () => port, tls: made().selfSigned, user: `me:${CANARY}` });
  const url = `https://me:${CANARY}@127.0.0.1:${proxy.port}`;
  const error = await failureOf(send(through(t, { HTTPS_PROXY: url })));
  assert.deepEqual([error.code, error.sent, error.isLasting], ['DEPTH_ZERO_SELF_SIGNED_CERT', false, true]);
  assert.match(error.message, /^the proxy's certificate is not trusted: /);
  assert.deepEqual(proxy.asked, []);
});

test('plain http goes to its proxy whole', async t => {
  const proxy = await proxied(t, {});
  const transport = through(t, { HTTP_PROXY: `http://me:${CANARY}@127.0.0.1:${proxy.port}` });
  const request = requestTo('metering.test');
  request.protocol = 'http:';
  assert.equal((await transport.send(request, { timeoutMs: LONG_ENOUGH })).status, 501);
  assert.deepEqual(proxy.asked, ['http://metering.test/']);
});

test('the proxy may have an address of IPv6', { skip }, async t => {
  const { port } = await aws(t);
  const proxy = await startProxy({ portOf: () => port, host: '::1' }).catch(() => undefined);
  if (proxy === undefined) return t.skip('this machine has no ::1');
  t.after(proxy.close);
  const transport = through(t, { HTTPS_PROXY: `http://[::1]:${proxy.port}` });
  assert.equal((await send(transport)).body, '{}');
});

test('a host in NO_PROXY and this machine are called directly', { skip }, async t => {
  const proxy = await proxied(t, {});
  const url = `http://127.0.0.1:${proxy.port}`;
  const transport = through(t, { HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: 'metering.invalid' });
  // A name that does not exist: only a proxy could have had another answer.
  assert.match((await failureOf(send(transport, 'metering.invalid'))).code, /^(ENOTFOUND|EAI_AGAIN)$/);
  const { port, requests } = await aws(t, made().good);
  const direct = requestTo('127.0.0.1');
  direct.port = port;
  assert.equal((await transport.send(direct, { timeoutMs: LONG_ENOUGH })).body, '{}');
  assert.equal(requests.length, 1);
  assert.deepEqual(proxy.asked, []);
});

const answering =
  (text: string) =>
  (socket: Duplex): void => {
    socket.end(text);
  };

/** Opens a tunnel to something that speaks no TLS. */
const babbling = (socket: Duplex): void => {
  socket.write('HTTP/1.1 200 OK\r\n\r\n');
  socket.once('data', () => socket.write('hello, this is no TLS'));
};

type Refusal = readonly [what: string, options: ProxyOptions, code: string, isLasting: boolean, text: RegExp];

const REFUSALS: readonly Refusal[] = [
  [
    'wants another password',
    { user: 'me:other' },
    'ProxyAuthentication',
    true,
    /rejected the user name and password \(HTTP 407\)$/,
  ],
  [
    'forbids the host',
    { instead: answering('HTTP/1.1 403 Forbidden\r\n\r\n') },
    'ProxyRefused',
    true,
    /refused to connect to the server \(HTTP 403\)$/,
  ],
  [
    'redirects',
    { instead: answering('HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n') },
    'ProxyRefused',
    true,
    /\(HTTP 302\)$/,
  ],
  ['has no way to it', {}, 'ProxyFailed', false, /could not connect to the server \(HTTP 502\)$/],
  ['is too busy', { instead: answering('HTTP/1.1 503 Busy\r\n\r\n') }, 'ProxyFailed', false, /\(HTTP 503\)$/],
  ['closes', { instead: answering('') }, 'ProxyFailed', false, /closed the connection$/],
  [
    'closes in the middle',
    { instead: answering('HTTP/1.1 200 Conn') },
    'ProxyFailed',
    false,
    /closed the connection$/,
  ],
  [
    'resets',
    { instead: socket => (socket as Socket).resetAndDestroy() },
    'ProxyFailed',
    false,
    /^the proxy \S+ \(HTTPS_PROXY\) closed the connection$/,
  ],
  [
    'closes the tunnel at once',
    { instead: answering('HTTP/1.1 200 OK\r\n\r\n') },
    'ECONNRESET',
    false,
    /closed before TLS was established \(through the proxy /,
  ],
  [
    'speaks another language',
    { instead: answering('SSH-2.0-OpenSSH_9.9\r\n\r\n') },
    'ProxyFailed',
    false,
    /did not reply as a proxy does$/,
  ],
  [
    'says words in the tunnel',
    { instead: babbling },
    'NotTls',
    true,
    /^the server \(through the proxy \S+ \(HTTPS_PROXY\)\) does not speak TLS: it looks like plain http$/,
  ],
];

for (const [what, options, code, isLasting, text] of REFUSALS) {
  test(`a proxy that ${what}: nothing was sent`, async t => {
    const proxy = await proxied(t, options);
    const url = `http://me:${CANARY}@127.0.0.1:${proxy.port}`;
    const error = await failureOf(send(through(t, { HTTPS_PROXY: url })));
    assert.deepEqual(
      { code: error.code, sent: error.sent, isLasting: error.isLasting },
      { code, sent: false, isLasting },
    );
    assert.match(error.message, text);
    assert.ok(error.message.includes(`http://me:***@127.0.0.1:${proxy.port} (HTTPS_PROXY)`), error.message);
    assert.equal(proxy.asked.length, 1);
  });
}

/** Proxies that are spoken to in the wrong way, and the server behind one that wants more than a server of AWS. */
const SCHEMES: readonly (readonly [
  what: string,
  proxyUrl: (t: TestContext) => Promise<string>,
  code: string,
  text: RegExp,
])[] = [
  [
    'a proxy of plain http is named with https',
    async t => `https://me:${CANARY}@127.0.0.1:${(await proxied(t, {})).port}`,
    'ProxyNotTls',
    /^the proxy https:\/\/me:\*\*\*@127\.0\.0\.1:\d+ \(HTTPS_PROXY\) does not speak TLS: it looks like a plain http proxy$/,
  ],
  [
    'a proxy that speaks TLS is named with http',
    async t => `http://me:${CANARY}@127.0.0.1:${(await proxied(t, { tls: made().good })).port}`,
    'ProxyTlsExpected',
    /^the proxy http:\/\/me:\*\*\*@127\.0\.0\.1:\d+ \(HTTPS_PROXY\) expects TLS, but its URL uses http$/,
  ],
  [
    'the proxy wants a client certificate',
    async t => {
      const tls = { ...made().good, requestCert: true, rejectUnauthorized: true, ca: made().authority };
      return `https://127.0.0.1:${(await proxied(t, { tls })).port}`;
    },
    'ClientCertificateRequired',
    /^the proxy https:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\) requires a client certificate, and ampmeter cannot send one$/,
  ],
  [
    'the server behind the proxy wants a client certificate',
    async t => {
      const strict = { ...made().aws, requestCert: true, rejectUnauthorized: true, ca: made().authority };
      const port = await listen(
        t,
        createHttps(strict, () => assert.fail('a request arrived')),
      );
      return `http://127.0.0.1:${(await proxied(t, { portOf: () => port })).port}`;
    },
    'ClientCertificateRequired',
    /^the server \(through the proxy \S+ \(HTTPS_PROXY\)\) requires a client certificate, and ampmeter cannot send one$/,
  ],
];

for (const [what, proxyUrl, code, text] of SCHEMES) {
  test(`${what}: it is said, nothing was sent, and no attempt would end otherwise`, { skip }, async t => {
    trusting(t);
    const error = await failureOf(send(through(t, { HTTPS_PROXY: await proxyUrl(t) })));
    assert.deepEqual([error.code, error.sent, error.isLasting], [code, false, true]);
    assert.match(error.message, text);
  });
}

test('a proxy that resets is asked once whether it speaks TLS, however often it resets', async t => {
  let connections = 0;
  const port = await listen(
    t,
    createTcp(socket => {
      connections += 1;
      socket.once('data', () => socket.resetAndDestroy());
    }),
  );
  const transport = through(t, { HTTPS_PROXY: `http://127.0.0.1:${port}` });
  for (let round = 0; round < 3; round += 1) {
    const { code, isLasting } = await failureOf(send(transport));
    assert.deepEqual([code, isLasting], ['ProxyFailed', false]);
  }
  assert.equal(connections, 4);
});

test('a proxy that asks for a password where there is none says so', async t => {
  const proxy = await proxied(t, { user: 'me:other' });
  const error = await failureOf(send(through(t, { https_proxy: `127.0.0.1:${proxy.port}` })));
  assert.equal(
    error.message,
    `the proxy http://127.0.0.1:${proxy.port} (https_proxy) requires a user name and password (HTTP 407)`,
  );
});

test('a proxy that is not there: nothing was sent', async t => {
  const server = createTcp();
  const port = await listen(t, server);
  await new Promise(resolve => server.close(resolve));
  const error = await failureOf(send(through(t, { HTTPS_PROXY: `http://me:${CANARY}@127.0.0.1:${port}` })));
  assert.deepEqual([error.code, error.sent, error.isLasting], ['ProxyUnreachable', false, false]);
  assert.equal(
    error.message,
    `the proxy http://me:***@127.0.0.1:${port} (HTTPS_PROXY) cannot be reached: nothing is listening there (connection refused)`,
  );
});

test('a proxy whose name does not exist: nothing was sent', async t => {
  const error = await failureOf(send(through(t, { HTTPS_PROXY: 'http://proxy.invalid:3128' })));
  assert.deepEqual([error.code, error.sent], ['ProxyUnreachable', false]);
  assert.match(
    error.message,
    /^the proxy http:\/\/proxy\.invalid:3128 \(HTTPS_PROXY\) cannot be reached: the host name /,
  );
});

test('a proxy that never answers is left when a connection takes too long: nothing was sent', async t => {
  let heard: () => void;
  const isAsked = new Promise<void>(resolve => {
    heard = resolve;
  });
  const proxy = await proxied(t, { instead: () => heard() });
  const transport = through(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const failing = failureOf(send(transport));
  await isAsked;
  for (let second = 0; second < 6; second += 1) t.mock.timers.tick(1000);
  const error = await failing;
  assert.deepEqual([error.code, error.sent], ['ProxyFailed', false]);
  assert.match(
    error.message,
    /^the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\) did not reply to CONNECT within 5 s$/,
  );
});

/** Takes connections and says nothing. */
const silent = (t: TestContext): Promise<number> => listen(t, createTcp());

type Hanging = readonly [
  what: string,
  proxyUrl: (t: TestContext) => Promise<string>,
  code: string,
  text: RegExp,
];

const urlOf = async (t: TestContext, options: ProxyOptions): Promise<string> =>
  `http${options.tls === undefined ? '' : 's'}://127.0.0.1:${(await proxied(t, options)).port}`;

/** Gives pieces of a reply to CONNECT, and then no more. */
const pausing = (text: string): Pick<ProxyOptions, 'instead'> => ({
  instead: socket => void socket.write(text),
});

/** Each of these would hang forever, and is left before a byte of the request has been written. */
const HANGING: readonly Hanging[] = [
  [
    'never answers CONNECT',
    t => urlOf(t, { instead: () => {} }),
    'ProxyFailed',
    /^the proxy \S+ \(HTTPS_PROXY\) did not reply to CONNECT/,
  ],
  [
    'answers half of CONNECT',
    t => urlOf(t, pausing('HTTP/1.1 200 Connection esta')),
    'ProxyFailed',
    /^the proxy \S+ \(HTTPS_PROXY\) did not finish its reply to CONNECT/,
  ],
  [
    'opens a tunnel to a server that never speaks TLS',
    async t => {
      const port = await silent(t);
      return urlOf(t, { portOf: () => port });
    },
    'TlsTimeout',
    /^the proxy \S+ \(HTTPS_PROXY\) opened a tunnel, but the server did not finish the TLS handshake/,
  ],
  [
    'is one of TLS and never speaks it',
    async t => `https://127.0.0.1:${await silent(t)}`,
    'ProxyUnreachable',
    /^the proxy \S+ \(HTTPS_PROXY\) accepted the connection but did not finish the TLS handshake/,
  ],
  [
    'is one of TLS and never answers CONNECT',
    t => urlOf(t, { tls: made().good, instead: () => {} }),
    'ProxyFailed',
    /^the proxy \S+ \(HTTPS_PROXY\) did not reply to CONNECT/,
  ],
  [
    'is one of TLS and answers half of CONNECT',
    t => urlOf(t, { tls: made().good, ...pausing('HTTP/1.1 200 Connection esta') }),
    'ProxyFailed',
    /^the proxy \S+ \(HTTPS_PROXY\) did not finish its reply to CONNECT/,
  ],
  [
    'is one of TLS and opens a tunnel to a server that never speaks it',
    async t => {
      const port = await silent(t);
      return urlOf(t, { tls: made().good, portOf: () => port });
    },
    'TlsTimeout',
    /^the proxy \S+ \(HTTPS_PROXY\) opened a tunnel, but the server did not finish the TLS handshake/,
  ],
];

/** Real time, for what only a clock can end: enough for the certificates, and less than a connection gets. Milliseconds. */
const SOON = 600;

for (const [what, proxyUrl, code, text] of HANGING) {
  test(`a proxy that ${what} is left when the time is up: nothing was sent`, { skip }, async t => {
    trusting(t);
    const transport = through(t, { HTTPS_PROXY: await proxyUrl(t) });
    const error = await failureOf(send(transport, HOST, SOON));
    assert.deepEqual([error.code, error.sent], [code, false]);
    assert.match(error.message, text);
    assert.match(error.message, / within 0\.6 s$/);
  });

  test(`a proxy that ${what} is left when the program is told to end: nothing was sent`, {
    skip,
  }, async t => {
    trusting(t);
    const transport = through(t, { HTTPS_PROXY: await proxyUrl(t) });
    const ending = new AbortController();
    setTimeout(() => ending.abort(), SOON);
    const error = await failureOf(
      transport.send(requestTo(), { timeoutMs: LONG_ENOUGH, signal: ending.signal }),
    );
    assert.deepEqual([error.code, error.sent], ['Stopped', false]);
    assert.match(error.message.replace(/^stopped before it was sent: /, ''), text);
  });
}

test('the connection to a proxy that never answers is closed with the request', async t => {
  let closed: () => void;
  const isClosed = new Promise<void>(resolve => {
    closed = resolve;
  });
  const proxy = await proxied(t, { instead: socket => void socket.resume().once('end', () => closed()) });
  await failureOf(send(through(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }), HOST, SOON));
  await isClosed;
});

test('a proxy of plain http that never answers has the request: it may have passed it on', async t => {
  const transport = through(t, { HTTP_PROXY: `http://127.0.0.1:${await silent(t)}` });
  const request = requestTo('metering.test');
  request.protocol = 'http:';
  const error = await failureOf(transport.send(request, { timeoutMs: SOON }));
  assert.deepEqual([error.code, error.sent, error.message], ['Timeout', true, 'no reply within 0.6 s']);
});

test('a server behind a proxy that answers nothing may have acted', { skip }, async t => {
  trusting(t);
  const port = await listen(
    t,
    createHttps(made().aws, () => {}),
  );
  const proxy = await proxied(t, { portOf: () => port });
  const error = await failureOf(
    send(through(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }), HOST, SOON),
  );
  assert.deepEqual([error.code, error.sent], ['Timeout', true]);
});

type BadCertificate = 'expired' | 'stranger' | 'other host';

const DISTRUSTED: readonly (readonly [what: BadCertificate, code: RegExp])[] = [
  ['expired', /^CERT_HAS_EXPIRED$/],
  ['stranger', /^DEPTH_ZERO_SELF_SIGNED_CERT$/],
  ['other host', /^ERR_TLS_CERT_ALTNAME_INVALID$/],
];

for (const [what, code] of DISTRUSTED) {
  test(`behind a proxy a certificate is checked as well (${what}): nothing was sent`, { skip }, async t => {
    const { awsExpired, selfSigned, good } = made();
    const certificate = { expired: awsExpired, stranger: selfSigned, 'other host': good }[what];
    const { port, requests } = await aws(t, certificate);
    const proxy = await proxied(t, { portOf: () => port });
    const error = await failureOf(send(through(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })));
    assert.match(error.code, code);
    assert.deepEqual([error.sent, error.isLasting], [false, true]);
    assert.match(error.message, /certificate is not trusted: .* \(through the proxy http:\/\/127\.0\.0\.1:/);
    assert.deepEqual(requests, []);
  });
}

test('a tunnel that breaks after the request left: AWS may have acted on it', { skip }, async t => {
  trusting(t);
  const server = createHttps(made().aws, request => request.socket.destroy());
  const port = await listen(t, server);
  const proxy = await proxied(t, { portOf: () => port });
  const error = await failureOf(send(through(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })));
  assert.deepEqual([error.code, error.sent], ['ECONNRESET', true]);
});

test('a proxy that fails once and then works needs no new transport', { skip }, async t => {
  const { port } = await aws(t);
  let ways = 0;
  const proxy = await proxied(t, { portOf: () => (++ways === 1 ? undefined : port) });
  const transport = through(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  assert.equal((await failureOf(send(transport))).code, 'ProxyFailed');
  assert.equal((await send(transport)).body, '{}');
});

test('each host has its own way in one transport', { skip }, async t => {
  const { port } = await aws(t);
  const proxy = await proxied(t, { portOf: () => port });
  const transport = through(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '.invalid' });
  assert.equal((await send(transport)).body, '{}');
  await failureOf(send(transport, 'metering.invalid'));
  assert.equal((await send(transport, 'sts.us-east-1.amazonaws.com')).body, '{}');
  assert.deepEqual(proxy.asked, [`${HOST}:443`, 'sts.us-east-1.amazonaws.com:443']);
});

test('only the authorities of a bundle are trusted, and an error names it', { skip }, async t => {
  const { port } = await aws(t, made().selfSigned);
  const bundle = { path: '/etc/corp.pem', source: 'AWS_CA_BUNDLE' };
  const transport = createTransport(undefined, networkIn({}, bundle));
  t.after(transport.close);
  const request = requestTo('127.0.0.1');
  request.port = port;
  const error = await failureOf(transport.send(request, { timeoutMs: LONG_ENOUGH }));
  assert.match(error.message, /; only the authorities in \/etc\/corp\.pem \(AWS_CA_BUNDLE\) are trusted$/);
  assert.equal(error.sent, false);
});

describe('a bundle is trusted', { skip }, () => {
  const bundle = { path: '/etc/corp.pem', source: 'AWS_CA_BUNDLE' };
  const counting = (t: TestContext, env: Record<string, string>) => {
    const count = { calls: 0 };
    const transport = createTransport(
      undefined,
      networkIn(env, bundle, () => {
        count.calls += 1;
      }),
    );
    t.after(transport.close);
    return { count, transport };
  };

  test('before a connection with TLS, and not for plain http', async t => {
    const { port } = await aws(t);
    const { count, transport } = counting(t, {});
    const plain = requestTo('127.0.0.1');
    plain.protocol = 'http:';
    plain.port = port;
    await failureOf(transport.send(plain, { timeoutMs: LONG_ENOUGH }));
    assert.equal(count.calls, 0);
    const secure = requestTo('127.0.0.1');
    secure.port = port;
    await failureOf(transport.send(secure, { timeoutMs: LONG_ENOUGH }));
    assert.equal(count.calls, 1);
  });

  test('before plain http goes to a proxy with TLS', async t => {
    const { count, transport } = counting(t, { HTTP_PROXY: 'https://127.0.0.1:1' });
    const plain = requestTo('metering.invalid');
    plain.protocol = 'http:';
    await failureOf(transport.send(plain, { timeoutMs: LONG_ENOUGH }));
    assert.equal(count.calls, 1);
  });

  test('or else nothing is sent, and the error is that of the bundle', async t => {
    const damaged = new UsageError('AWS_CA_BUNDLE: the certificate in /etc/corp.pem is damaged', 'fix it');
    const transport = createTransport(
      undefined,
      networkIn({}, bundle, () => {
        throw damaged;
      }),
    );
    t.after(transport.close);
    await assert.rejects(transport.send(requestTo('127.0.0.1'), { timeoutMs: LONG_ENOUGH }), damaged);
  });
});
