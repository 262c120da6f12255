import { HttpRequest } from '@smithy/core/protocols';
import { CredentialsError, ServiceError } from '../errors.ts';
import { type Inputs, type Operation, type Outputs, SERVICE, targetOf } from '../usage/wire.ts';
import type { World } from '../world.ts';
import { createAwsClock, type KnownOffset } from './aws-clock.ts';
import type { Credentials } from './credentials.ts';
import { decodeOutput } from './decode.ts';
import type { Destination } from './endpoint.ts';
import { type Failure, failureIn, failureOf, STOPPED } from './failures.ts';
import { createOutageDetector } from './outage.ts';
import type { Pace } from './pace.ts';
import { probeEndpoint } from './probe.ts';
import { redactBody, redactHeaders, withoutEchoes } from './redact.ts';
import { backoffMs, createRetryBudget, isRetryable } from './retry.ts';
import type { Sign } from './sign.ts';
import { watched } from './trace.ts';
import { type HttpReply, NetworkError, type Transport } from './transport.ts';

/** What happens on the wire, for `--debug`. Secrets are masked here, before anything can print them. */
export type WireEvent =
  | {
      readonly kind: 'request';
      readonly operation: string;
      readonly attempt: number;
      /** POST when it is left out. */
      readonly method?: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | {
      readonly kind: 'reply';
      readonly operation: string;
      readonly status: number;
      readonly ms: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | {
      readonly kind: 'no-reply';
      readonly operation: string;
      readonly code: string;
      readonly message: string;
      readonly ms: number;
    }
  | {
      readonly kind: 'retry';
      readonly operation: string;
      readonly because: string;
      readonly delayMs: number;
    };

export type CallOptions = {
  /** Retries end so long after the start of the call, milliseconds. */
  readonly giveUpAfterMs: number;
  /** Asked before each attempt but the first, which the caller has admitted itself. */
  readonly pace?: Pace | undefined;
  /** Asked before each attempt: why nothing may leave, by what is known of the clock. */
  readonly objection?: (() => Failure | undefined) | undefined;
};

export type Answered<Output> = {
  readonly output: Output;
  /** Whether an earlier attempt of this call may have been acted on although no answer came. */
  readonly resent: boolean;
};

export type Called<O extends Operation> = Answered<Outputs[O]>;

/** Counts since the client was made. */
export type Traffic = { requests: number; retries: number };

/** A service of AWS's that speaks JSON 1.1: what each operation takes and gives. */
export type Protocol<In, Out> = {
  /** The value of X-Amz-Target. */
  readonly targetOf: (operation: keyof In & string) => string;
  /** The result in a reply with status 200; undefined when it has not the operation's form. */
  readonly decode: <N extends keyof In & keyof Out & string>(
    operation: N,
    body: string,
  ) => Out[N] | undefined;
};

export type Caller<In, Out> = {
  /**
   * Calls the service, again and again while that may help, and gives its result. The body is made once: what is sent
   * again is the same byte for byte. Rejects with ServiceError or CredentialsError.
   */
  readonly call: <N extends keyof In & keyof Out & string>(
    operation: N,
    input: In[N],
    options: CallOptions,
  ) => Promise<Answered<Out[N]>>;
  /** The signed request, not sent. */
  readonly prepare: <N extends keyof In & string>(operation: N, input: In[N]) => Promise<HttpRequest>;
  /** The time by AWS's clock, as far as its replies have told it. */
  readonly now: () => Date;
  /** How far AWS's clock is ahead of this machine's; undefined while no reply has told the time. */
  readonly known: () => KnownOffset | undefined;
  /** Asks what time it is there, by one unsigned request; gives the NetworkError when nobody replied. Never rejects for that. */
  readonly askTime: (timeoutMs: number) => Promise<NetworkError | undefined>;
  readonly traffic: Readonly<Traffic>;
  readonly close: () => void;
};

export type Client = Caller<Inputs, Outputs>;

export type ClientParts = {
  readonly destination: Destination;
  readonly transport: Transport;
  readonly sign: Sign;
  readonly credentials: Credentials;
  readonly world: Pick<World, 'now' | 'monotonic' | 'sleep' | 'random' | 'version' | 'stop' | 'abandon'>;
  /** Undefined when nobody wants to see: then no event is made. */
  readonly trace: ((event: WireEvent) => void) | undefined;
  /** The clock was set by AWS's, which is so far ahead of ours (milliseconds; below 0: back). */
  readonly onClockSet: (offsetMs: number) => void;
};

/** No attempt takes longer, whatever the server does. */
const ATTEMPT_TIMEOUT_MS = 30_000;

/** With less time left there is no other attempt: its being cut short would hide why those before it failed. */
const LEAST_ATTEMPT_MS = 1_000;

/** Calls the metering service. */
export const createClient = (parts: ClientParts): Client =>
  createCaller<Inputs, Outputs>({ targetOf, decode: decodeOutput }, parts);

export const createCaller = <In, Out>(
  { targetOf, decode }: Protocol<In, Out>,
  { destination, transport, sign, credentials, world, trace, onClockSet }: ClientParts,
): Caller<In, Out> => {
  const clock = createAwsClock(world, onClockSet);
  const traffic: Traffic = { requests: 0, retries: 0 };
  const budget = createRetryBudget();

  const build = async (operation: keyof In & string, body: string): Promise<HttpRequest> => {
    const { url } = destination;
    const request = new HttpRequest({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      // Below a path that an endpoint may have, as AWS's own clients do.
      path: url.pathname.replace(/\/*$/, '/'),
      headers: { host: url.host, 'content-type': SERVICE.contentType, 'x-amz-target': targetOf(operation) },
      body,
    });
    const signed = await sign(request, clock.signingTime());
    signed.headers['content-length'] = String(Buffer.byteLength(body));
    signed.headers['user-agent'] = `ampmeter/${world.version}`;
    return signed;
  };

  /** One request and its reply, with everything that happened told to `trace`. */
  const attemptOnce = async (
    operation: keyof In & string,
    body: string,
    attempt: number,
    timeoutMs: number,
  ): Promise<HttpReply | NetworkError> => {
    const request = await build(operation, body);
    // The credentials may have taken their time.
    if (world.stop.aborted)
      return new NetworkError('stopped before it was sent', { code: 'Stopped', sent: false });
    traffic.requests += 1;
    if (attempt > 1) traffic.retries += 1;
    trace?.({
      kind: 'request',
      operation,
      attempt,
      url: destination.url.href,
      headers: redactHeaders(request.headers),
      body: redactBody(body),
    });
    const start = world.monotonic();
    try {
      const reply = await transport.send(request, { timeoutMs, signal: world.abandon });
      clock.note(reply, start);
      // A result is taken as it came; only what becomes text, in a trace or an error, is cleaned.
      if (reply.status === 200 && trace === undefined) return reply;
      const clean = withoutEchoes(reply, { headers: request.headers, body });
      trace?.({
        kind: 'reply',
        operation,
        status: reply.status,
        ms: world.monotonic() - start,
        headers: redactHeaders(clean.headers),
        body: redactBody(clean.body),
      });
      return reply.status === 200 ? reply : clean;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      const ms = world.monotonic() - start;
      trace?.({ kind: 'no-reply', operation, code: error.code, message: error.message, ms });
      return error;
    }
  };

  const call = async <N extends keyof In & keyof Out & string>(
    operation: N,
    input: In[N],
    { giveUpAfterMs, pace, objection }: CallOptions,
  ): Promise<Answered<Out[N]>> => {
    const body = JSON.stringify(input);
    const giveUpAt = world.monotonic() + giveUpAfterMs;
    const leastMs = Math.min(LEAST_ATTEMPT_MS, giveUpAfterMs / 10);
    let last: Failure = STOPPED;
    let resent = false;
    let corrected = false;
    let refreshed = false;
    let spent = 0;
    const absence = createOutageDetector(world.monotonic());
    const giveUp = (): never => {
      throw new ServiceError(last.message, { ...last, operation, maybeDelivered: resent });
    };
    /** Without credentials the call ends; what an earlier attempt may have done must not be forgotten. */
    const orSayDelivered = (error: unknown): never => {
      if (!resent || !(error instanceof CredentialsError)) throw error;
      const { code, because, next } = error;
      const facts = { operation, code, because, next, maybeDelivered: true, cause: error };
      throw new ServiceError(error.message, { ...facts, kind: 'credentials' });
    };
    for (let attempt = 1; ; attempt += 1) {
      // The place in the queue may have come too late.
      if (world.stop.aborted || world.monotonic() >= giveUpAt) return giveUp();
      const trouble = clock.trouble() ?? objection?.();
      if (trouble !== undefined) {
        last = trouble;
        return giveUp();
      }
      const timeoutMs = Math.max(1, Math.ceil(Math.min(ATTEMPT_TIMEOUT_MS, giveUpAt - world.monotonic())));
      const reply = await attemptOnce(operation, body, attempt, timeoutMs).catch(orSayDelivered);
      const output =
        reply instanceof NetworkError || !isWhole(reply) ? undefined : decode(operation, reply.body);
      if (output !== undefined) {
        budget.refund(spent);
        return { output, resent };
      }

      last = reply instanceof NetworkError ? failureOf(reply, destination.url) : failureIn(reply, operation);
      resent ||= last.maybeDelivered;
      absence.note(reply, world.monotonic());
      if (last.kind === 'throttled') pace?.throttled();
      if (last.kind === 'clock' && !corrected && clock.correct(reply as HttpReply)) {
        corrected = true;
        await pace?.admit().catch(giveUp);
        continue;
      }
      if (last.kind === 'stale-credentials' && !refreshed) {
        refreshed = true;
        credentials.forget();
        trace?.({ kind: 'retry', operation, because: last.code, delayMs: 0 });
        await pace?.admit().catch(giveUp);
        continue;
      }
      if (!isRetryable(last.kind)) return giveUp();
      if (absence.isLasting() || (reply instanceof NetworkError && reply.isLasting)) return giveUp();
      const delayMs = backoffMs(last.kind, attempt, world.random(), last.retryAfter);
      if (world.monotonic() + delayMs >= giveUpAt - leastMs) return giveUp();
      spent = budget.spend(last.kind);
      if (spent === 0) return giveUp();
      trace?.({ kind: 'retry', operation, because: last.code, delayMs });
      await world.sleep(delayMs, world.stop).catch(giveUp);
      await pace?.admit().catch(giveUp);
    }
  };

  const askTime = async (timeoutMs: number): Promise<NetworkError | undefined> => {
    const start = world.monotonic();
    const way = watched(transport, trace, world);
    try {
      clock.note(
        await probeEndpoint(way, destination.url, `ampmeter/${world.version}`, { timeoutMs }),
        start,
      );
      return undefined;
    } catch (error) {
      if (error instanceof NetworkError) return error;
      throw error;
    }
  };

  return {
    call,
    prepare: (operation, input) => build(operation, JSON.stringify(input)),
    now: clock.now,
    known: clock.known,
    askTime,
    traffic,
    close: transport.close,
  };
};

/** Only a reply that carries AWS's request id counts: anything on the way can answer 200. */
const isWhole = ({ status, headers }: HttpReply): boolean =>
  status === 200 && headers['x-amzn-requestid'] !== undefined && headers['x-amzn-requestid'] !== '';
