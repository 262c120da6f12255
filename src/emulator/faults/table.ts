import type { RecordResult } from '../../usage/wire.ts';
import type { Output } from '../operations/operation.ts';
import type { Lost, Reply } from '../reply.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import { below, type Random, shuffled } from './random.ts';

export type Fault = {
  readonly name: string;
  /** What may follow the `@`; undefined: nothing may. */
  readonly parameter?: Parameter;
  readonly strikes: 'before the call' | 'on the reply';
  readonly effect: FaultEffect;
  /** One sentence, for the manual. */
  readonly description: string;
};

type Parameter = { readonly form: RegExp; readonly byDefault: string };

/** What a fault does, by the place where it does it. Each is handed the parameter as it was written. */
export type FaultEffect =
  /** The clock that signatures are checked against and that `Date` shows is off. */
  | { readonly kind: 'skew'; readonly ms: (parameter: string) => number }
  /** This is answered, and the call is not carried out. */
  | { readonly kind: 'instead'; readonly answer: (parameter: string) => Refusal | Lost }
  /** So many of a batch's records are left for later. */
  | { readonly kind: 'hold back'; readonly count: (parameter: string, records: number) => number }
  /** What was carried out is told otherwise; the same output when there is nothing to change. */
  | { readonly kind: 'result'; readonly change: (output: Output, random: Random) => Output | Refusal }
  /** The bytes of the reply, whatever it says. */
  | { readonly kind: 'reply'; readonly change: (reply: Reply, parameter: string) => Reply };

const MILLISECONDS = { form: /^[0-9]{1,6}$/, byDefault: '1000' };
const SECONDS = { form: /^[+-]?[0-9]{1,9}$/, byDefault: '600' };
const COUNT_OR_SHARE = { form: /^(?:[1-9][0-9]{0,2}|(?:[1-9][0-9]?|100)%)$/, byDefault: '1' };

/**
 * The troubles that stand between a caller and the service, once. Several may strike one call: they do so in this order,
 * and of those that answer instead of the service the first does. A fault that finds nothing to change (the order of one
 * result, the records of a call that has none) has not struck.
 */
