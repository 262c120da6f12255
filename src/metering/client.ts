import { HttpRequest } from '@smithy/core/protocols';
import { type Inputs, type Operation, type Outputs, targetOf } from '../usage/wire.ts';
import type { World } from '../world.ts';
import { createAwsClock, type KnownOffset } from './aws-clock.ts';
import type { Credentials } from './credentials.ts';
import { decodeOutput } from './decode.ts';
import type { Destination } from './endpoint.ts';
import type { Failure } from './failures.ts';
import { NetworkError } from './network-error.ts';
import type { Pace } from './pace.ts';
import { probeEndpoint } from './probe.ts';
import { jsonMessages, type Message, type Protocol } from './protocol.ts';
import { createRetryBudget } from './retry.ts';
import { createRetryDecision } from './retry-decision.ts';
import type { Sign } from './sign.ts';
import { sendTraced, type Trace, tracedTransport } from './trace.ts';
import type { HttpReply, Transport } from './transport.ts';

export type CallOptions = {
  /** Retries end this long after the start of the call. */
  readonly giveUpAfterMs: number;
  /** Admits each attempt but the first, which the caller has admitted itself. */
  readonly pace?: Pace | undefined;
  /** Called before each attempt: why nothing may leave, by what is known of the clock. */
  readonly objection?: (() => Failure | undefined) | undefined;
};

type Answered<Output> = {
  readonly output: Output;
  /** Whether an earlier attempt of this call may have been acted on although no reply came. */
  readonly resent: boolean;
};

export type Called<O extends Operation> = Answered<Outputs[O]>;

/** Counts since the client was made. */
type Traffic = { requests: number; retries: number };

export type ServiceCaller<In, Out> = {
  /**
   * Calls the service, with retries while they may help, and returns its result. The body is made once: a retry sends the
   * same bytes. Rejects with ServiceError or CredentialsError.
   */
  readonly call: <N extends keyof In & keyof Out & string>(
    operation: N,
    input: In[N],
    options: CallOptions,
  ) => Promise<Answered<Out[N]>>;
  /** The signed request, not sent. */
  readonly prepare: <N extends keyof In & string>(operation: N, input: In[N]) => Promise<HttpRequest>;
  /** The time by AWS's clock, as far as it is known. */
  readonly now: () => Date;
  /** How far AWS's clock is ahead of this machine's; undefined until a reply has had the time. */
  readonly known: () => KnownOffset | undefined;
  /** Gets the time of the endpoint with one unsigned request; returns the NetworkError when no reply came. */
  readonly askTime: (timeoutMs: number) => Promise<NetworkError | undefined>;
  readonly traffic: Readonly<Traffic>;
  readonly close: () => void;
};

export type Client = ServiceCaller<Inputs, Outputs>;

export type ClientParts = {
  readonly destination: Destination;
  readonly transport: Transport;
  readonly sign: Sign;
  readonly credentials: Credentials;
  readonly world: Pick<World, 'now' | 'monotonic' | 'sleep' | 'random' | 'version' | 'stop' | 'abandon'>;
  readonly trace: Trace;
  /** The clock was set to AWS's, which is this far ahead of ours (milliseconds; below 0: behind). */
  readonly onClockSet: (offsetMs: number) => void;
};

/** No attempt takes longer. */
const ATTEMPT_TIMEOUT_MS = 30_000;

/** With less time left there is no other attempt. */
const MIN_ATTEMPT_MS = 1_000;

/** Calls the metering service. */
export const createClient = (parts: ClientParts): Client =>
  createCaller<Inputs, Outputs>(
    { messageOf: jsonMessages(name => targetOf(name as Operation)), decode: decodeOutput },
    parts,
  );

