import type { HttpRequest } from '@smithy/core/protocols';
import { type Client, type ClientParts, createClient } from '../../src/metering/client.ts';
import { type Credentials, fixedCredentials } from '../../src/metering/credentials.ts';
import type { Destination } from '../../src/metering/endpoint.ts';
import type { NetworkError } from '../../src/metering/network-error.ts';
import { createSigner } from '../../src/metering/sign.ts';
import type { WireEvent } from '../../src/metering/trace.ts';
import type { HttpReply, Transport } from '../../src/metering/transport.ts';
import { type Inputs, SERVICE } from '../../src/usage/wire.ts';
import { type TestWorld, testWorld } from '../helpers/world.ts';

export const REQUEST_ID = '11111111-2222-4333-8444-555555555555';

/** A reply as AWS gives it, with an id. */
export const awsReply = (body: unknown, different: Partial<HttpReply> = {}): HttpReply => ({
  status: 200,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...different,
  headers: {
    'content-type': SERVICE.contentType,
    'x-amzn-requestid': REQUEST_ID,
    ...different.headers,
  },
});

/** A refusal as AWS gives it. */
export const awsError = (code: string, message = '', different: Partial<HttpReply> = {}): HttpReply =>
  awsReply({ __type: `com.amazonaws.marketplacemetering#${code}`, message }, { status: 400, ...different });

/** What a gateway or a captive portal answers in AWS's place. */
export const pageOf = (status: number, headers: Record<string, string> = {}): HttpReply => ({
  status,
  headers: { 'content-type': 'text/html', date: 'Sun, 22 Nov 2026 10:30:00 GMT', ...headers },
  body: '<html><body>Hello</body></html>',
});

export const METER_INPUT: Inputs['MeterUsage'] = {
  ProductCode: '4ml54db8vrmjuykaw1psroool',
  Timestamp: 1_795_341_600,
  UsageDimension: 'users',
  UsageQuantity: 3,
  ClientToken: '5e0a2a7e-0b9c-4a36-9a2c-0d6f6f0a1c11',
};

export const METERED = awsReply({ MeteringRecordId: '1818031d-2bdf-43e8-ad5f-b85e28a14c7b' });

export const DESTINATION: Destination = {
  url: new URL('https://metering.marketplace.us-east-1.amazonaws.com/'),
  region: 'us-east-1',
  regionSource: '--region',
  endpointSource: undefined,
};

export const IDENTITY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** What a transport does with one request. */
export type Step = HttpReply | NetworkError | ((request: HttpRequest) => HttpReply | NetworkError);

type Sent = {
  readonly request: HttpRequest;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
};

export type ClientSetup = {
  readonly client: Client;
  readonly world: TestWorld;
  /** What left, in order. */
  readonly sent: readonly Sent[];
  /** Questions for the time, in order. */
  readonly probes: readonly Sent[];
  readonly events: readonly WireEvent[];
  /** Corrections of the clock that were told, milliseconds. */
  readonly clocks: readonly number[];
};

export type ClientSetupOptions = Partial<Pick<ClientParts, 'destination'>> & {
  readonly credentials?: Credentials;
  readonly world?: TestWorld;
  /** How long each answer takes. */
  readonly answerMs?: number;
  /** What the probe for AWS's time is answered with, instead of a reply with this machine's time. */
  readonly probe?: Step;
};

/** What AWS replies to the probe, when this is its time. */
export const timeReply = (now: Date): HttpReply =>
  awsError('UnknownOperationException', '', { status: 404, headers: { date: now.toUTCString() } });

/** A client whose requests are answered by the steps in turn; the last one goes on forever. */
export const clientWith = (steps: readonly Step[], options: ClientSetupOptions = {}): ClientSetup => {
  const { destination = DESTINATION, world = testWorld(), answerMs = 10 } = options;
  const { credentials = fixedCredentials(IDENTITY) } = options;
  const sent: Sent[] = [];
  const probes: Sent[] = [];
  const events: WireEvent[] = [];
  const clocks: number[] = [];
  const transport: Transport = {
    send: async (request, { timeoutMs, signal }) => {
      const isProbe = request.method === 'GET';
      const step = isProbe
        ? (options.probe ?? timeReply(world.now()))
        : steps[Math.min(sent.length, steps.length - 1)];
      (isProbe ? probes : sent).push({ request, timeoutMs, signal });
      world.pass(answerMs);
      const outcome = typeof step === 'function' ? step(request) : step;
      if (outcome === undefined || outcome instanceof Error) throw outcome;
      return outcome;
    },
    close: () => {},
  };
  const client = createClient({
    destination,
    transport,
    sign: createSigner({ region: destination.region, credentials: credentials.get }),
    credentials,
    world,
    trace: event => events.push(event),
    onClockSet: offsetMs => clocks.push(offsetMs),
  });
  return { client, world, sent, probes, events, clocks };
};
