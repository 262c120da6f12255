import assert from 'node:assert/strict';
import dns from 'node:dns';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { HttpRequest } from '@smithy/core/protocols';
import { fromNode } from '../../src/metering/network-causes.ts';
import { NetworkError } from '../../src/metering/network-error.ts';
import { createTransport, type Transport } from '../../src/metering/transport.ts';
import { makeCertificates } from './certificates.ts';

/** In every request that a test sends; in no error that comes of it. */
const CANARY = 'IQoJb3JpZ2luX2VjEJrCANARY';

/** Real time, for what only a clock can end. Milliseconds. */
const SOON = 150;
const LONG_ENOUGH = 20_000;

const BODY = JSON.stringify({ ProductCode: '4ml54db8vrmjuykaw1psroool', Dimension: 'Nutzer für 2 €' });

/** Starts a server, and ends it and its connections with the test. Gives its port. */
const listen = async (t: TestContext, server: Server, host = '127.0.0.1'): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const transportOf = (t: TestContext): Transport => {
  const transport = createTransport();
  t.after(transport.close);
  return transport;
};

const requestTo = (url: string, headers: Record<string, string> = {}): HttpRequest => {
  const { protocol, hostname, port, pathname, host } = new URL(url);
  return new HttpRequest({
    method: 'POST',
    protocol,
    hostname,
    port: Number(port),
    path: pathname,
    headers: {
      host,
      'content-length': String(Buffer.byteLength(BODY)),
      'x-amz-security-token': CANARY,
      ...headers,
    },
    body: BODY,
  });
};

const send = (t: TestContext, url: string, timeoutMs = LONG_ENOUGH, signal?: AbortSignal) =>
  transportOf(t).send(requestTo(url), { timeoutMs, signal });

/** The failure of a request, which must keep its secrets. */
const failureOf = async (sending: Promise<unknown>): Promise<NetworkError> => {
  const error = await sending.then(
    reply => assert.fail(`there was a reply: ${inspect(reply)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof NetworkError, inspect(error));
  assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(CANARY));
  return error;
};

/** Answers what it hears with these bytes, piece by piece; then, unless it is kept, ends the connection. */
const saying = (pieces: readonly (string | Uint8Array)[], afterwards: 'end' | 'keep' | 'reset' = 'end') =>
  createTcp({ noDelay: true }, socket => {
    socket.once('data', async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        await new Promise(resolve => socket.write(piece, resolve));
      }
      if (afterwards === 'end') socket.end();
      if (afterwards === 'reset') socket.resetAndDestroy();
    });
  });

const web = (listener: RequestListener) => createHttp(listener);

const REPLY = 'HTTP/1.1 200 OK\r\nX-Amzn-RequestId: 1111\r\nContent-Length: ';

test('a request arrives as it was made, and its reply comes back whole', async t => {
  let seen: unknown;
  const port = await listen(
    t,
    web((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        seen = {
          method,
          url,
          token: headers['x-amz-security-token'],
          body: Buffer.concat(chunks).toString(),
        };
        response.writeHead(200, { 'X-Amzn-RequestId': '1111', 'Content-Type': 'application/x-amz-json-1.1' });
        response.end('{"Text":"für 2 €"}');
      });
    }),
  );
  const reply = await send(t, `http://127.0.0.1:${port}/base`);
  assert.deepEqual(seen, { method: 'POST', url: '/base', token: CANARY, body: BODY });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['x-amzn-requestid'], '1111');
  assert.equal(reply.headers['content-type'], 'application/x-amz-json-1.1');
  assert.equal(reply.body, '{"Text":"für 2 €"}');
});

test('a connection is used again, and closed with the transport', async t => {
  const server = web((request, response) => request.resume().on('end', () => response.end('{}')));
  let connections = 0;
  const closed = new Promise<void>(resolve => {
    server.on('connection', socket => {
      connections += 1;
      socket.on('close', () => resolve());
    });
  });
  const port = await listen(t, server);
  const transport = createTransport();
  for (let round = 0; round < 3; round += 1) {
    await transport.send(requestTo(`http://127.0.0.1:${port}/`), { timeoutMs: LONG_ENOUGH });
  }
  assert.equal(connections, 1);
  transport.close();
  await closed;
});

