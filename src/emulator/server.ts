import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Answer, Times } from './answer.ts';
import { behavioursOf } from './behaviours/behaviours.ts';
import { createClock } from './clock.ts';
import { changeClock } from './clock-controls.ts';
import { arrivalOf, callEventOf } from './cloudtrail/call-event.ts';
import { createCloudTrail } from './cloudtrail/lookup-events.ts';
import { type Controls, isControlPath } from './control.ts';
import type { Emulator, EmulatorOptions } from './emulator.ts';
import { changeFaults } from './faults/controls.ts';
import { createFaults } from './faults/faults.ts';
import { addressOf, isLoopbackAddress, listen, stopListening } from './http.ts';
import { createMarketplace, type Marketplace } from './market/marketplace.ts';
import { createMarketplaceApis } from './marketplace/quotas.ts';
import { keyReadings } from './operations/dedup.ts';
import { createQuota } from './quota.ts';
import { sendReply } from './reply.ts';
import { entryOf } from './request-entry.ts';
import { logLine, openRequestLog, type RequestLog } from './request-log.ts';
import { type RouteContext, route } from './route.ts';
import type { Service } from './service.ts';
import { rememberSigningKeys } from './signing/signing-key.ts';
import { openArchive } from './state/archive.ts';
import { createCounter } from './stats.ts';

/**
 * Starts the metering service on this machine. It implements the four operations as AWS documents them, for callers that
 * sign with `KEY_PAIR` or a key of the catalog, in any Region; each Region has its own records, as with AWS. Where AWS's
 * behavior is not public, the code that decides says so. Rejects with Node's error when it cannot listen or open the log,
 * and with UsageError when the state file or the folder of CloudTrail cannot be used.
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
    cloudTrail: createCloudTrail(archive.history, behaviours, options.cloudTrailDelayMs ?? 0),
    marketplaceApis: createMarketplaceApis(),
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
      service.marketplaceApis.reset();
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
      // A reply that neither log nor state contains must not be sent: after a crash it would be unexplained.
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
      throwIfInvalid(changeFaults(faults, change));
      return faults.state();
    },
    setCatalog: catalog => {
      if (catalog === undefined) marketplace.open();
      else replaceCatalog(marketplace, catalog);
    },
    credentials: () => marketplace.market().credentials,
    setClock: change => {
      throwIfInvalid(changeClock(clock, change));
      return clock.state();
    },
  };
};

/** The control plane uses real time, because it is not part of the service. */
const dateOf = (path: string, answer: Answer | undefined, { rules, real }: Times): Date => {
  const skewMs = answer?.fault?.skewMs ?? 0;
  if (skewMs !== 0) return new Date(real.getTime() + skewMs);
  return isControlPath(path) ? real : rules;
};

const hasRecorded = (answer: Answer | undefined): boolean =>
  answer?.settled.some(({ outcome }) => outcome === 'recorded') ?? false;

const replaceCatalog = (marketplace: Marketplace, catalog: unknown): void => {
  const problems = marketplace.replace(catalog);
  throwIfInvalid(problems.length === 0 ? undefined : problems.join('\n'));
};

const throwIfInvalid = (problem: string | undefined): void => {
  if (problem !== undefined) throw new RangeError(problem);
};

/** A client cannot connect to a wildcard address. */
const urlOf = ({ address, port }: { address: string; port: number }): string => {
  const name = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
};
