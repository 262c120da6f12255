import { OPERATIONS, type Operation, SERVICE, targetOf } from '../usage/wire.ts';
import { type Answer, answer, type CalledOperation, type Times } from './answer.ts';
import { answerMarketplace } from './answer-marketplace.ts';
import { answerMetering } from './answer-metering.ts';
import { LOOK_UP } from './catalog/schema.ts';
import { CLOUDTRAIL, LOOKUP_SHAPE } from './cloudtrail/model.ts';
import {
  agreementOperation,
  catalogOperation,
  isMarketplaceOperation,
  MARKETPLACE,
} from './marketplace/model.ts';
import { parseObject } from './operations/operation.ts';
import { refuse } from './rules/refusals.ts';
import { read } from './rules/shape.ts';
import { callerOf, permissionRefusal, type Service } from './service.ts';
import type { SignedRequest } from './signing/signing.ts';
import { callerIdentity, STS, stsOperation } from './sts.ts';

/**
 * Answers one call: of the metering service, of CloudTrail, of STS, or of the APIs about agreements and products. A call without an operation is rejected before its
 * signature is checked, as AWS's services do.
 */
export const answerCall = async (request: SignedRequest, service: Service, times: Times): Promise<Answer> => {
  const operation = operationOf(request);
  if (operation === undefined) return answer(refuse('UnknownOperationException'));
  if (isMarketplaceOperation(operation)) return answerMarketplace(operation, request, service, times);
  switch (operation) {
    case 'LookupEvents':
      return answerLookup(request, service, times);
    case STS.operation:
      return answerIdentity(request, service, times);
    default:
      return answerMetering(operation, request, service, times);
  }
};

const TARGETS: ReadonlyMap<string, CalledOperation> = new Map<string, CalledOperation>([
  ...OPERATIONS.map((name): [string, Operation] => [targetOf(name), name]),
  [CLOUDTRAIL.target, 'LookupEvents'],
]);

/**
 * Also undefined for another content type, because a web page may send some types without a preflight request. A form is
 * one of those; it can only call GetCallerIdentity.
 */
const operationOf = (request: SignedRequest): CalledOperation | undefined => {
  const { method, url, headers } = request;
  const type = headers.get('content-type')?.join(',').split(';', 1)[0]?.trim().toLowerCase();
  const path = url.split('?', 1)[0] ?? '';
  if (path !== '/') {
    const isOfCatalog = method === 'GET' || type === MARKETPLACE.catalog.contentType;
    return isOfCatalog ? catalogOperation(method, path) : undefined;
  }
  switch (type) {
    case SERVICE.contentType:
      return TARGETS.get(headers.get('x-amz-target')?.join(',') ?? '');
    case MARKETPLACE.agreements.contentType:
      return agreementOperation(request);
    default:
      return stsOperation(request);
  }
};

/** Needs no permission, and no fault applies to it. Source: STS API reference, GetCallerIdentity. */
const answerIdentity = (request: SignedRequest, service: Service, { rules, real }: Times): Answer => {
  const { operation, signingName } = STS;
  const caller = callerOf(request, service, service.marketplace.market(), [real, rules], signingName);
  if (caller.kind === 'refusal') return answer(caller, { operation });
  return answer(callerIdentity(caller), { operation, region: caller.region, caller });
};

/** No fault applies to a lookup: faults affect the metering service only. */
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
  const denied = permissionRefusal(service, market, caller, LOOK_UP);
  if (denied !== undefined) return answer(denied, facts);
  const body = parseObject(request.body);
  if (body === undefined) return answer(refuse('SerializationException'), facts);
  const input = read(LOOKUP_SHAPE, body);
  if (!input.ok) return answer(refuse('ValidationException', input.message), facts);
  return answer(lookup(input.value, caller, rules), { ...facts, request: { operation, input: input.value } });
};
