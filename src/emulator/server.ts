import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Operation } from '../metering/wire.ts';
import { isLoopbackAddress } from './guard.ts';
import { addressOf, listen, stopListening } from './listen.ts';
import { type ErrorName, isRefusal } from './refusals.ts';
import { sendReply } from './reply.ts';
import { type House, pathOf, route } from './route.ts';
import type { Service } from './service.ts';
import { rememberSigningKeys } from './signing-key.ts';
import { createCounter, type Stats } from './stats.ts';
import { createStore, type StoredRecord } from './store.ts';
import { createTokenSigner } from './usage-token.ts';

export type EmulatorOptions = {
  /** Default 127.0.0.1. On any other than a loopback address everybody who can reach it may use the emulator. */
  readonly host?: string;
  /** 0: a free one. */
  readonly port: number;
  readonly now: () => Date;
  /** For request ids and metering record ids. */
  readonly uuid: () => string;
  /** `off`: usage may be as old as it likes, or in the future. */
  readonly window: 'on' | 'off';
  /** `skip`: believe every caller. */
  readonly signatures: 'verify' | 'skip';
  /** Called after each reply. */
  readonly onRequest?: (entry: RequestEntry) => void;
};

/** One line of a log. Neither headers nor bodies: those hold secrets and customers. */
export type RequestEntry = {
  readonly at: Date;
  readonly requestId: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly operation: Operation | undefined;
  readonly region: string | undefined;
  readonly records: number;
  readonly status: number;
  readonly error: ErrorName | undefined;
  /** What was thrown, when the emulator itself failed. */
  readonly failure: unknown;
};

export type Emulator = {
  /** Where clients find it: `http://127.0.0.1:12345`. */
  readonly url: string;
  /** Stops at once; connections are dropped. */
  readonly close: () => Promise<void>;
  /** What is billed, in the order it was recorded. */
  readonly records: () => readonly StoredRecord[];
  readonly stats: () => Stats;
  /** Forgets records, client tokens and statistics. */
  readonly reset: () => void;
  /** The key that RegisterUsage's signatures are verified with. */
  readonly publicKeyPem: () => Promise<string>;
};

/**
 * Starts the metering service on this machine. It answers the four operations as AWS documents them to anyone who signs
 * with `KEY_PAIR`, in whatever Region; each Region has its own records, as with AWS. Where AWS's behaviour is not public,
 * the place that decides says so. Rejects with Node's error when it cannot listen.
 */
export const startEmulator = async (options: EmulatorOptions): Promise<Emulator> => {
  const { host = '127.0.0.1', port, now, uuid, onRequest } = options;
  const service: Service = {
    window: options.window,
    signatures: options.signatures,
    uuid,
    memory: { store: createStore(), clientTokens: new Map() },
    signer: createTokenSigner(),
    signingKeyOf: rememberSigningKeys(),
  };
  const { memory, signer } = service;
  const counter = createCounter();
  const controls = {
    records: memory.store.records,
    stats: counter.stats,
    publicKeyPem: signer.publicKeyPem,
    reset: () => {
      memory.store.reset();
      memory.clientTokens.clear();
      counter.reset();
    },
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = now();
    const routed = await route(request, house, at);
    if (routed === undefined) return;
    const { reply, answer, failure } = routed;
    const requestId = uuid();
    sendReply(response, reply, requestId, at);
    const error = answer !== undefined && isRefusal(answer.result) ? answer.result.error : undefined;
    if (answer !== undefined) counter.count(answer.operation, error);
    onRequest?.({
      at,
      requestId,
      method: request.method ?? '',
      path: pathOf(request.url ?? ''),
      operation: answer?.operation,
      region: answer?.region,
      records: answer?.records ?? 0,
      status: reply.status,
      error,
      failure,
    });
  };
  const server = await listen(host, port, (request, response) => void handle(request, response));
  const bound = addressOf(server);
  const house: House = { service, controls, onLoopback: isLoopbackAddress(bound.address) };
  return { url: urlOf(bound), close: () => stopListening(server), ...controls };
};

/** A wildcard address is not one to call. */
const urlOf = ({ address, port }: { address: string; port: number }): string => {
  const name = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
};
