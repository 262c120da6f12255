/** When a version of the public key is replaced, as far as the reply tells it. */
export type KeyRotation =
  | { readonly kind: 'past' | 'future'; readonly at: string }
  /** What stands there is no time that anybody can have meant. */
  | { readonly kind: 'unreadable' };

/** RegisterUsage is from the end of 2018: no key was replaced before. Epoch seconds. */
const FIRST_S = 1_514_764_800;

/** Year 10000: a number beyond counts something else than seconds. Epoch seconds. */
const LAST_S = 253_402_300_800;

const ISO =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

/**
 * What a PublicKeyRotationTimestamp says. AWS sends epoch seconds; a text with them, or in ISO 8601, as other protocols of
 * AWS have it, is understood.
 */
export const keyRotation = (written: unknown, now: Date): KeyRotation => {
  const seconds = secondsIn(written);
  if (!(seconds >= FIRST_S && seconds < LAST_S)) return { kind: 'unreadable' };
  const at = new Date(seconds * 1000);
  return { kind: at <= now ? 'past' : 'future', at: at.toISOString() };
};

const secondsIn = (written: unknown): number => {
  if (typeof written === 'number') return written;
  if (typeof written !== 'string') return Number.NaN;
  if (ISO.test(written)) return Date.parse(written) / 1000;
  return /^[0-9]{1,12}(\.[0-9]+)?$/.test(written) ? Number(written) : Number.NaN;
};
