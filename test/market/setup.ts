import type { HttpRequest } from '@smithy/core/protocols';
import { createCaller, type ServiceCaller } from '../../src/metering/client.ts';
import { fixedCredentials } from '../../src/metering/credentials.ts';
import type { Protocol } from '../../src/metering/protocol.ts';
import { createSigner } from '../../src/metering/sign.ts';
import type { HttpReply } from '../../src/metering/transport.ts';
import { testWorld } from '../helpers/world.ts';
import { DESTINATION, IDENTITY } from '../metering/setup.ts';

/** A caller whose requests get these replies in turn; the last one again and again. */
export const callerWith = <In, Out>(
  protocol: Protocol<In, Out>,
  replies: readonly HttpReply[],
  path = '/',
) => {
  const world = testWorld();
  const sent: { readonly request: HttpRequest; readonly atMs: number }[] = [];
  const caller: ServiceCaller<In, Out> = createCaller(protocol, {
    destination: { ...DESTINATION, url: new URL(`https://market.example.com${path}`) },
    transport: {
      send: async request => {
        sent.push({ request, atMs: world.monotonic() });
        const reply = replies[sent.length - 1] ?? replies.at(-1);
        if (reply === undefined) throw new Error('no reply');
        return reply;
      },
      close: () => {},
    },
    sign: createSigner({ region: 'us-east-1', credentials: async () => IDENTITY }),
    credentials: fixedCredentials(IDENTITY),
    world,
    trace: undefined,
    onClockSet: () => {},
  });
  return { caller, world, sent, giveUpAfterMs: 60_000 };
};

/** The items, and the error that ended them. */
export const taken = async <T>(items: AsyncIterable<T>): Promise<{ found: T[]; error: unknown }> => {
  const found: T[] = [];
  try {
    for await (const item of items) found.push(item);
  } catch (error) {
    return { found, error };
  }
  return { found, error: undefined };
};
