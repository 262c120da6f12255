import type { Operation } from '../usage/wire.ts';
import type { LookupOutput, LookupRequest } from './cloudtrail/model.ts';
import type { InjectedFault } from './faults/injected-fault.ts';
import type { MarketplaceOperation } from './marketplace/model.ts';
import type { SettledEntry } from './operations/call.ts';
import type { Output } from './operations/operation.ts';
import type { Request } from './operations/request-facts.ts';
import type { Lost } from './reply.ts';
import type { Refusal } from './rules/refusals.ts';
import type { Caller } from './signing/verify-signature.ts';
import type { CallerIdentityOutput, STS } from './sts.ts';

/** Of this service, of CloudTrail, of STS, or of the APIs about agreements and products. */
export type CalledOperation =
  | Operation
  | LookupRequest['operation']
  | typeof STS.operation
  | MarketplaceOperation;

/** In the spelling of its API. */
export type MarketplaceOutput = { readonly kind: 'marketplace'; readonly members: object };

/** What the service answers to a request, before it becomes a reply, and what the log and the statistics need. */
export type Answer = {
  readonly result: Output | LookupOutput | CallerIdentityOutput | MarketplaceOutput | Refusal | Lost;
  readonly operation: CalledOperation | undefined;
  /** Undefined when the caller is not authenticated. */
  readonly caller: Caller | undefined;
  readonly region: string | undefined;
  /** Undefined when the body did not have the right shape, or was not read. */
  readonly request: Request | LookupRequest | undefined;
  /** The outcome of each record; empty when the call was not carried out. */
  readonly settled: readonly SettledEntry[];
  readonly fault: InjectedFault | undefined;
};

/** Without facts: the answer to a request that did not become a call. */
export const answer = (result: Answer['result'], facts: Partial<Omit<Answer, 'result'>> = {}): Answer => ({
  operation: undefined,
  region: undefined,
  caller: undefined,
  request: undefined,
  settled: [],
  fault: undefined,
  ...facts,
  result,
});

/**
 * One instant on two clocks. The rules and `Date` use the service's own clock, which may be frozen at the end of a month,
 * so that a client learns the time there. A signature may use either: AWS's clients sign with real time until a reply
 * shows them another time. The fault clock-skew replaces both.
 */
export type Times = { readonly rules: Date; readonly real: Date };
