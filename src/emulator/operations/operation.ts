import { isObject } from '../../usage/json.ts';
import type { Operation, Outputs } from '../../usage/wire.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import { shapeOf } from '../rules/operation-shapes.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import { read } from '../rules/shape.ts';
import { batchMeterUsage } from './batch-meter-usage.ts';
import type { Call } from './call.ts';
import { meterUsage } from './meter-usage.ts';
import { registerUsage, resolveCustomer } from './registration.ts';
import type { Request } from './request-facts.ts';

export type Output = Outputs[keyof Outputs];

/** Carries out a request. The checks have passed; a refusal here depends on what earlier requests stored. */
export const runOperation = (
  { operation, input }: Request,
  call: Call,
): Output | Refusal | Promise<Output | Refusal> => {
  switch (operation) {
    case 'BatchMeterUsage':
      return batchMeterUsage(input, call);
    case 'MeterUsage':
      return meterUsage(input, call);
    case 'RegisterUsage':
      return registerUsage(input, call);
    case 'ResolveCustomer':
      return resolveCustomer(input, call);
    default:
      return operation satisfies never;
  }
};

/** The request in a body, or the error for a body that does not have the shape of the operation's input. */
export const parseRequest = (
  operation: Operation,
  bytes: Uint8Array,
  behaviours: Behaviours,
): { readonly kind: 'request'; readonly request: Request } | Refusal => {
  const body = parseObject(bytes);
  if (body === undefined) return refuse('SerializationException');
  const input = read<Request['input']>(shapeOf(operation, behaviours), body);
  if (input.ok) return { kind: 'request', request: { operation, input: input.value } as Request };
  const isSerialization = input.isOfWrongType && behaviours['wrong-type'] === 'serialization';
  return refuse(isSerialization ? 'SerializationException' : 'ValidationException', input.message);
};

/** Undefined for invalid JSON, and for JSON that is not an object. */
export const parseObject = (bytes: Uint8Array): object | undefined => {
  try {
    const body: unknown = JSON.parse(UTF_8.decode(bytes));
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
};

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
