import { type Inputs, OPERATIONS, type Operation, SERVICE, targetOf } from '../usage/wire.ts';
import type { Behaviours } from './behaviours/behaviours.ts';
import { LOOK_UP } from './catalog/catalog-form.ts';
import { CLOUDTRAIL, type CloudTrail } from './cloudtrail/cloudtrail.ts';
import type { LookupOutput } from './cloudtrail/lookup-events.ts';
import { LOOKUP_SHAPE, type LookupRequest } from './cloudtrail/model.ts';
import type { Faults } from './faults/faults.ts';
import type { InjectedFault } from './faults/injected-fault.ts';
import { KEY_PAIR } from './key-pair.ts';
import type { Market } from './market/market.ts';
import type { Marketplace } from './market/marketplace.ts';
import { notPermitted } from './market/not-permitted.ts';
import { carryOut, type Output } from './operations/carry-out.ts';
import type { Memory, Settled } from './operations/operation.ts';
import { askedOf, type Request } from './operations/request-facts.ts';
import type { TokenSigner } from './operations/usage-token.ts';
import type { Quota } from './quota.ts';
import type { Lost } from './reply.ts';
import { shapeOf } from './rules/operation-shapes.ts';
import { refusalOf } from './rules/order.ts';
import { isRefusal, type Refusal, refuse } from './rules/refusals.ts';
import { type Checked, read } from './rules/shape.ts';
import { signingOf } from './signing/signing.ts';
import { isRegion, type SigningKeyOf } from './signing/signing-key.ts';
import { type Caller, type SignedRequest, type Signer, verifySignature } from './signing/verify-signature.ts';
import { type CallerIdentity, callerIdentity, STS, stsOperation } from './sts.ts';

/** What the service is made of; the same for all its calls. */
export type Service = {
  readonly window: 'on' | 'off';
  readonly signatures: 'verify' | 'skip';
  readonly behaviours: Behaviours;
  readonly uuid: () => string;
  readonly memory: Memory;
  readonly marketplace: Marketplace;
  readonly signer: TokenSigner;
  readonly signingKeyOf: SigningKeyOf;
  readonly faults: Faults;
  /** Undefined: callers may call as often as they like. */
  readonly quota: Quota | undefined;
  readonly cloudTrail: CloudTrail;
};

/**
 * One instant on two clocks. The rules and `Date` go by the service's own, which may stand still at a month's end, so
 * that a client learns what time it is there. A signature may be of either: AWS's clients sign with real time until a
 * reply tells them another. The fault clock-skew puts one time in the place of both.
 */
export type Times = { readonly rules: Date; readonly real: Date };

/** Of this service, of CloudTrail, or of STS. */
export type CalledOperation = Operation | LookupRequest['operation'] | typeof STS.operation;

export type Answer = {
  readonly result: Output | LookupOutput | CallerIdentity | Refusal | Lost;
  readonly operation: CalledOperation | undefined;
  /** Undefined when nobody has shown who calls. */
  readonly caller: Caller | undefined;
  readonly region: string | undefined;
  /** Undefined when the body did not have its form, or was not looked at. */
  readonly request: Request | LookupRequest | undefined;
  /** What became of each record; empty when the call was not carried out. */
  readonly settled: readonly Settled[];
  readonly strike: InjectedFault | undefined;
};

/**
 * One call: operation, signature, quota, permission, form, rules, and only then the deed. A call without an operation is
 * refused before its signature is looked at, as AWS's services do. Faults stand where the trouble would: in front of the
 * quota and the rules, or behind the deed.
 */
export const answerCall = async (request: SignedRequest, service: Service, times: Times): Promise<Answer> => {
  const operation = operationOf(request);
  if (operation === undefined) return answer(refuse('UnknownOperationException'));
  switch (operation) {
    case 'LookupEvents':
      return answerLookup(request, service, times);
    case STS.operation:
      return answerIdentity(request, service, times);
    default:
      return answerMetering(operation, request, service, times);
  }
};