for (const status of [201, 204, 400, 403, 429, 500, 503]) {
  test(`HTTP ${status} is a reply, not an error`, async t => {
    const port = await listen(
      t,
      web((_request, response) => response.writeHead(status).end()),
    );
    assert.equal((await send(t, `http://127.0.0.1:${port}/`)).status, status);
  });
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`a redirect (${status}) is not followed: it would carry the session token elsewhere`, async t => {
    let followed = 0;
    const other = await listen(
      t,
      web((_request, response) => response.end(String(++followed))),
    );
    const location = `http://127.0.0.1:${other}/`;
    const port = await listen(
      t,
      web((_request, response) => response.writeHead(status, { location }).end()),
    );
    const reply = await send(t, `http://127.0.0.1:${port}/`);
    assert.equal(reply.status, status);
    assert.equal(reply.headers.location, location);
    assert.equal(followed, 0);
  });
}

test('a reply in pieces of one byte, cut inside a character and a header, is whole', async t => {
  const text = '{"Dimension":"für 2 € 👍"}';
  const bytes = Buffer.from(`${REPLY}${Buffer.byteLength(text)}\r\n\r\n${text}`);
  const port = await listen(t, saying([...bytes].map(byte => Uint8Array.of(byte))));
  const reply = await send(t, `http://127.0.0.1:${port}/`);
  assert.equal(reply.body, text);
  assert.equal(reply.headers['x-amzn-requestid'], '1111');
});

test('early hints before the reply are passed over', async t => {
  const port = await listen(t, saying([`HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${REPLY}2\r\n\r\n{}`]));
  assert.equal((await send(t, `http://127.0.0.1:${port}/`)).body, '{}');
});

const UNREADABLE: readonly (readonly [what: string, body: Uint8Array, headers: Record<string, string>])[] = [
  ['compressed', gzipSync('{"Results":[]}'), { 'content-encoding': 'gzip' }],
  ['in another encoding', Buffer.from('{"Text":"für"}', 'latin1'), {}],
  ['with half a character', Buffer.from('{"Text":"€').subarray(0, -1), {}],
  ['of zeros that compress well', gzipSync(Buffer.alloc(100_000_000)), { 'content-encoding': 'gzip' }],
];

for (const [what, body, headers] of UNREADABLE) {
  test(`a reply ${what} reads as none, with its status`, async t => {
    const port = await listen(
      t,
      web((_request, response) => response.writeHead(502, headers).end(body)),
    );
    const reply = await send(t, `http://127.0.0.1:${port}/`);
    assert.deepEqual([reply.status, reply.body], [502, '']);
  });
}

const LIMIT = 4_000_000;

test('a reply of 4 MB is read', async t => {
  const port = await listen(
    t,
    web((_request, response) => response.end('x'.repeat(LIMIT))),
  );
  assert.equal((await send(t, `http://127.0.0.1:${port}/`)).body.length, LIMIT);
});

test('a reply of one byte more is refused', async t => {
  const port = await listen(
    t,
    web((_request, response) => response.end('x'.repeat(LIMIT + 1))),
  );
  const { code, sent } = await failureOf(send(t, `http://127.0.0.1:${port}/`));
  assert.deepEqual({ code, sent }, { code: 'ReplyTooLarge', sent: true });
});

test('a reply without end is cut at the limit, and its connection with it', async t => {
  let written = 0;
  let cut: () => void;
  const isCut = new Promise<void>(resolve => {
    cut = resolve;
  });
  const chunk = Buffer.alloc(64_000, 'x');
  const port = await listen(
    t,
    web((_request, response) => {
      const more = (): void => {
        written += chunk.length;
        if (!response.destroyed) response.write(chunk, () => setImmediate(more));
      };
      response.on('close', () => cut());
      more();
    }),
  );
  const { code } = await failureOf(send(t, `http://127.0.0.1:${port}/`));
  assert.equal(code, 'ReplyTooLarge');
  await isCut;
  assert.ok(written < 100 * LIMIT);
});

