import { request as httpRequest } from 'node:http';
import type { TestContext } from 'node:test';
import { MarketplaceMeteringClient } from '@aws-sdk/client-marketplace-metering';
import type { Emulator, EmulatorOptions } from '../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { type Operation, SERVICE, targetOf } from '../../src/usage/wire.ts';

export const NOW = new Date('2026-11-22T10:30:00.000Z');

/** Epoch seconds of an instant. */
export const seconds = (instant: string): number => Date.parse(instant) / 1000;

/** An emulator on a free port whose clock stands at NOW and whose ids count upwards. */
export const startTestEmulator = async (
  t: TestContext,
  options: Partial<EmulatorOptions> = {},
): Promise<Emulator> => {
  let ids = 0;
  const emulator = await startEmulator({
    port: 0,
    now: () => NOW,
    uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    window: 'on',
    signatures: 'verify',
    ...options,
  });
  t.after(emulator.close);
  return emulator;
};

/** AWS's own client, at the emulator's time, trying everything once. */
export const awsClient = (
  t: TestContext,
  emulator: Emulator,
  region = 'us-east-1',
): MarketplaceMeteringClient => {
  const client = new MarketplaceMeteringClient({
    endpoint: emulator.url,
    region,
    credentials: { ...KEY_PAIR }, // the client writes into it
    maxAttempts: 1,
    systemClockOffset: NOW.getTime() - Date.now(),
  });
  t.after(() => client.destroy());
  return client;
};

export type RawRequest = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
};

export type RawReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

/** Sends exactly this, on a connection of its own. */
export const send = (
  url: string,
  { method = 'POST', path = '/', headers, body }: RawRequest,
): Promise<RawReply> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(
      new URL(url),
      { method, path, headers: { ...headers }, agent: false },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });

/** The headers of an unsigned call. */
export const callHeaders = (operation: Operation): Record<string, string> => ({
  'content-type': SERVICE.contentType,
  'x-amz-target': targetOf(operation),
});

export type Called = {
  readonly status: number;
  /** The name without its namespace; undefined for a result. */
  readonly error: string | undefined;
  readonly message: string | undefined;
  readonly output: Record<string, unknown>;
};

/** Calls an emulator that skips signatures. A body that is no text is sent as JSON. */
export const call = async (emulator: Emulator, operation: Operation, input: unknown): Promise<Called> => {
  const body = typeof input === 'string' || input instanceof Uint8Array ? input : JSON.stringify(input);
  return called(await send(emulator.url, { headers: callHeaders(operation), body }));
};

export const called = ({ status, text }: RawReply): Called => {
  const output = JSON.parse(text) as Record<string, unknown>;
  const type = output.__type as string | undefined;
  return { status, error: type?.split('#')[1], message: output.message as string | undefined, output };
};
