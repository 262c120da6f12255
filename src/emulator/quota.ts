export type Quota = {
  /** Whether a call at this real instant is within the quota of the scope; it counts if so. */
  readonly admits: (scope: string, operation: string, at: Date) => boolean;
  /** Forgets the calls so far. */
  readonly reset: () => void;
};

/** A caller chooses Regions freely, so what is remembered needs a bound. */
const MAX_BUCKETS = 1000;

/**
 * So many calls a second for each scope (an account and a Region) and operation, as a token bucket that holds one
 * second's worth and at least one call. AWS publishes the rates (10 for BatchMeterUsage), not how it counts. Real time
 * fills the buckets, since a clock that stands still would leave them empty for ever.
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
      // Clocks are set back at times; that takes nothing away.
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