/** T11: each of these would hang forever. */
const SLOW: readonly (readonly [what: string, server: () => Server])[] = [
  ['says nothing', () => createTcp(() => {})],
  ['reads nothing', () => createTcp(socket => socket.pause())],
  ['stops inside the headers', () => saying(['HTTP/1.1 200 OK\r\nX-Amzn-'], 'keep')],
  ['stops behind the headers', () => saying([`${REPLY}10\r\n\r\n`], 'keep')],
  ['stops inside the body', () => saying([`${REPLY}10\r\n\r\n{"Res`], 'keep')],
  [
    'drips',
    () =>
      web((_request, response) => {
        const drip = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(drip));
      }),
  ],
];

for (const [what, server] of SLOW) {
  test(`a server that ${what} is left when the time is up, and may have acted`, async t => {
    const abandoning = new AbortController();
    const port = await listen(t, server());
    const { code, sent, message } = await failureOf(
      send(t, `http://127.0.0.1:${port}/`, SOON, abandoning.signal),
    );
    assert.deepEqual(
      { code, sent, message },
      { code: 'Timeout', sent: true, message: 'no reply within 0.2 s' },
    );
  });

  test(`a server that ${what} is left when the program is told to end`, async t => {
    const abandoning = new AbortController();
    const busy = server();
    busy.on('connection', () => setTimeout(() => abandoning.abort(), 30));
    const port = await listen(t, busy);
    const { code, sent } = await failureOf(
      send(t, `http://127.0.0.1:${port}/`, LONG_ENOUGH, abandoning.signal),
    );
    assert.deepEqual({ code, sent }, { code: 'Stopped', sent: true });
  });
}

test('what is stopped before it begins opens no connection', async t => {
  const server = web((_request, response) => response.end('{}'));
  server.on('connection', () => assert.fail('connected'));
  const port = await listen(t, server);
  const { code, sent } = await failureOf(
    send(t, `http://127.0.0.1:${port}/`, LONG_ENOUGH, AbortSignal.abort()),
  );
  assert.deepEqual({ code, sent }, { code: 'Stopped', sent: false });
});

/** T3: the request left, and no whole answer came. */
const CUT: readonly (readonly [what: string, server: () => Server, code: RegExp])[] = [
  ['closes without a word', () => saying([]), /^ECONNRESET$/],
  ['resets without a word', () => saying([], 'reset'), /^ECONNRESET$/],
  ['closes inside the headers', () => saying(['HTTP/1.1 200 OK\r\nX-Amzn-']), /^ECONNRESET$/],
  ['closes inside the body', () => saying([`${REPLY}100\r\n\r\n{"Results":[`]), /^ECONNRESET$/],
  ['resets inside the body', () => saying([`${REPLY}100\r\n\r\n{"Results":[`], 'reset'), /^ECONNRESET$/],
  [
    'closes inside a chunk',
    () => saying(['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"Results":[']),
    /^ECONNRESET$/,
  ],
  ['speaks another protocol', () => saying(['SSH-2.0-OpenSSH_9.9\r\n']), /^HPE_/],
  [
    'sends headers without end',
    () => saying(['HTTP/1.1 200 OK\r\n', 'X: y\r\n'.repeat(20_000)]),
    /^HPE_HEADER_OVERFLOW$/,
  ],
];

for (const [what, server, expected] of CUT) {
  test(`a server that ${what} may have acted`, async t => {
    const port = await listen(t, server());
    const { code, sent, message } = await failureOf(send(t, `http://127.0.0.1:${port}/`));
    assert.match(code, expected);
    assert.equal(sent, true);
    assert.match(message, /^[\x20-\x7e]+$/);
  });
}

