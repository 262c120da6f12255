import { hash } from 'node:crypto';
import type { EpochMs } from '../../usage/hours.ts';

/** What the Agreement API and the Catalog API show of a market. */
export type Listing = {
  readonly products: readonly ListedProduct[];
  readonly agreements: readonly ListedAgreement[];
};

export type ListedProduct = {
  /** In the catalog: `prod-…`. */
  readonly entityId: string;
  readonly code: string;
  readonly title: string;
  /** The account of the seller, who proposes its agreements. */
  readonly owner: string;
  readonly dimensions: readonly string[];
};

export type ListedAgreement = {
  readonly id: string;
  readonly product: ListedProduct;
  /** The account of the buyer. */
  readonly acceptor: string;
  readonly licenseArn: string | undefined;
  readonly offerId: string;
  readonly isOver: boolean;
  /** Infinite: before the first record, or never. */
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly currency: string;
  /** What is billed by usage. */
  readonly prices: readonly Price[];
};

export type Price = { readonly dimension: string; readonly price: string };

/** An id of AWS's form, always the same for the same names. */
export const idOf = (kind: 'prod' | 'offer' | 'agmt', ...names: readonly (string | number)[]): string =>
  `${kind}-${hash('sha256', JSON.stringify([kind, ...names]), 'hex').slice(0, 25)}`;

/** The start of agreements without one. */
export const LONG_AGO_MS = Date.UTC(2024, 0, 1);

/** AWS updates an agreement when it is accepted and when it ends. */
export const stateAt = (
  { isOver, startMs, endMs }: ListedAgreement,
  now: Date,
): { readonly status: 'ACTIVE' | 'CANCELLED'; readonly startMs: EpochMs; readonly updatedMs: EpochMs } => {
  const start = Number.isFinite(startMs) ? startMs : LONG_AGO_MS;
  const hasEnded = endMs <= now.getTime();
  return {
    status: isOver || hasEnded ? 'CANCELLED' : 'ACTIVE',
    startMs: start,
    updatedMs: hasEnded ? endMs : start,
  };
};
