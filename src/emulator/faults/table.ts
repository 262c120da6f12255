import type { RecordResult } from '../../usage/wire.ts';
import type { Output } from '../operations/operation.ts';
import type { Lost, Reply } from '../reply.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import { below, type Random, shuffled } from './random.ts';

export type Fault = {
  readonly name: string;
  /** What may follow the `@`; undefined: the fault has no parameter. */
  readonly parameter?: Parameter;
  readonly effect: FaultEffect;
  /** One sentence, for the manual. */
  readonly description: string;
};

type Parameter = { readonly form: RegExp; readonly byDefault: string };

/** What a fault does, and at which point of a call. Each function receives the parameter as it was written. */
export type FaultEffect =
  /** Shifts the clock that signatures are checked against and that `Date` shows. */
  | { readonly kind: 'skew'; readonly ms: (parameter: string) => number }
  /** Replaces the call, which is not carried out. */
  | { readonly kind: 'instead'; readonly answer: (parameter: string) => Refusal | Lost }
  /** Leaves this many records of a batch unprocessed. */
  | { readonly kind: 'hold back'; readonly count: (parameter: string, records: number) => number }
  /** Changes the output of a call that was carried out; returns the same output when there is nothing to change. */
  | { readonly kind: 'result'; readonly change: (output: Output, random: Random) => Output | Refusal }
  /** Changes the reply, regardless of its content. */
  | { readonly kind: 'reply'; readonly change: (reply: Reply, parameter: string) => Reply };

const MILLISECONDS = { form: /^[0-9]{1,6}$/, byDefault: '1000' };
const SECONDS = { form: /^[+-]?[0-9]{1,9}$/, byDefault: '600' };
const COUNT_OR_SHARE = { form: /^(?:[1-9][0-9]{0,2}|(?:[1-9][0-9]?|100)%)$/, byDefault: '1' };

/**
 * All faults, in the order in which they apply to a call. Several may apply to one call; of those that replace the call,
 * only the first does. A fault that has nothing to change (the order of a single result, the records of a call that has
 * none) does not count as applied.
 */
export const FAULTS: readonly Fault[] = [
  {
    name: 'clock-skew',
    parameter: SECONDS,
    effect: { kind: 'skew', ms: parameter => Number(parameter) * 1000 },
    description: 'Date and the signature check are this many seconds ahead; -600: behind',
  },
  {
    name: 'reset-before',
    effect: { kind: 'instead', answer: () => lost({ status: 0, contentType: '', body: '', cut: 'before' }) },
    description: 'the connection is reset; nothing is recorded',
  },
  {
    name: 'html',
    parameter: { form: /^(?:200|403|407|502|503|504)$/, byDefault: '200' },
    effect: { kind: 'instead', answer: parameter => lost(proxyPage(Number(parameter))) },
    description: "a proxy's HTML page with this status; nothing is recorded",
  },
  {
    name: 'throttle',
    parameter: { form: /^(?:400|429)$/, byDefault: '400' },
    effect: {
      kind: 'instead',
      answer: parameter => refuse('ThrottlingException', undefined, Number(parameter)),
    },
    description: 'ThrottlingException with this status; nothing is recorded',
  },
  {
    name: 'expired-credentials',
    effect: {
      kind: 'instead',
      answer: () =>
        inFront(refuse('ExpiredTokenException', 'The security token included in the request is expired')),
    },
    description: 'ExpiredTokenException, as if the session token had expired',
  },
  {
    name: 'error500',
    effect: { kind: 'instead', answer: () => refuse('InternalServiceErrorException') },
    description: 'InternalServiceErrorException; nothing is recorded',
  },
  {
    name: 'error503',
    // Any valid header value: clients must also cope with a meaningless Retry-After.
    parameter: { form: /^[!-~](?:[ -~]{0,98}[!-~])?$/, byDefault: '' },
    effect: { kind: 'instead', answer: unavailable },
    description: 'status 503, with this Retry-After if any; nothing is recorded',
  },
  {
    name: 'unprocessed',
    parameter: COUNT_OR_SHARE,
    effect: { kind: 'hold back', count: countOf },
    description: 'this many records, or a share such as 50%, are left unprocessed',
  },
  {
    name: 'error500-after',
    effect: { kind: 'result', change: () => refuse('InternalServiceErrorException') },
    description: 'recorded, then InternalServiceErrorException',
  },
  {
    name: 'missing',
    effect: {
      kind: 'result',
      change: (output, random) => changeResults(output, results => withoutOne(results, random)),
    },
    description: 'recorded, but one result is missing from the reply',
  },
  {
    name: 'no-id',
    effect: {
      kind: 'result',
      change: (output, random) => changeResults(output, results => withoutId(results, random)),
    },
    description: 'one Success has no MeteringRecordId',
  },
  {
    name: 'reorder',
    effect: {
      kind: 'result',
      change: (output, random) => changeResults(output, results => reordered(results, random)),
    },
    description: 'Results are in a different order from the records',
  },
  {
    name: 'empty',
    effect: { kind: 'reply', change: reply => ({ ...reply, status: 200, body: '' }) },
    description: 'recorded, then status 200 with an empty body',
  },
  {
    name: 'no-request-id',
    effect: { kind: 'reply', change: reply => ({ ...reply, withoutRequestId: true }) },
    description: 'the reply has no x-amzn-RequestId',
  },
  {
    name: 'slow',
    parameter: MILLISECONDS,
    effect: { kind: 'reply', change: (reply, parameter) => ({ ...reply, delayMs: Number(parameter) }) },
    description: 'recorded at once; the reply comes this many milliseconds later',
  },
  {
    name: 'truncated',
    parameter: { form: /^(?:head|body|json)$/, byDefault: 'body' },
    effect: { kind: 'reply', change: truncated },
    description: 'recorded; the reply ends in its body or head; json: half a JSON document',
  },
  {
    name: 'reset-after',
    effect: { kind: 'reply', change: reply => ({ ...reply, cut: 'before' }) },
    description: 'recorded, then the connection is reset before the reply',
  },
];

