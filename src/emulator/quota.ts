export type Quota = {
  /** Whether a call at this real instant is within the quota of the scope; if so, it counts. */
  readonly admits: (scope: string, operation: string, at: Date) => boolean;
  /** Forgets all calls. */
  readonly reset: () => void;
};

/** Callers choose Regions freely, so the number of buckets needs a limit. */
const MAX_BUCKETS = 1000;

/**
 * A number of calls a second for each scope (an account and a Region) and operation. A token bucket holds the calls of one
 * second, at least one. AWS publishes the rates (10 for BatchMeterUsage), but not how it counts. Real time fills the
 * buckets, because a frozen clock would never refill them.
 */
export const createQuota = (perSecond: number): Quota => {
  const capacity = Math.max(1, perSecond);
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    admits: (scope, operation, at) => {
      const name = `${scope} ${operation}`;
      const atMs = at.getTime();
      const known = buckets.get(name);
      const bucket = known ?? { tokens: capacity, atMs };
      if (known === undefined) {
        if (buckets.size >= MAX_BUCKETS) buckets.clear();
        buckets.set(name, bucket);
      }
      // The real clock may be set back, which must not empty the bucket.
      const passedMs = Math.max(0, atMs - bucket.atMs);
      bucket.tokens = Math.min(capacity, bucket.tokens + (passedMs / 1000) * perSecond);
      bucket.atMs = atMs;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
    reset: () => buckets.clear(),
  };
};
