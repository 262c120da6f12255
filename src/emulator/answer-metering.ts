import type { Operation } from '../usage/wire.ts';
import { type Answer, answer, type Times } from './answer.ts';
import type { SettledEntry } from './operations/call.ts';
import { parseRequest, runOperation } from './operations/operation.ts';
import { factsOf, type Request } from './operations/request-facts.ts';
import { refusalOf } from './rules/order.ts';
import { isRefusal, type Refusal, refuse } from './rules/refusals.ts';
import { type Clocks, callerOf, permissionRefusal, type Service } from './service.ts';
import type { SignedRequest } from './signing/signing.ts';
import type { Caller } from './signing/verify-signature.ts';

/**
 * Answers a call of the metering service: signature, quota, permission, shape of the input, rules, and only then the
 * operation. Faults take effect where the real problem would: before quota and rules, or after the operation.
 */
export const answerMetering = async (
  operation: Operation,
  request: SignedRequest,
  service: Service,
  { rules: now, real }: Times,
): Promise<Answer> => {
  const fault = service.faults.next();
  const skewMs = fault?.skewMs ?? 0;
  const clocks: Clocks = skewMs === 0 ? [real, now] : [new Date(real.getTime() + skewMs)];
  const market = service.marketplace.market();
  const caller = callerOf(request, service, market, clocks);
  if (caller.kind === 'refusal') return answer(caller, { operation, fault });
  const { region, accessKeyId } = caller;

  const body = parseRequest(operation, request.body, service.behaviours);
  const parsed = body.kind === 'request' ? body.request : undefined;
  const facts = { operation, region, caller, fault, request: parsed };
  const instead =
    fault?.instead() ??
    quotaRefusal(service, caller, operation, real) ??
    permissionRefusal(service, market, caller, `aws-marketplace:${operation}`, isDryRun(parsed));
  if (instead !== undefined) return answer(instead, facts);
  if (body.kind === 'refusal') return answer(body, facts);

  const { memory, window, behaviours } = service;
  const refusal = refusalOf(factsOf(body.request), { now, caller, market, memory, window, behaviours });
  if (refusal !== undefined) return answer(refusal, facts);
  const withheld = fault?.withheld(batchSize(body.request)) ?? NONE;
  const settled: SettledEntry[] = [];
  const call = { ...service, now, caller, region, accessKeyId, market, withheld, settled };
  const output = await runOperation(body.request, call);
  const result = fault === undefined || isRefusal(output) ? output : fault.result(output);
  return answer(result, { ...facts, settled });
};

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

const isDryRun = (request: Request | undefined): boolean =>
  request?.operation === 'MeterUsage' && request.input.DryRun === true;
