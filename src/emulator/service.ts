import { type Inputs, OPERATIONS, type Operation, SERVICE, targetOf } from '../metering/wire.ts';
import { askedOf, type Request } from './asked.ts';
import { parseAuthorization } from './authorization.ts';
import type { Memory, Settled } from './call.ts';
import { carryOut, type Output } from './carry-out.ts';
import { refusalOf } from './checks.ts';
import type { Faults } from './faults.ts';
import { KEY_PAIR } from './key-pair.ts';
import type { Quota } from './quota.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import type { Lost } from './reply.ts';
import { type Read, read } from './schema.ts';
import { SHAPES } from './shapes.ts';
import { isRegion, type SigningKeyOf } from './signing-key.ts';
import type { Strike } from './strike.ts';
import type { TokenSigner } from './usage-token.ts';
import { type Caller, type SignedRequest, verifySignature } from './verify-signature.ts';

/** What the service is made of; the same for all its calls. */
export type Service = {
  readonly window: 'on' | 'off';
  readonly signatures: 'verify' | 'skip';
  readonly uuid: () => string;
  readonly memory: Memory;
  readonly signer: TokenSigner;
  readonly signingKeyOf: SigningKeyOf;
  readonly faults: Faults;
  /** Undefined: callers may call as often as they like. */
  readonly quota: Quota | undefined;
};

/**
 * One instant on two clocks. The rules go by the service's own, which may stand still at a month's end. Signatures and
 * `Date` go by the real one, whatever the other shows: AWS's clients sign with real time, and one that learnt another
 * from a reply would be refused for ever. Only the fault clock-skew moves that.
 */
export type Times = { readonly rules: Date; readonly real: Date };

export type Answer = {
  readonly result: Output | Refusal | Lost;
  readonly operation: Operation | undefined;
  readonly region: string | undefined;
  /** Undefined when the body did not have its form, or was not looked at. */
  readonly request: Request | undefined;
  /** What became of each record; empty when the call was not carried out. */
  readonly settled: readonly Settled[];
  readonly strike: Strike | undefined;
};

/**
 * One call: operation, signature, form, quota, rules, and only then the deed. A call without an operation is refused
 * before its signature is looked at, as AWS's services do. Faults stand where the trouble would: in front of the quota
 * and the rules, or behind the deed.
 */
export const answerCall = async (
  request: SignedRequest,
  service: Service,
  { rules: now, real }: Times,
): Promise<Answer> => {
  const operation = operationOf(request);
  if (operation === undefined) return answer(refuse('UnknownOperationException'));

  const strike = service.faults.strike();
  const skewMs = strike?.skewMs ?? 0;
  const signedAt = skewMs === 0 ? real : new Date(real.getTime() + skewMs);
  const caller = callerOf(request, service, signedAt);
  if (caller.kind === 'refusal') return answer(caller, { operation, strike });
  const { region, accessKeyId } = caller;

  const body = parseBody(operation, request.body);
  const parsed = body.kind === 'request' ? body.request : undefined;
  const facts = { operation, region, strike, request: parsed };
  const instead = strike?.instead() ?? quotaRefusal(service, region, operation, real);
  if (instead !== undefined) return answer(instead, facts);
  if (body.kind === 'refusal') return answer(body, facts);

  const refusal = refusalOf(askedOf(body.request), { now, window: service.window });
  if (refusal !== undefined) return answer(refusal, facts);
  const heldBack = strike?.heldBack(batchSize(body.request)) ?? NONE;
  const settled: Settled[] = [];
  const call = { ...service, now, region, accessKeyId, heldBack, settled };
  const output = await carryOut(body.request, call);
  const result = strike === undefined || isRefusal(output) ? output : strike.result(output);
  return answer(result, { ...facts, settled });
};

/** The answer to a request before it is known to be a call. */
export const unaddressed = (result: Refusal): Answer => answer(result);

const answer = (result: Answer['result'], facts: Partial<Omit<Answer, 'result'>> = {}): Answer => ({
  operation: undefined,
  region: undefined,
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
  region: string,
  operation: Operation,
  at: Date,
): Refusal | undefined =>
  quota === undefined || quota.admits(region, operation, at) ? undefined : refuse('ThrottlingException');

const TARGETS: ReadonlyMap<string, Operation> = new Map(OPERATIONS.map(name => [targetOf(name), name]));

/** Also undefined for another content type: a web page may send some of those without asking first. */
const operationOf = ({ headers }: SignedRequest): Operation | undefined => {
  const [type] = headers.get('content-type')?.join(',').split(';') ?? [];
  const isJson = type?.trim().toLowerCase() === SERVICE.contentType;
  return isJson ? TARGETS.get(headers.get('x-amz-target')?.join(',') ?? '') : undefined;
};

const callerOf = (request: SignedRequest, service: Service, now: Date): Caller | Refusal => {
  if (service.signatures === 'skip') return claimedCaller(request);
  return verifySignature(request, {
    now,
    service: SERVICE.signingName,
    secretOf: id => (id === KEY_PAIR.accessKeyId ? KEY_PAIR.secretAccessKey : undefined),
    signingKeyOf: service.signingKeyOf,
  });
};

/** Who the request says it is from, unproven. */
const claimedCaller = ({ headers }: SignedRequest): Caller => {
  const claimed = parseAuthorization(headers.get('authorization')?.join(','));
  return claimed.kind === 'authorization' && isRegion(claimed.scope.region)
    ? { kind: 'caller', accessKeyId: claimed.accessKeyId, region: claimed.scope.region }
    : { kind: 'caller', accessKeyId: KEY_PAIR.accessKeyId, region: 'us-east-1' };
};

type ParsedBody = { readonly kind: 'request'; readonly request: Request } | Refusal;

const parseBody = (operation: Operation, bytes: Uint8Array): ParsedBody => {
  let body: unknown;
  try {
    body = JSON.parse(UTF_8.decode(bytes));
  } catch {
    return refuse('SerializationException');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return refuse('SerializationException');
  const input = inputOf(operation, body);
  return input.ok
    ? { kind: 'request', request: { operation, input: input.value } as Request }
    : refuse('ValidationException', input.message);
};

const inputOf = <O extends Operation>(operation: O, body: object): Read<Inputs[O]> =>
  read(SHAPES[operation], body);

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
