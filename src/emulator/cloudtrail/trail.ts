import { randomInt } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { UsageError } from '../../errors.ts';
import { makeFolder } from '../../files/folder.ts';
import type { CloudTrailEvent } from './cloudtrail-event.ts';

/** A trail that writes to a folder what CloudTrail delivers to a bucket. */
export type Trail = {
  readonly add: (event: CloudTrailEvent) => void;
  /** Writes all pending events now. */
  readonly deliver: () => Promise<void>;
  /** Drops the pending events. */
  readonly forget: () => void;
  /** Writes all pending events, and stops. Rejects when they cannot be written. */
  readonly close: () => Promise<void>;
};

type TrailOptions = {
  /** The service's clock: the name of a file contains the time of its delivery. */
  readonly now: () => Date;
  /** Called when a file could not be written; its events stay pending. */
  readonly onTrouble: (error: unknown) => void;
  /** Called when the events of these requests are in a file. */
  readonly onDelivered: (requestIds: readonly string[]) => void;
};

/** AWS delivers about every five minutes. Source: CloudTrail User Guide. */
const DELIVERY_MS = 5 * 60_000;

/** A file is written early when this much JSON is pending, before compression. */
const FILE_BYTES = 10 * 1024 * 1024;

type Pending = {
  readonly accountId: string;
  readonly region: string;
  events: { readonly requestId: string; readonly json: string }[];
  bytes: number;
  /** After a failure, events wait for the next regular delivery. */
  waits: boolean;
};

/**
 * Writes files as in S3: each for one account and Region, with `{"Records": […]}` in gzip. A reader never sees a partial
 * file: it has another extension until it is complete. Throws UsageError when the folder cannot be written. Source: CloudTrail User Guide,
 * log file examples and names.
 */
export const openTrail = (folder: string, { now, onTrouble, onDelivered }: TrailOptions): Trail => {
  checkFolder(folder);
  const places = new Map<string, Pending>();
  const deliveries = new Set<Promise<void>>();

  const deliver = (place: Pending): void => {
    const { events, bytes } = place;
    if (events.length === 0) return;
    place.events = [];
    place.bytes = 0;
    place.waits = false;
    const delivery = writeFileOf(folder, place, now(), events)
      .then(
        () => onDelivered(events.map(({ requestId }) => requestId)),
        error => {
          place.events = [...events, ...place.events];
          place.bytes += bytes;
          place.waits = true;
          onTrouble(error);
        },
      )
      .finally(() => deliveries.delete(delivery));
    deliveries.add(delivery);
  };
  const deliverAll = (): void => {
    for (const place of places.values()) deliver(place);
  };
  const deliverNow = async (): Promise<void> => {
    deliverAll();
    await Promise.all(deliveries);
  };
  const timer = setInterval(deliverAll, DELIVERY_MS).unref();

  return {
    add: event => {
      const { recipientAccountId: accountId, awsRegion: region } = event;
      const name = `${accountId} ${region}`;
      const place = places.get(name) ?? { accountId, region, events: [], bytes: 0, waits: false };
      places.set(name, place);
      const json = JSON.stringify(event);
      place.events.push({ requestId: event.requestID, json });
      place.bytes += json.length;
      if (place.bytes >= FILE_BYTES && !place.waits) deliver(place);
    },
    deliver: deliverNow,
    forget: () => places.clear(),
    close: async () => {
      clearInterval(timer);
      await Promise.all(deliveries);
      await deliverNow();
      const left = [...places.values()].reduce((sum, { events }) => sum + events.length, 0);
      if (left > 0)
        throw new Error(
          `${left} CloudTrail ${left === 1 ? 'event' : 'events'} could not be written to ${folder}`,
        );
    },
  };
};

const checkFolder = (folder: string): void => {
  try {
    const logs = join(folder, 'AWSLogs');
    makeFolder(logs, 0o700);
    const probe = join(logs, `.${uniquePart()}.part`);
    writeFileSync(probe, '', { mode: 0o600, flag: 'wx' });
    rmSync(probe);
  } catch (error) {
    throw new UsageError(
      `cannot write CloudTrail's log files to ${folder}: ${(error as Error).message}`,
      'use --cloudtrail with a writable folder',
    );
  }
};

const compress = promisify(gzip);

const writeFileOf = async (
  folder: string,
  { accountId, region }: Pending,
  at: Date,
  events: Pending['events'],
): Promise<void> => {
  const stamp = `${at.toISOString().slice(0, 16).replace(/[-:]/g, '')}Z`;
  const [year = '', month = '', day = ''] = at.toISOString().slice(0, 10).split('-');
  const place = join(folder, 'AWSLogs', accountId, 'CloudTrail', region, year, month, day);
  const file = join(place, `${accountId}_CloudTrail_${region}_${stamp}_${uniquePart()}.json.gz`);
  const draft = `${file}.part`;
  makeFolder(place, 0o700);
  try {
    const bytes = await compress(`{"Records":[${events.map(({ json }) => json).join(',')}]}`);
    await writeFile(draft, bytes, { mode: 0o600, flag: 'wx' });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
};

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Sixteen letters and digits. */
const uniquePart = (): string =>
  Array.from({ length: 16 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
