import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Answer, Times } from './answer.ts';
import { behavioursOf } from './behaviours/parse.ts';
import { type ClockState, createClock } from './clock.ts';
import { type ClockChange, changeClock } from './clock-controls.ts';
import { arrivalOf, callEventOf } from './cloudtrail/call-event.ts';
import { createCloudTrail } from './cloudtrail/lookup-events.ts';
import { type Controls, isControlPath } from './control.ts';
import { changeFaults, type FaultChange } from './faults/controls.ts';
import { createFaults, type FaultState } from './faults/faults.ts';
import { addressOf, isLoopbackAddress, listen, stopListening } from './http.ts';
import type { Credentials } from './market/market.ts';
import { createMarketplace, type Marketplace } from './market/marketplace.ts';
import { keyReadings } from './operations/dedup.ts';
import { createQuota } from './quota.ts';
import { sendReply } from './reply.ts';
import { entryOf, type RequestEntry } from './request-entry.ts';
import { logLine, openRequestLog, type RequestLog } from './request-log.ts';
import { type RouteContext, route } from './route.ts';
import type { Service } from './service.ts';
import { rememberSigningKeys } from './signing/signing-key.ts';
import { openArchive } from './state/archive.ts';
import type { StoredRecord } from './state/store.ts';
import { createCounter, type Stats } from './stats.ts';

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
  /** The marketplace that is played, a parsed document: see `catalogSchema`. Default: everything exists. */
  readonly catalog?: unknown;
  /** `NAME=READING` each, where AWS's sources disagree or are silent; names and readings are in `BEHAVIOURS`. */
  readonly behaviours?: readonly string[];
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
  /** A file that keeps records, tokens and events from one emulator to the next; see `openState`. */
  readonly state?: string;
  /** A folder for CloudTrail's log files, as in S3. */
  readonly cloudTrail?: string;
  /** How old an event is by the service's clock when LookupEvents shows it; milliseconds, default 0. AWS: 15 minutes. */
  readonly cloudTrailDelay?: number;
  /** Called for each reply. */
  readonly onRequest?: (entry: RequestEntry) => void;
  /** Called when one of CloudTrail's log files could not be written; it is tried again. */
  readonly onTrouble?: (error: unknown) => void;
};

export type Emulator = {
  /** Where clients find it: `http://127.0.0.1:12345`. */
  readonly url: string;
  /** Whether this machine alone can reach it. */
  readonly onLoopback: boolean;
  /** Stops at once; connections are dropped. Rejects when something it has promised to keep could not be written. */
  readonly close: () => Promise<void>;
  /** What is billed, in the order it was recorded. */
  readonly records: () => readonly StoredRecord[];
  readonly stats: () => Stats;
  /** Forgets records, tokens, events, statistics and the calls that count towards the rate. Faults, clock and catalog stay. */
  readonly reset: () => void;
  /** The key that RegisterUsage's signatures are verified with. */
  readonly publicKeyPem: () => Promise<string>;
  /** As `POST /_emulator/faults`. Throws when the change makes no sense. */
  readonly setFaults: (change: FaultChange) => FaultState;
  /** As `POST /_emulator/clock`. Throws when the change makes no sense. */
  readonly setClock: (change: ClockChange) => ClockState;
  /** As `POST /_emulator/catalog`; undefined removes it. Throws, and leaves the one there is, when it does not hold. */
  readonly setCatalog: (catalog: unknown) => void;
  /** Those of the catalog's first account, or `KEY_PAIR`; undefined: the catalog has no keys. */
  readonly credentials: () => Credentials | undefined;
};

/**
 * Starts the metering service on this machine. It answers the four operations as AWS documents them to anyone who signs
 * with `KEY_PAIR` or a key of the catalog, in whatever Region; each Region has its own records, as with AWS. Where AWS's
 * behaviour is not public, the place that decides says so. Rejects with Node's error when it cannot listen or cannot open
 * the log, and with UsageError when the state file or the folder of CloudTrail cannot be used.
 */
