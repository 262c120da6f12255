import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkError } from '../../src/metering/network-error.ts';
import { createOutageDetector } from '../../src/metering/outage.ts';
import { awsError } from './setup.ts';

const REFUSED = new NetworkError('nothing is listening there', { code: 'ECONNREFUSED', sent: false });
const SILENT = new NetworkError('no answer', { code: 'Timeout', sent: true });
const NO_TLS = new NetworkError('no TLS handshake', { code: 'TlsTimeout', sent: false });
const THROTTLED = awsError('ThrottlingException');

type Attempt = readonly [reply: typeof REFUSED | typeof THROTTLED, atSeconds: number];

for (const [what, attempts, isLasting] of [
  [
    'an endpoint that refuses for a minute',
    [
      [REFUSED, 0],
      [REFUSED, 30],
      [REFUSED, 60],
    ],
    true,
  ],
  [
    'an endpoint that refuses for less',
    [
      [REFUSED, 0],
      [REFUSED, 59],
    ],
    false,
  ],
  [
    'an endpoint that answered once and refuses since',
    [
      [THROTTLED, 0],
      [REFUSED, 300],
    ],
    false,
  ],
  ['one that is silent six times', Array.from({ length: 6 }, (_, at): Attempt => [SILENT, at * 31]), true],
  ['one that is silent five times', Array.from({ length: 5 }, (_, at): Attempt => [SILENT, at * 31]), false],
  [
    'one that never finishes the TLS handshake, for a minute,',
    [
      [NO_TLS, 30],
      [NO_TLS, 61],
    ],
    true,
  ],
  ['one that never finishes the TLS handshake, once,', [[NO_TLS, 30]], false],
  [
    'one that answered once and has not finished six TLS handshakes since',
    [[THROTTLED, 0], ...Array.from({ length: 6 }, (_, at): Attempt => [NO_TLS, at * 31])],
    true,
  ],
  [
    'one that throttles for half an hour',
    [
      [THROTTLED, 0],
      [THROTTLED, 1800],
    ],
    false,
  ],
] as const satisfies readonly (readonly [string, readonly Attempt[], boolean])[]) {
  test(`${what} is ${isLasting ? '' : 'not '}given up before its time`, () => {
    const outage = createOutageDetector(0);
    for (const [reply, atSeconds] of attempts) outage.note(reply, atSeconds * 1000);
    assert.equal(outage.isLasting(), isLasting);
  });
}