/** Nobody needs a permission for it, and no fault strikes it. Source: STS API reference, GetCallerIdentity. */
const answerIdentity = (request: SignedRequest, service: Service, { rules, real }: Times): Answer => {
  const { operation, signingName } = STS;
  const caller = callerOf(request, service, service.marketplace.market(), [real, rules], signingName);
  if (caller.kind === 'refusal') return answer(caller, { operation });
  return answer(callerIdentity(caller), { operation, region: caller.region, caller });
};

const answerMetering = async (
  operation: Operation,
  request: SignedRequest,
  service: Service,
  { rules: now, real }: Times,
): Promise<Answer> => {
  const strike = service.faults.strike();
  const skewMs = strike?.skewMs ?? 0;
  const clocks = skewMs === 0 ? ([real, now] as const) : ([new Date(real.getTime() + skewMs)] as const);
  const market = service.marketplace.market();
  const caller = callerOf(request, service, market, clocks);
  if (caller.kind === 'refusal') return answer(caller, { operation, strike });
  const { region, accessKeyId } = caller;

  const body = parseBody(operation, request.body, service.behaviours);
  const parsed = body.kind === 'request' ? body.request : undefined;
  const facts = { operation, region, caller, strike, request: parsed };
  const instead =
    strike?.instead() ??
    quotaRefusal(service, caller, operation, real) ??
    permissionRefusal(service, market, caller, `aws-marketplace:${operation}`, isDryRun(parsed));
  if (instead !== undefined) return answer(instead, facts);
  if (body.kind === 'refusal') return answer(body, facts);

  const { memory, window, behaviours } = service;
  const refusal = refusalOf(askedOf(body.request), { now, caller, market, memory, window, behaviours });
  if (refusal !== undefined) return answer(refusal, facts);
  const heldBack = strike?.heldBack(batchSize(body.request)) ?? NONE;
  const settled: Settled[] = [];
  const call = { ...service, now, caller, region, accessKeyId, market, heldBack, settled };
  const output = await carryOut(body.request, call);
  const result = strike === undefined || isRefusal(output) ? output : strike.result(output);
  return answer(result, { ...facts, settled });
};

/** No fault strikes a look-up: they stand between callers and the metering service. */
const answerLookup = (request: SignedRequest, service: Service, { rules, real }: Times): Answer => {
  const operation = 'LookupEvents';
  const market = service.marketplace.market();
  const caller = callerOf(request, service, market, [real, rules], CLOUDTRAIL.signingName);
  if (caller.kind === 'refusal') return answer(caller, { operation });
  const { region, accountId } = caller;
  const facts = { operation, region, caller } as const;
  const { lookup, quota } = service.cloudTrail;
  if (!quota.admits(`${accountId} ${region}`, operation, real)) {
    return answer(refuse('ThrottlingException', 'Rate exceeded'), facts);
  }
  const denied = permissionRefusal(service, market, caller, LOOK_UP, false);
  if (denied !== undefined) return answer(denied, facts);
  const body = parseObject(request.body);
  if (body === undefined) return answer(refuse('SerializationException'), facts);
  const input = read(LOOKUP_SHAPE, body);
  if (!input.ok) return answer(refuse('ValidationException', input.message), facts);
  return answer(lookup(input.value, caller, rules), { ...facts, request: { operation, input: input.value } });
};

/** The answer to a request before it is known to be a call. */
export const unaddressed = (result: Refusal): Answer => answer(result);

const answer = (result: Answer['result'], facts: Partial<Omit<Answer, 'result'>> = {}): Answer => ({
  operation: undefined,
  region: undefined,
  caller: undefined,
  request: undefined,
  settled: [],
  strike: undefined,
  ...facts,
  result,
});

const NONE: ReadonlySet<number> = new Set();

const batchSize = ({ operation, input }: Request): number =>
  operation === 'BatchMeterUsage' ? input.UsageRecords.length : 0;