export const startEmulator = async (options: EmulatorOptions): Promise<Emulator> => {
  const { host = '127.0.0.1', port, now, uuid, onRequest } = options;
  const behaviours = behavioursOf(options.behaviours ?? []);
  const clock = createClock(now, options.clock);
  const marketplace = createMarketplace(() => clock.at(now()));
  if (options.catalog !== undefined) replaceCatalog(marketplace, options.catalog);
  const faults = createFaults(options.faults, options.seed);
  const archive = await openArchive({
    state: options.state,
    trail: options.cloudTrail,
    eventFormat: behaviours,
    keyedBy: keyReadings(behaviours),
    now: () => clock.at(now()),
    onTrouble: options.onTrouble ?? (() => {}),
  });
  const service: Service = {
    window: options.window,
    signatures: options.signatures,
    behaviours,
    uuid,
    marketplace,
    memory: archive.memory,
    signer: archive.signer,
    signingKeyOf: rememberSigningKeys(),
    faults,
    quota: options.rate === undefined ? undefined : createQuota(options.rate),
    cloudTrail: createCloudTrail(archive.history, behaviours, options.cloudTrailDelay ?? 0),
  };
  const { memory, signer, quota, cloudTrail } = service;
  const counter = createCounter();
  const controls: Controls = {
    records: memory.store.records,
    stats: counter.stats,
    publicKeyPem: signer.publicKeyPem,
    faults,
    clock,
    marketplace,
    reset: () => {
      archive.reset();
      quota?.reset();
      cloudTrail.quota.reset();
      counter.reset();
    },
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const real = now();
    const times = { real, rules: clock.at(real) };
    const routed = await route(request, context, times);
    if (routed === undefined) return;
    const { reply, answer } = routed;
    const entry = entryOf(request, routed, uuid(), real);
    if (answer !== undefined) counter.count(answer.operation, entry.error);
    try {
      const arrival = arrivalOf(request, entry.requestId, times.rules);
      archive.keep(answer && callEventOf(answer, arrival, behaviours), hasRecorded(answer));
      const answered = reply.cut === undefined && !response.destroyed;
      if (answer !== undefined) log?.append(logLine(entry, { answer, clock: times.rules, answered }));
    } catch (failure) {
      // What log and state do not say must not be known outside: a referee would take it for an invention.
      response.destroy();
      onRequest?.({ ...entry, failure });
      return;
    }
    sendReply(response, reply, entry.requestId, dateOf(entry.path, answer, times));
    onRequest?.(entry);
  };
  let log: RequestLog | undefined;
  let server: Server;
  try {
    log = options.log === undefined ? undefined : openRequestLog(options.log);
    server = await listen(host, port, (request, response) => void handle(request, response));
  } catch (error) {
    log?.close();
    await archive.close();
    throw error;
  }
  const bound = addressOf(server);
  const onLoopback = isLoopbackAddress(bound.address);
  const context: RouteContext = { service, controls, onLoopback };
  return {
    url: urlOf(bound),
    onLoopback,
    close: async () => {
      await stopListening(server);
      log?.close();
      await archive.close();
    },
    records: controls.records,
    stats: controls.stats,
    reset: controls.reset,
    publicKeyPem: controls.publicKeyPem,
    setFaults: change => {
      made(changeFaults(faults, change));
      return faults.state();
    },
    setCatalog: catalog => {
      if (catalog === undefined) marketplace.open();
      else replaceCatalog(marketplace, catalog);
    },
    credentials: () => marketplace.market().credentials,
    setClock: change => {
      made(changeClock(clock, change));
      return clock.state();
    },
  };
};

/** The control plane is not the service, and goes by real time. */
const dateOf = (path: string, answer: Answer | undefined, { rules, real }: Times): Date => {
  const skewMs = answer?.fault?.skewMs ?? 0;
  if (skewMs !== 0) return new Date(real.getTime() + skewMs);
  return isControlPath(path) ? real : rules;
};

const hasRecorded = (answer: Answer | undefined): boolean =>
  answer?.settled.some(({ outcome }) => outcome === 'recorded') ?? false;

const replaceCatalog = (marketplace: Marketplace, catalog: unknown): void => {
  const problems = marketplace.replace(catalog);
  made(problems.length === 0 ? undefined : problems.join('\n'));
};

const made = (trouble: string | undefined): void => {
  if (trouble !== undefined) throw new RangeError(trouble);
};

/** A wildcard address is not one to call. */
const urlOf = ({ address, port }: { address: string; port: number }): string => {
  const name = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
};
