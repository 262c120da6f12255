import { HOUR_MS, startOfHour } from '../../usage/hours.ts';
import type { Agreement } from './catalog.ts';

/**
 * Whether usage is of a time in which the agreement was in force. Billing goes by the hour, and clients report its start:
 * an hour counts that the agreement was in force in for a part. Source: UsageRecord and InvalidLicenseException in the
 * service model ("usage is within the license activation period"), which say nothing of hours begun.
 */
export const isInPeriod = ({ startMs, endMs }: Agreement, at: number): boolean => {
  const hourMs = startOfHour(at) * 1000;
  return hourMs + HOUR_MS > startMs && hourMs < endMs;
};

/**
 * Whether the agreement takes reports now: not before its start (subscribe-success, License Updated), and for an hour
 * after its end (unsubscribe-pending until unsubscribe-success). Source: Seller Guide, saas-notification.
 */
export const takesReports = ({ state, startMs, endMs }: Agreement, now: Date): boolean =>
  state === 'active' && now.getTime() >= startMs && now.getTime() < endMs + HOUR_MS;

/** Whether the agreement is in force now: what a container may start under. */
export const isInForce = ({ state, startMs, endMs }: Agreement, now: Date): boolean =>
  state === 'active' && now.getTime() >= startMs && now.getTime() < endMs;