test('where nothing listens nothing was sent', async t => {
  const server = createTcp();
  const port = await listen(t, server);
  await new Promise(resolve => server.close(resolve));
  const { code, sent, message } = await failureOf(send(t, `http://127.0.0.1:${port}/`));
  assert.deepEqual(
    { code, sent, message },
    { code: 'ECONNREFUSED', sent: false, message: 'nothing is listening there (connection refused)' },
  );
});

type Answer = (error: NodeJS.ErrnoException | null, addresses: { address: string; family: number }[]) => void;

/** Names are looked up here instead of by the machine. */
const lookingUp = (t: TestContext, answer: (callback: Answer) => void): void => {
  t.mock.method(dns, 'lookup', (_name: string, _options: unknown, callback: Answer) => answer(callback));
};

test('where none of the addresses of a name listens nothing was sent', async t => {
  const server = createTcp();
  const port = await listen(t, server);
  await new Promise(resolve => server.close(resolve));
  lookingUp(t, callback =>
    callback(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ]),
  );
  const { code, sent, message } = await failureOf(send(t, `http://metering.test:${port}/`));
  assert.deepEqual(
    { code, sent, message },
    { code: 'ECONNREFUSED', sent: false, message: 'nothing is listening there (connection refused)' },
  );
});

for (const [code, text] of [
  ['ENOTFOUND', 'the host name does not exist'],
  ['EAI_AGAIN', 'the host name could not be looked up'],
] as const) {
  test(`a name that is not found (${code}) was sent nothing`, async t => {
    lookingUp(t, callback =>
      callback(Object.assign(new Error(`getaddrinfo ${code}`), { code, syscall: 'getaddrinfo' }), []),
    );
    const { code: found, sent, message } = await failureOf(send(t, 'http://metering.test:80/'));
    assert.deepEqual({ found, sent, message }, { found: code, sent: false, message: text });
  });
}

test('a name that fails once and then works needs no new transport', async t => {
  const port = await listen(
    t,
    web((_request, response) => response.end('{}')),
  );
  const transport = transportOf(t);
  let fails = true;
  lookingUp(t, callback =>
    fails
      ? callback(Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }), [])
      : callback(null, [{ address: '127.0.0.1', family: 4 }]),
  );
  const request = requestTo(`http://metering.test:${port}/`);
  await failureOf(transport.send(request, { timeoutMs: LONG_ENOUGH }));
  fails = false;
  assert.equal((await transport.send(request, { timeoutMs: LONG_ENOUGH })).body, '{}');
});

test('a name whose look-up hangs was sent nothing, and the message says so', async t => {
  lookingUp(t, () => {});
  for (const stop of [undefined, new AbortController()]) {
    if (stop !== undefined) setTimeout(() => stop.abort(), SOON);
    const limit = stop === undefined ? SOON : LONG_ENOUGH;
    const { code, sent, message } = await failureOf(send(t, 'https://metering.test/', limit, stop?.signal));
    assert.equal(sent, false);
    assert.deepEqual(
      [code, message],
      stop === undefined
        ? ['ConnectTimeout', 'the host name was not found within 0.2 s']
        : ['Stopped', 'stopped before it was sent: the host name was not found'],
    );
  }
});

/** Documentation addresses are routed nowhere. Where this machine says so at once, there is nothing to wait for. */
test('an address that does not answer was sent nothing', async t => {
  const { code, sent, message } = await failureOf(send(t, 'https://192.0.2.1/', SOON));
  assert.equal(sent, false);
  if (code === 'ConnectTimeout') assert.equal(message, 'no connection within 0.2 s');
});