export const createCaller = <In, Out>(
  { messageOf, decode, onlyReads }: Protocol<In, Out>,
  { destination, transport, sign, credentials, world, trace, onClockSet }: ClientParts,
): ServiceCaller<In, Out> => {
  const clock = createAwsClock(world, onClockSet);
  const traffic: Traffic = { requests: 0, retries: 0 };
  const budget = createRetryBudget();

  const build = async ({ method, path, query, headers, body }: Message): Promise<HttpRequest> => {
    const { url } = destination;
    const request = new HttpRequest({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      // Below a path that an endpoint may have, as AWS's own clients do.
      path: `${url.pathname.replace(/\/*$/, '/')}${path}`,
      ...(query !== undefined && { query: { ...query } }),
      headers: { host: url.host, ...headers },
      ...(body !== undefined && { body }),
    });
    const signed = await sign(request, clock.signingTime());
    if (body !== undefined) signed.headers['content-length'] = String(Buffer.byteLength(body));
    signed.headers['user-agent'] = `ampmeter/${world.version}`;
    return signed;
  };

  /** Learns the time from every reply. */
  const timed: Transport = {
    ...transport,
    send: async (request, limits) => {
      const startMs = world.monotonic();
      const reply = await transport.send(request, limits);
      clock.note(reply, startMs);
      return reply;
    },
  };
  const sending = {
    transport: timed,
    trace,
    monotonic: world.monotonic,
    isResult: ({ status }: HttpReply): boolean => status === 200,
  };

  /** One request and its reply. */
  const attemptOnce = async (
    operation: keyof In & string,
    message: Message,
    attempt: number,
    timeoutMs: number,
  ): Promise<HttpReply | NetworkError> => {
    const request = await build(message);
    // Loading the credentials may have taken a while.
    if (world.stop.aborted)
      return new NetworkError('stopped before it was sent', { code: 'Stopped', sent: false });
    traffic.requests += 1;
    if (attempt > 1) traffic.retries += 1;
    const exchange = { operation, attempt, url: destination.url.href };
    try {
      const signal = onlyReads ? world.stop : world.abandon;
      return await sendTraced(request, { timeoutMs, signal }, exchange, sending);
    } catch (error) {
      if (error instanceof NetworkError) return error;
      throw error;
    }
  };

  const call = async <N extends keyof In & keyof Out & string>(
    operation: N,
    input: In[N],
    { giveUpAfterMs, pace, objection }: CallOptions,
  ): Promise<Answered<Out[N]>> => {
    const message = messageOf(operation, input);
    const giveUpAt = world.monotonic() + giveUpAfterMs;
    const decision = createRetryDecision({
      operation,
      onlyReads: onlyReads ?? false,
      url: destination.url,
      budget,
      pace,
      world,
      giveUpAt,
      minAttemptMs: Math.min(MIN_ATTEMPT_MS, giveUpAfterMs / 10),
      correctClock: clock.correct,
      refreshCredentials: credentials.forget,
    });
    const giveUp = (): never => {
      throw decision.error();
    };
    for (let attempt = 1; ; attempt += 1) {
      // Waiting for its turn may have taken too long.
      if (world.stop.aborted || world.monotonic() >= giveUpAt) return giveUp();
      const failure = clock.failure() ?? objection?.();
      if (failure !== undefined) throw decision.error(failure);
      const timeoutMs = Math.max(1, Math.ceil(Math.min(ATTEMPT_TIMEOUT_MS, giveUpAt - world.monotonic())));
      const reply = await attemptOnce(operation, message, attempt, timeoutMs).catch((error: unknown) => {
        throw decision.preservingDelivery(error);
      });
      const output =
        reply instanceof NetworkError || !isWhole(reply) ? undefined : decode(operation, reply.body);
      const step = decision.next(reply, output !== undefined);
      if (output !== undefined) return { output, resent: decision.maybeDelivered() };
      if (step.kind !== 'retry') return giveUp();
      const { delayMs, because } = step;
      if (because !== undefined) trace?.({ kind: 'retry', operation, because, delayMs: delayMs ?? 0 });
      if (delayMs !== undefined) await world.sleep(delayMs, world.stop).catch(giveUp);
      await pace?.admit().catch(giveUp);
    }
  };

  const askTime = async (timeoutMs: number): Promise<NetworkError | undefined> => {
    const traced = tracedTransport(timed, trace, world);
    try {
      await probeEndpoint(traced, destination.url, `ampmeter/${world.version}`, { timeoutMs });
      return undefined;
    } catch (error) {
      if (error instanceof NetworkError) return error;
      throw error;
    }
  };

  return {
    call,
    prepare: (operation, input) => build(messageOf(operation, input)),
    now: clock.now,
    known: clock.known,
    askTime,
    traffic,
    close: transport.close,
  };
};

/** Only a reply with AWS's request id counts: a proxy can reply 200 as well. */
const isWhole = ({ status, headers }: HttpReply): boolean =>
  status === 200 && headers['x-amzn-requestid'] !== undefined && headers['x-amzn-requestid'] !== '';
