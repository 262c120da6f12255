import { createHash } from 'node:crypto';
import { type EpochSeconds, isoSeconds } from '../../usage/hours.ts';
import type { DestinationScope } from '../../usage/scope.ts';
import type { StreamKey } from '../stream-statements.ts';
import type { ItemKey } from './table.ts';

/**
 * The keys of the items. One item for each usage: everything that AWS could bill for one customer, dimension and hour, in
 * any Region, with a license or a product code. So each guard against double billing is a condition on one item, and an
 * hour is one partition: at AWS's quota it is written to 500 times a second, half of what a partition takes.
 */

/** Of the item that says whose table it is. */
export const TABLE_KEY: ItemKey = { partition: 'ampmeter', sort: 'ledger' };

export const hourPartition = (endpoint: string, hour: EpochSeconds): string =>
  `usage ${endpoint} ${isoSeconds(hour)}`;

export const usageKey = (endpoint: string, { hour, customer, dimension }: Usage): ItemKey => ({
  partition: hourPartition(endpoint, hour),
  sort: sortKey(dimension, customer),
});

export type Usage = { readonly hour: EpochSeconds; readonly customer: string; readonly dimension: string };

/** The hours that have usage, of one endpoint. */
export const hoursPartition = (endpoint: string): string => `hours ${endpoint}`;

/** The Regions that usage was sent to, of one endpoint. */
export const regionsPartition = (endpoint: string): string => `regions ${endpoint}`;

export const runsPartition = (endpoint: string): string => `runs ${endpoint}`;

/** The runs that may have left something open. */
export const openPartition = (endpoint: string): string => `open ${endpoint}`;

export const pinsPartition = (endpoint: string): string => `pins ${endpoint}`;

/** What the runs of one endpoint have told. */
export const problemsPartition = (endpoint: string): string => `problems ${endpoint}`;

/** The endpoints that the table has usage of. */
export const ENDPOINTS = 'endpoints';

/** The records of a stream whose fractions are carried (`usage/carry`), by hour. */
export const streamPartition = (
  { endpoint, region }: DestinationScope,
  { customer, dimension, mode, offering }: StreamKey,
): string => `stream ${endpoint} ${region} ${mode} ${sortKey(offering, dimension, customer)}`;

/** Of the item that each change of a stream must write. It sorts after all hours. */
export const STREAM_HEAD = 'head';

/** A long text, by its digest: such items never change. */
export const textPartition = (digest: string): string => `text ${digest}`;

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** DynamoDB takes 1,024 bytes. What is longer is in the item itself. */
const sortKey = (...parts: readonly string[]): string => {
  const text = JSON.stringify(parts);
  return Buffer.byteLength(text) <= MAX_SORT_KEY_BYTES ? text : digestOf(text);
};

const MAX_SORT_KEY_BYTES = 900;