for (const [what, server] of [
  ['accepts the connection and never speaks TLS', () => createTcp()],
  ['begins the TLS handshake and never ends it', () => saying([Uint8Array.of(0x16, 3, 3, 0, 0x7a)], 'keep')],
] as const) {
  test(`a server that ${what} was sent nothing, and the message says so`, async t => {
    const port = await listen(t, server());
    const { code, sent, message } = await failureOf(send(t, `https://127.0.0.1:${port}/`, SOON));
    assert.deepEqual([code, sent], ['TlsTimeout', false]);
    assert.equal(
      message,
      'the server accepted the connection but did not finish the TLS handshake within 0.2 s',
    );
    const stop = new AbortController();
    setTimeout(() => stop.abort(), SOON);
    const stopped = await failureOf(send(t, `https://127.0.0.1:${port}/`, LONG_ENOUGH, stop.signal));
    assert.deepEqual([stopped.code, stopped.sent], ['Stopped', false]);
    assert.match(stopped.message, /^stopped before it was sent: the server accepted the connection /);
  });
}

test('a server that resets in the handshake was sent nothing', async t => {
  const port = await listen(
    t,
    createTcp(socket => socket.once('data', () => socket.resetAndDestroy())),
  );
  const { code, sent, message } = await failureOf(send(t, `https://127.0.0.1:${port}/`));
  assert.deepEqual([code, sent], ['ECONNRESET', false]);
  assert.equal(message, 'the connection was closed before TLS was established');
});

test('a request on a connection that is used again counts as written at once', async t => {
  let answers = 1;
  const port = await listen(
    t,
    web((request, response) => request.resume().on('end', () => answers-- > 0 && response.end('{}'))),
  );
  const transport = transportOf(t);
  const url = `http://127.0.0.1:${port}/`;
  await transport.send(requestTo(url), { timeoutMs: LONG_ENOUGH });
  const { code, sent } = await failureOf(transport.send(requestTo(url), { timeoutMs: SOON }));
  assert.deepEqual([code, sent], ['Timeout', true]);
});

test('a request that waits for a connection, because too many are open, was not sent', async t => {
  let arrived = 0;
  const port = await listen(
    t,
    web(() => {
      arrived += 1;
    }),
  );
  const transport = transportOf(t);
  const stop = new AbortController();
  const requests = Array.from({ length: 60 }, () =>
    failureOf(
      transport.send(requestTo(`http://127.0.0.1:${port}/`), { timeoutMs: LONG_ENOUGH, signal: stop.signal }),
    ),
  );
  setTimeout(() => stop.abort(), 2 * SOON);
  const errors = await Promise.all(requests);
  const sent = errors.filter(error => error.sent);
  assert.ok(arrived <= sent.length, 'what arrived was sent');
  const waiting = errors.filter(error => !error.sent);
  assert.equal(waiting.length, 10);
  for (const { message } of waiting)
    assert.equal(message, 'stopped before it was sent: no connection was free');
});

test('an address of IPv6 is called without its brackets', async t => {
  const server = web((_request, response) => response.end('{}'));
  const port = await listen(t, server, '::1').catch(() => undefined);
  if (port === undefined) return t.skip('this machine has no ::1');
  assert.equal((await send(t, `http://[::1]:${port}/`)).body, '{}');
});

test('a header that cannot be written is a mistake of ours, not of the network', async t => {
  // The handler leaves its timers behind here, which would hold the test up.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const port = await listen(
    t,
    web(() => assert.fail('sent')),
  );
  const request = requestTo(`http://127.0.0.1:${port}/`, { 'x-amz-security-token': 'a\r\nb' });
  await assert.rejects(transportOf(t).send(request, { timeoutMs: LONG_ENOUGH }), TypeError);
});

const certificates = makeCertificates();
const skip = certificates === undefined && 'there is no openssl to make certificates';

type Made = NonNullable<typeof certificates>;

/** Trusts the authority of the test, for the length of one test. */
const trusting = (t: TestContext, { authority }: Made): void => {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, authority]);
  t.after(() => tls.setDefaultCACertificates(before));
};