const quotaRefusal = (
  { quota }: Service,
  { accountId, region }: Caller,
  operation: Operation,
  at: Date,
): Refusal | undefined =>
  quota === undefined || quota.admits(`${accountId} ${region}`, operation, at)
    ? undefined
    : refuse('ThrottlingException');

const permissionRefusal = (
  { behaviours }: Service,
  market: Market,
  caller: Caller,
  action: string,
  isDryRun: boolean,
): Refusal | undefined =>
  market.permits(caller.accessKeyId, action)
    ? undefined
    : notPermitted(caller, action, { isDryRun, behaviours });

const isDryRun = (request: Request | undefined): boolean =>
  request?.operation === 'MeterUsage' && request.input.DryRun === true;

const TARGETS: ReadonlyMap<string, CalledOperation> = new Map<string, CalledOperation>([
  ...OPERATIONS.map((name): [string, Operation] => [targetOf(name), name]),
  [CLOUDTRAIL.target, 'LookupEvents'],
]);

/**
 * Also undefined for another content type: a web page may send some of those without asking first. A form is one; it can
 * only ask who calls.
 */
const operationOf = (request: SignedRequest): CalledOperation | undefined => {
  const { headers } = request;
  const [type] = headers.get('content-type')?.join(',').split(';') ?? [];
  const isJson = type?.trim().toLowerCase() === SERVICE.contentType;
  return isJson ? TARGETS.get(headers.get('x-amz-target')?.join(',') ?? '') : stsOperation(request);
};

/** What a signature may take for now. */
type Clocks = readonly [Date, ...Date[]];

const callerOf = (
  request: SignedRequest,
  service: Service,
  market: Market,
  clocks: Clocks,
  signingName: string = SERVICE.signingName,
): Caller | Refusal => {
  const signer =
    service.signatures === 'skip'
      ? claimedSigner(request)
      : provenSigner(request, service, market, clocks, signingName);
  return signer.kind === 'refusal'
    ? signer
    : { ...signer, ...market.principalOf(signer.accessKeyId), kind: 'caller' };
};

const provenSigner = (
  request: SignedRequest,
  service: Service,
  market: Market,
  [first, ...more]: Clocks,
  signingName: string,
): Signer | Refusal =>
  verifySignature(request, {
    now: first,
    alsoNow: more,
    service: signingName,
    secretOf: market.secretOf,
    signingKeyOf: service.signingKeyOf,
  });

/** Who the request says it is from, unproven. */
const claimedSigner = (request: SignedRequest): Signer => {
  const claimed = signingOf(request);
  return claimed.kind === 'authorization' && isRegion(claimed.scope.region)
    ? { kind: 'signer', accessKeyId: claimed.accessKeyId, region: claimed.scope.region }
    : { kind: 'signer', accessKeyId: KEY_PAIR.accessKeyId, region: 'us-east-1' };
};

type ParsedBody = { readonly kind: 'request'; readonly request: Request } | Refusal;

const parseBody = (operation: Operation, bytes: Uint8Array, behaviours: Behaviours): ParsedBody => {
  const body = parseObject(bytes);
  if (body === undefined) return refuse('SerializationException');
  const input = inputOf(operation, body, behaviours);
  if (input.ok) return { kind: 'request', request: { operation, input: input.value } as Request };
  const isSerialization = input.isOfWrongType && behaviours['wrong-type'] === 'serialization';
  return refuse(isSerialization ? 'SerializationException' : 'ValidationException', input.message);
};

const inputOf = <O extends Operation>(
  operation: O,
  body: object,
  behaviours: Behaviours,
): Checked<Inputs[O]> => read(shapeOf(operation, behaviours), body);

/** Undefined for what is no JSON, and for JSON that is no object. */
const parseObject = (bytes: Uint8Array): object | undefined => {
  try {
    const body: unknown = JSON.parse(UTF_8.decode(bytes));
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
};

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
