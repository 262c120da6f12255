import type { IncomingMessage } from 'node:http';
import type { Answer, CalledOperation } from './answer.ts';
import { pathOf, type Routed } from './route.ts';
import type { ErrorName } from './rules/errors.ts';
import { isRefusal } from './rules/refusals.ts';

/** One request, for the log and for `onRequest`. Without headers and bodies, which contain secrets and customers. */
export type RequestEntry = {
  readonly at: Date;
  readonly requestId: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly operation: CalledOperation | undefined;
  readonly region: string | undefined;
  readonly records: number;
  /** 0 when a fault closed the connection before the call was carried out. */
  readonly status: number;
  readonly error: ErrorName | undefined;
  /** The faults that applied, joined with `+`. */
  readonly fault: string | undefined;
  /** The error, when the emulator itself failed. */
  readonly failure: unknown;
};

export const entryOf = (
  request: IncomingMessage,
  { reply, answer, failure }: Routed,
  requestId: string,
  at: Date,
): RequestEntry => ({
  at,
  requestId,
  method: request.method ?? '',
  path: pathOf(request.url ?? ''),
  operation: answer?.operation,
  region: answer?.region,
  records: countRecords(answer?.request),
  status: reply.status,
  error: answer !== undefined && isRefusal(answer.result) ? answer.result.error : undefined,
  fault: answer?.fault?.applied(),
  failure,
});

const countRecords = (request: Answer['request']): number => {
  switch (request?.operation) {
    case 'BatchMeterUsage':
      return request.input.UsageRecords.length;
    case 'MeterUsage':
      return 1;
    default:
      return 0;
  }
};
