import type { TestContext } from 'node:test';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { CloudTrailEvent } from '../../../src/emulator/cloudtrail/cloudtrail-event.ts';
import { CLOUDTRAIL, type LookupInput, type LookupOutput } from '../../../src/emulator/cloudtrail/model.ts';
import type { Emulator, EmulatorOptions } from '../../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../../src/emulator/principal.ts';
import { type Called, called, NOW, send, startTestEmulator } from '../setup.ts';

export type EmulatorWithTrail = {
  readonly emulator: Emulator;
  /** Asks for events when CloudTrail's quota lets it: half a second of real time passes. */
  readonly lookUp: (input?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Called>;
  /** All that are found, over all pages, newest first. */
  readonly found: (input?: LookupInput) => Promise<readonly LookupOutput['Events'][number][]>;
  /** The events themselves of metering calls, oldest first. */
  readonly events: () => Promise<readonly CloudTrailEvent[]>;
  /** Real time passes; the service's clock stands still unless the options say otherwise. */
  readonly pass: (ms: number) => void;
};

/** An emulator that skips signatures, whose service's clock stands at NOW. */
export const startWithTrail = async (
  t: TestContext,
  options: Partial<EmulatorOptions> = {},
): Promise<EmulatorWithTrail> => {
  let real = NOW.getTime();
  const emulator = await startTestEmulator(t, {
    signatures: 'skip',
    clock: NOW,
    now: () => new Date(real),
    ...options,
  });
  const pass = (ms: number): void => {
    real += ms;
  };
  const lookUp = (input: unknown = {}, headers = {}) => {
    pass(500);
    return lookUpNow(emulator, input, headers);
  };
  const found = async (input: LookupInput = {}) => {
    const all: LookupOutput['Events'][number][] = [];
    let NextToken: string | undefined;
    do {
      const { output } = await lookUp({ ...input, ...(NextToken !== undefined && { NextToken }) });
      const page = output as LookupOutput;
      all.push(...page.Events);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return all;
  };
  const events = async () =>
    (await found())
      .filter(({ EventName }) => EventName !== 'LookupEvents')
      .map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent) as CloudTrailEvent)
      .reverse();
  return { emulator, lookUp, found, events, pass };
};

/** Asks for events at once. */
export const lookUpNow = async (
  emulator: Emulator,
  input: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Called> =>
  called(
    await send(emulator.url, {
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': CLOUDTRAIL.target,
        ...headers,
      },
      body: typeof input === 'string' ? input : JSON.stringify(input),
    }),
  );

/** Claims a key and a Region. */
export const claim = (accessKeyId: string, region: string): Readonly<Record<string, string>> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261122/${region}/cloudtrail/aws4_request, SignedHeaders=host, Signature=00`,
});

/** A look-up signed by AWS's signer at NOW. */
export const signedLookup = async (emulator: Emulator, service: string = CLOUDTRAIL.signingName) => {
  const url = new URL(emulator.url);
  const signer = new SignatureV4({ service, region: 'us-east-1', credentials: KEY_PAIR, sha256: Sha256 });
  const { headers } = await signer.sign(
    new HttpRequest({
      method: 'POST',
      hostname: url.hostname,
      port: Number(url.port),
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': CLOUDTRAIL.target,
      },
      body: '{}',
    }),
    { signingDate: NOW },
  );
  return lookUpNow(emulator, '{}', headers);
};
