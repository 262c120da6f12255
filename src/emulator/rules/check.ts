import type { Behaviours } from '../behaviours/behaviours.ts';
import type { RequestFacts } from '../operations/request-facts.ts';
import type { Caller } from '../signing/verify-signature.ts';
import type { Memory } from '../state/store.ts';
import type { Refusal } from './refusals.ts';

/** What a check may use besides the request. */
export type CheckContext = {
  readonly now: Date;
  readonly caller: Caller;
  readonly memory: Memory;
  /** Whether usage can be too old, or in the future. */
  readonly window: 'on' | 'off';
  readonly behaviours: Behaviours;
};

/** Checks a whole request; undefined: it passes. */
export type Check<C extends CheckContext = CheckContext> = (
  facts: RequestFacts,
  context: C,
) => Refusal | undefined;