test('a server with a trusted certificate is talked to', { skip }, async t => {
  const made = certificates as Made;
  trusting(t, made);
  const port = await listen(
    t,
    createHttps(made.good, (_request, response) => response.end('{}')),
  );
  assert.equal((await send(t, `https://127.0.0.1:${port}/`)).body, '{}');
});

type BadServer = readonly [
  what: string,
  server: (made: Made, onRequest: RequestListener) => Server,
  code: RegExp,
];

/** T15. */
const UNTRUSTED: readonly BadServer[] = [
  [
    'a certificate of its own',
    (made, on) => createHttps(made.selfSigned, on),
    /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
  ],
  ['an expired certificate', (made, on) => createHttps(made.expired, on), /^CERT_HAS_EXPIRED$/],
  [
    "another host's certificate",
    (made, on) => createHttps(made.misnamed, on),
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
  ],
  [
    'nothing newer than TLS 1.1',
    (made, on) =>
      createHttps(
        { ...made.good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
        on,
      ),
    /^EPROTO$/,
  ],
  ['no TLS at all', (_made, on) => createHttp(on), /^NotTls$/],
  ['another protocol', () => createTcp(socket => socket.write('SSH-2.0-OpenSSH_9.9\r\n')), /^NotTls$/],
  [
    'a demand for a client certificate',
    (made, on) => createHttps({ ...made.good, requestCert: true, ca: made.authority }, on),
    /^ClientCertificateRequired$/,
  ],
  [
    'a demand for a client certificate, in TLS 1.2',
    (made, on) =>
      createHttps({ ...made.good, requestCert: true, ca: made.authority, maxVersion: 'TLSv1.2' }, on),
    /^EPROTO$/,
  ],
  [
    'a connection that ends in the handshake',
    () => createTcp(socket => socket.once('data', () => socket.end())),
    /^ECONNRESET$/,
  ],
];

for (const [what, server, expected] of UNTRUSTED) {
  test(`a server with ${what} is sent nothing`, { skip }, async t => {
    const made = certificates as Made;
    trusting(t, made);
    const port = await listen(
      t,
      server(made, () => assert.fail('a request arrived')),
    );
    const { code, sent, message, isLasting } = await failureOf(send(t, `https://127.0.0.1:${port}/`));
    assert.match(code, expected);
    assert.equal(sent, false);
    assert.equal(isLasting, code !== 'ECONNRESET', 'no attempt would end otherwise');
    assert.match(
      message,
      /not trusted|the TLS connection failed: [A-Za-z0-9 ,]+$|closed before TLS was established|does not speak TLS|requires a client certificate/,
    );
  });
}

/** Speaks TLS, and cuts off whoever does not, without a word: some versions of OpenSSL send an alert first. */
const cutting = (certificate: Made['good']) => {
  const inner = createHttps(certificate, () => assert.fail('a request arrived'));
  return createTcp(socket => {
    socket.once('data', (first: Buffer) => {
      if (first[0] !== 0x16) return socket.destroy();
      socket.pause();
      socket.unshift(first);
      inner.emit('connection', socket);
    });
  });
};

for (const [what, server, isSent] of [
  ['that cuts', (made: Made) => cutting(made.good), true],
  ['with a certificate that nobody trusts', (made: Made) => cutting(made.selfSigned), true],
  ['that sends an alert', () => saying([Uint8Array.of(0x15, 3, 3, 0, 2, 2, 10)]), false],
] as const) {
  test(`plain http at a port of TLS ${what} is said; ${isSent ? 'a cut proves nothing' : 'nobody has read it'}`, {
    skip,
  }, async t => {
    const port = await listen(t, server(certificates as Made));
    const { code, sent, isLasting, message } = await failureOf(send(t, `http://127.0.0.1:${port}/`));
    assert.deepEqual([code, sent, isLasting], ['TlsExpected', isSent, true]);
    const why = isSent ? '; it closed the connection without a reply, but may have read the request' : '';
    assert.equal(message, `the server expects TLS at this port, but the URL uses http${why}`);
  });
}

test('a server that resets is asked once whether it speaks TLS, and what was sent to it stays sent', async t => {
  let connections = 0;
  const server = saying([], 'reset');
  server.on('connection', () => {
    connections += 1;
  });
  const port = await listen(t, server);
  const transport = transportOf(t);
  for (let round = 0; round < 3; round += 1) {
    const error = await failureOf(
      transport.send(requestTo(`http://127.0.0.1:${port}/`), { timeoutMs: LONG_ENOUGH }),
    );
    assert.deepEqual([error.code, error.sent, error.isLasting], ['ECONNRESET', true, false]);
  }
  assert.equal(connections, 4);
});

test('an alert about a client certificate on a connection that has answered before proves nothing', () => {
  const alert =
    'error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:x.c:9:SSL alert number 116';
  const error = Object.assign(new Error(alert), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' });
  const fresh = fromNode(error, { stage: 'response', isFresh: true });
  const used = fromNode(error, { stage: 'response', isFresh: false });
  assert.deepEqual([fresh.sent, used.sent, used.isLasting], [false, true, true]);
  const older = new Error(alert.replace('116', '42'));
  assert.equal(
    fromNode(older, { stage: 'response', isFresh: true }).sent,
    true,
    'TLS 1.2 may ask for one later',
  );
  assert.equal(fromNode(older, { stage: 'handshake', isFresh: true }).sent, false);
});

test('a server that took the request through TLS and is silent may have acted', { skip }, async t => {
  const made = certificates as Made;
  trusting(t, made);
  const port = await listen(
    t,
    createHttps(made.good, () => {}),
  );
  const { code, sent } = await failureOf(send(t, `https://127.0.0.1:${port}/`, 4 * SOON));
  assert.deepEqual([code, sent], ['Timeout', true]);
});

test('no variable of the environment switches the check of certificates off', { skip }, async t => {
  const made = certificates as Made;
  const name = 'NODE_TLS_REJECT_UNAUTHORIZED';
  const before = process.env[name];
  process.env[name] = '0';
  t.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
  const port = await listen(
    t,
    createHttps(made.selfSigned, () => assert.fail('a request arrived')),
  );
  const { code } = await failureOf(send(t, `https://127.0.0.1:${port}/`));
  assert.equal(code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
});

test('a request whose TLS breaks after it left may have been acted on', { skip }, async t => {
  const made = certificates as Made;
  trusting(t, made);
  let arrived = false;
  const inner = await listen(
    t,
    createHttps(made.good, (request, response) =>
      request.resume().on('end', () => {
        arrived = true;
        response.end('{}');
      }),
    ),
  );
  const spoiling = createTcp(near => {
    const far = connect(inner, '127.0.0.1');
    far.on('error', () => {});
    near.pipe(far);
    near.on('close', () => far.destroy());
    far.on('data', chunk => near.write(arrived ? chunk.map(byte => byte ^ 0x55) : chunk));
  });
  const port = await listen(t, spoiling);
  const { sent } = await failureOf(send(t, `https://127.0.0.1:${port}/`));
  assert.ok(arrived);
  assert.equal(sent, true);
});

test('no setting of Node brings TLS 1.1 back', { skip }, async t => {
  const made = certificates as Made;
  trusting(t, made);
  const before = { version: tls.DEFAULT_MIN_VERSION, ciphers: tls.DEFAULT_CIPHERS };
  tls.DEFAULT_MIN_VERSION = 'TLSv1';
  tls.DEFAULT_CIPHERS = 'DEFAULT@SECLEVEL=0';
  t.after(() => {
    tls.DEFAULT_MIN_VERSION = before.version;
    tls.DEFAULT_CIPHERS = before.ciphers;
  });
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const port = await listen(
    t,
    createHttps({ ...made.good, ...old }, () => assert.fail('a request arrived')),
  );
  const { code, sent } = await failureOf(send(t, `https://127.0.0.1:${port}/`));
  assert.deepEqual({ code, sent }, { code: 'EPROTO', sent: false });
});