export const FAULTS: readonly Fault[] = [
  {
    name: 'clock-skew',
    parameter: SECONDS,
    strikes: 'before the call',
    effect: { kind: 'skew', ms: parameter => Number(parameter) * 1000 },
    description: 'Date and the check of signatures are so many seconds ahead; -600: behind',
  },
  {
    name: 'reset-before',
    strikes: 'before the call',
    effect: { kind: 'instead', answer: () => lost({ status: 0, contentType: '', body: '', cut: 'before' }) },
    description: 'the connection is cut; nothing is recorded',
  },
  {
    name: 'html',
    parameter: { form: /^(?:200|403|407|502|503|504)$/, byDefault: '200' },
    strikes: 'before the call',
    effect: { kind: 'instead', answer: parameter => lost(proxyPage(Number(parameter))) },
    description: "a proxy's page with this status; nothing is recorded",
  },
  {
    name: 'throttle',
    parameter: { form: /^(?:400|429)$/, byDefault: '400' },
    strikes: 'before the call',
    effect: {
      kind: 'instead',
      answer: parameter => refuse('ThrottlingException', undefined, Number(parameter)),
    },
    description: 'ThrottlingException with this status; nothing is recorded',
  },
  {
    name: 'expired-credentials',
    strikes: 'before the call',
    effect: {
      kind: 'instead',
      answer: () =>
        inFront(refuse('ExpiredTokenException', 'The security token included in the request is expired')),
    },
    description: "ExpiredTokenException, as if the caller's session had ended",
  },
  {
    name: 'error500',
    strikes: 'before the call',
    effect: { kind: 'instead', answer: () => refuse('InternalServiceErrorException') },
    description: 'InternalServiceErrorException; nothing is recorded',
  },
  {
    name: 'error503',
    // Anything a header can hold: clients must also survive a Retry-After that makes no sense.
    parameter: { form: /^[!-~](?:[ -~]{0,98}[!-~])?$/, byDefault: '' },
    strikes: 'before the call',
    effect: { kind: 'instead', answer: unavailable },
    description: 'status 503 with this Retry-After, or with none; nothing is recorded',
  },
  {
    name: 'unprocessed',
    parameter: COUNT_OR_SHARE,
    strikes: 'before the call',
    effect: { kind: 'hold back', count: countOf },
    description: 'so many records, or a share such as 50%, come back in UnprocessedRecords',
  },
  {
    name: 'error500-after',
    strikes: 'on the reply',
    effect: { kind: 'result', change: () => refuse('InternalServiceErrorException') },
    description: 'recorded, then InternalServiceErrorException',
  },
  {
    name: 'missing',
    strikes: 'on the reply',
    effect: {
      kind: 'result',
      change: (output, random) => changeResults(output, results => without(results, random)),
    },
    description: 'recorded, but one result is left out of the reply',
  },
  {
    name: 'no-id',
    strikes: 'on the reply',
    effect: {
      kind: 'result',
      change: (output, random) => changeResults(output, results => withoutId(results, random)),
    },
    description: 'one Success has no MeteringRecordId',
  },
  {
    name: 'reorder',
    strikes: 'on the reply',
    effect: {
      kind: 'result',
      change: (output, random) => changeResults(output, results => moved(results, random)),
    },
    description: 'Results are in another order than the records',
  },
  {
    name: 'empty',
    strikes: 'on the reply',
    effect: { kind: 'reply', change: reply => ({ ...reply, status: 200, body: '' }) },
    description: 'recorded, then status 200 with nothing in it',
  },
  {
    name: 'no-request-id',
    strikes: 'on the reply',
    effect: { kind: 'reply', change: reply => ({ ...reply, withoutRequestId: true }) },
    description: 'the reply has no x-amzn-RequestId',
  },
  {
    name: 'slow',
    parameter: MILLISECONDS,
    strikes: 'on the reply',
    effect: { kind: 'reply', change: (reply, parameter) => ({ ...reply, delayMs: Number(parameter) }) },
    description: 'recorded at once, answered so many milliseconds later',
  },
  {
    name: 'truncated',
    parameter: { form: /^(?:head|body|json)$/, byDefault: 'body' },
    strikes: 'on the reply',
    effect: { kind: 'reply', change: truncated },
    description: 'recorded; the reply breaks off in its body or head; json: half, as if whole',
  },
  {
    name: 'reset-after',
    strikes: 'on the reply',
    effect: { kind: 'reply', change: reply => ({ ...reply, cut: 'before' }) },
    description: 'recorded, then the connection is cut before the reply',
  },
];

function lost(reply: Reply): Lost {
  return { kind: 'lost', reply };
}

function proxyPage(status: number): Reply {
  const body = `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>Proxy</h1></body></html>\n`;
  return { status, contentType: 'text/html; charset=utf-8', body, withoutRequestId: true };
}

/** Of the layers that a request passes before it gets to the service. */
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

/** The very output when it has no results, or they stay as they are. */
function changeResults(output: Output, change: (results: Results) => Results): Output {
  if (!('Results' in output)) return output;
  const results = change(output.Results);
  return results === output.Results ? output : { ...output, Results: [...results] };
}

function without(results: Results, random: Random): Results {
  return results.length === 0 ? results : results.toSpliced(below(results.length, random), 1);
}

function withoutId(results: Results, random: Random): Results {
  const places = [...results.keys()].filter(place => results[place]?.MeteringRecordId !== undefined);
  const place = places[below(places.length, random)];
  if (place === undefined) return results;
  const { MeteringRecordId: _, ...rest } = results[place] as RecordResult;
  return results.with(place, rest);
}

/** An order that happens to be the old one is no fault: then the first becomes the last. */
function moved(results: Results, random: Random): Results {
  if (results.length < 2) return results;
  const mixed = shuffled(results, random);
  return mixed.some((result, place) => result !== results[place])
    ? mixed
    : [...results.slice(1), ...results.slice(0, 1)];
}
