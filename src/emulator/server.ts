import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClockState, createClock } from './clock.ts';
import { type ClockChange, changeClock } from './clock-controls.ts';
import type { Controls } from './control.ts';
import { changeFaults, type FaultChange } from './fault-controls.ts';
import { createFaults, type FaultState } from './faults.ts';
import { isLoopbackAddress } from './guard.ts';
import { addressOf, listen, stopListening } from './listen.ts';
import { createQuota } from './quota.ts';
import { sendReply } from './reply.ts';
import { entryOf, type RequestEntry } from './request-entry.ts';
import { logLine, openRequestLog } from './request-log.ts';
import { type House, route } from './route.ts';
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
  /** `NAME:PROBABILITY[@PARAMETER]` each; the names are in `FAULTS`. */
  readonly faults?: readonly string[];
  /** Of the dice that faults are rolled with; a whole number of 32 bits, default 0. */
  readonly seed?: number;
  /** Calls a second that each Region and operation takes; default: any number. */
  readonly rate?: number;
  /** Where the service's clock stands still; default: it shows real time. */
  readonly clock?: Date;
  /** A file that gets a line for each request, before the reply leaves: see `logLine`. */
  readonly log?: string;
  /** Called for each reply. */
  readonly onRequest?: (entry: RequestEntry) => void;
};

export type Emulator = {
  /** Where clients find it: `http://127.0.0.1:12345`. */
  readonly url: string;
  /** Stops at once; connections are dropped. */
  readonly close: () => Promise<void>;
  /** What is billed, in the order it was recorded. */
  readonly records: () => readonly StoredRecord[];
  readonly stats: () => Stats;
  /** Forgets records, client tokens, statistics and the calls that count towards the rate. Faults and clock stay. */
  readonly reset: () => void;
  /** The key that RegisterUsage's signatures are verified with. */
  readonly publicKeyPem: () => Promise<string>;
  /** As `POST /_emulator/faults`. Throws when the change makes no sense. */
  readonly setFaults: (change: FaultChange) => FaultState;
  /** As `POST /_emulator/clock`. Throws when the change makes no sense. */
  readonly setClock: (change: ClockChange) => ClockState;
};

/**
 * Starts the metering service on this machine. It answers the four operations as AWS documents them to anyone who signs
 * with `KEY_PAIR`, in whatever Region; each Region has its own records, as with AWS. Where AWS's behaviour is not public,
 * the place that decides says so. Rejects with Node's error when it cannot listen or cannot open the log.
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
    faults: createFaults(options.faults, options.seed),
    quota: options.rate === undefined ? undefined : createQuota(options.rate),
  };
  const { memory, signer, faults, quota } = service;
  const clock = createClock(now, options.clock);
  const counter = createCounter();
  const controls: Controls = {
    records: memory.store.records,
    stats: counter.stats,
    publicKeyPem: signer.publicKeyPem,
    faults,
    clock,
    reset: () => {
      memory.store.reset();
      memory.clientTokens.clear();
      quota?.reset();
      counter.reset();
    },
  };
  const log = options.log === undefined ? undefined : openRequestLog(options.log);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const real = now();
    const times = { real, rules: clock.at(real) };
    const routed = await route(request, house, times);
    if (routed === undefined) return;
    const { reply, answer } = routed;
    const entry = entryOf(request, routed, uuid(), real);
    if (answer !== undefined) counter.count(answer.operation, entry.error);
    try {
      const answered = reply.cut === undefined && !response.destroyed;
      if (answer !== undefined) log?.append(logLine(entry, { answer, clock: times.rules, answered }));
    } catch (failure) {
      // What the log does not say must not be known outside: a referee would take it for an invention.
      response.destroy();
      onRequest?.({ ...entry, failure });
      return;
    }
    const skewMs = answer?.strike?.skewMs ?? 0;
    sendReply(response, reply, entry.requestId, skewMs === 0 ? real : new Date(real.getTime() + skewMs));
    onRequest?.(entry);
  };
  const server = await listen(host, port, (request, response) => void handle(request, response)).catch(
    error => {
      log?.close();
      throw error;
    },
  );
  const bound = addressOf(server);
  const house: House = { service, controls, onLoopback: isLoopbackAddress(bound.address) };
  return {
    url: urlOf(bound),
    close: async () => {
      await stopListening(server);
      log?.close();
    },
    records: controls.records,
    stats: controls.stats,
    reset: controls.reset,
    publicKeyPem: controls.publicKeyPem,
    setFaults: change => {
      made(changeFaults(faults, change));
      return faults.state();
    },
    setClock: change => {
      made(changeClock(clock, change));
      return clock.state();
    },
  };
};

const made = (trouble: string | undefined): void => {
  if (trouble !== undefined) throw new RangeError(trouble);
};

/** A wildcard address is not one to call. */
const urlOf = ({ address, port }: { address: string; port: number }): string => {
  const name = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
};
