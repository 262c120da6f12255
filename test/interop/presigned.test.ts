import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { called, callHeaders, type RawRequest, send, startTestEmulator } from '../emulator/setup.ts';
import { askPython, withoutModules } from './python.ts';

const skip = withoutModules('botocore');

const BODY = '{"UsageRecords":[]}';

type Extra = { readonly sessionToken?: string; readonly path?: string; readonly expires?: number };

/**
 * A request presigned by botocore. It would move a JSON body into the query, so it only gets the hash, in the header that
 * AWS has for it.
 */
const presign = async (emulator: Emulator, extra: Extra = {}): Promise<RawRequest> => {
  const { path = '/', expires = 60, sessionToken } = extra;
  const headers = { ...callHeaders('BatchMeterUsage'), 'X-Amz-Content-SHA256': hash('sha256', BODY) };
  const input = {
    ...KEY_PAIR,
    ...(sessionToken !== undefined && { sessionToken }),
    url: `${emulator.url}${path}`,
    headers,
    region: 'eu-west-1',
    expires,
  };
  const { url, headers: signed } = (await askPython('presign_witness', {}, input)) as {
    url: string;
    headers: Record<string, string>;
  };
  return { path: url.slice(emulator.url.length), headers: signed, body: BODY };
};

/** botocore signs with the current time. */
const start = (t: TestContext): Promise<Emulator> => startTestEmulator(t, { now: () => new Date() });

describe('a request presigned by botocore', { skip }, () => {
  const accepted: readonly (readonly [string, Extra])[] = [
    ['as it is', {}],
    ['with a session token', { sessionToken: 'AQoDYXdzEPT//////////wEXAMPLE+/==' }],
    ['with parameters of its own', { path: '/?b=2&a=%2F%20x%2By' }],
    ['for a week', { expires: 604_800 }],
  ];
  for (const [how, extra] of accepted) {
    it(`is accepted ${how}`, async t => {
      const emulator = await start(t);
      const { status, message } = called(await send(emulator.url, await presign(emulator, extra)));
      assert.equal(status, 200, message);
    });
  }

  const refused: readonly (readonly [string, Extra, (request: RawRequest) => RawRequest, string])[] = [
    ['another body', {}, request => ({ ...request, body: `${BODY} ` }), 'InvalidSignatureException'],
    [
      'another parameter',
      {},
      request => ({ ...request, path: `${request.path}&a=1` }),
      'InvalidSignatureException',
    ],
    ['too long a life', { expires: 604_801 }, request => request, 'IncompleteSignatureException'],
    [
      'another token',
      { sessionToken: 'token' },
      request => ({ ...request, path: request.path?.replace('=token', '=taken') ?? '' }),
      'InvalidSignatureException',
    ],
  ];
  for (const [what, extra, change, error] of refused) {
    it(`is refused with ${what}`, async t => {
      const emulator = await start(t);
      const request = change(await presign(emulator, extra));
      assert.equal(called(await send(emulator.url, request)).error, error);
    });
  }
});