function lost(reply: Reply): Lost {
  return { kind: 'lost', reply };
}

function proxyPage(status: number): Reply {
  const body = `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>Proxy</h1></body></html>\n`;
  return { status, contentType: 'text/html; charset=utf-8', body, withoutRequestId: true };
}

/** A refusal by a layer in front of the service. */
function inFront(refusal: Refusal): Refusal {
  return { ...refusal, beforeService: true };
}

function unavailable(retryAfter: string): Refusal {
  const refusal = inFront(refuse('ServiceUnavailable'));
  return retryAfter === '' ? refusal : { ...refusal, headers: { 'Retry-After': retryAfter } };
}

function countOf(parameter: string, records: number): number {
  const number = Number.parseInt(parameter, 10);
  return Math.min(records, parameter.endsWith('%') ? Math.ceil((records * number) / 100) : number);
}

function truncated(reply: Reply, where: string): Reply {
  return where === 'json'
    ? { ...reply, body: reply.body.slice(0, reply.body.length / 2) }
    : { ...reply, cut: where === 'head' ? 'head' : 'body' };
}

type Results = readonly RecordResult[];

/** Returns the same output when it has no results, or they do not change. */
function changeResults(output: Output, change: (results: Results) => Results): Output {
  if (!('Results' in output)) return output;
  const results = change(output.Results);
  return results === output.Results ? output : { ...output, Results: [...results] };
}

function withoutOne(results: Results, random: Random): Results {
  return results.length === 0 ? results : results.toSpliced(below(results.length, random), 1);
}

function withoutId(results: Results, random: Random): Results {
  const places = [...results.keys()].filter(place => results[place]?.MeteringRecordId !== undefined);
  const place = places[below(places.length, random)];
  if (place === undefined) return results;
  const { MeteringRecordId: _, ...rest } = results[place] as RecordResult;
  return results.with(place, rest);
}

/** When shuffling yields the original order, the first result is moved to the end. */
function reordered(results: Results, random: Random): Results {
  if (results.length < 2) return results;
  const mixed = shuffled(results, random);
  return mixed.some((result, place) => result !== results[place])
    ? mixed
    : [...results.slice(1), ...results.slice(0, 1)];
}
