import { type Inputs, OPERATIONS, type Operation, SERVICE, targetOf } from '../metering/wire.ts';
import { askedOf, type Request } from './asked.ts';
import { parseAuthorization } from './authorization.ts';
import type { Memory } from './call.ts';
import { carryOut, type Output } from './carry-out.ts';
import { refusalOf } from './checks.ts';
import { KEY_PAIR } from './key-pair.ts';
import { type Refusal, refuse } from './refusals.ts';
import { type Read, read } from './schema.ts';
import { SHAPES } from './shapes.ts';
import { isRegion, type SigningKeyOf } from './signing-key.ts';
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
};

export type Answer = {
  readonly result: Output | Refusal;
  readonly operation: Operation | undefined;
  readonly region: string | undefined;
  /** How many usage records the call carried. */
  readonly records: number;
};

/**
 * One call: operation, signature, form, rules, and only then the deed. A call without an operation is refused before its
 * signature is looked at, as AWS's services do.
 */
export const answerCall = async (request: SignedRequest, service: Service, now: Date): Promise<Answer> => {
  const operation = operationOf(request);
  if (operation === undefined) return answer(refuse('UnknownOperationException'));

  const caller = callerOf(request, service, now);
  if (caller.kind === 'refusal') return answer(caller, { operation });
  const { region, accessKeyId } = caller;

  const body = parseBody(operation, request.body);
  if (body.kind === 'refusal') return answer(body, { operation, region });

  const asked = askedOf(body.request);
  const result =
    refusalOf(asked, { now, window: service.window }) ??
    (await carryOut(body.request, { ...service, now, region, accessKeyId }));
  return answer(result, { operation, region, records: asked.usages.length });
};

const answer = (result: Output | Refusal, facts: Partial<Omit<Answer, 'result'>> = {}): Answer => ({
  operation: undefined,
  region: undefined,
  records: 0,
  ...facts,
  result,
});

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
