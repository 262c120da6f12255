import {
  CredentialsError,
  KnownError,
  ServiceError,
  UNEXPECTED_REPLY,
  UnfinishedCallError,
} from '../../errors.ts';
import { adviceFor, explanationFor, stepBefore, usualAdvice } from './advice.ts';
import { show } from './escape.ts';
import type { Paint } from './style.ts';

/** The facts of an error, before they become text or JSON. */
export type ErrorFacts = {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  readonly because: string | undefined;
  readonly next: string | undefined;
  /** The name that `explain` knows. */
  readonly see?: string;
  readonly stack: string | undefined;
  readonly details?: readonly string[];
};

/**
 * Only a bug keeps its stack; expected errors do not need one. `command`: the command that the advice is for, as it is
 * typed; empty if it is not known.
 */
export const errorFacts = (error: unknown, command = ''): ErrorFacts => {
  if (error instanceof UnfinishedCallError) {
    const before = [stepBefore(error.cause), error.first ?? ''].filter(step => step !== '').join('; ');
    const next = `${before === '' ? '' : `${before}; then `}repeat the same call: ${error.command}`;
    return { ...errorFacts(error.cause, command), next };
  }
  if (error instanceof ServiceError) {
    const { code, exitCode, because } = error;
    return {
      code,
      message: messageOf(error),
      exitCode,
      because,
      next: error.next ?? adviceFor(error),
      ...(explanationFor(error) !== undefined && { see: code }),
      stack: undefined,
    };
  }
  if (error instanceof KnownError) {
    const { code, message, exitCode, because, details } = error;
    const next = withLocalHint(error, error.next ?? usualAdvice(code, command), command);
    const facts = { code, message, exitCode, because, next, stack: undefined };
    return details.length === 0 ? facts : { ...facts, details };
  }
  const text = error instanceof Error ? error.message : String(error);
  return {
    code: 'Internal',
    message: `internal error: ${text}`,
    exitCode: 1,
    because: undefined,
    next: usualAdvice('Internal', command),
    stack: error instanceof Error ? error.stack : undefined,
  };
};

/** Without credentials people may only want to try the command, if it has --local. */
const withLocalHint = (error: KnownError, next: string | undefined, command: string): string | undefined =>
  error instanceof CredentialsError && COMMANDS_WITH_LOCAL.includes(command)
    ? `${next}; to try the command without an account, add --local`
    : next;

const COMMANDS_WITH_LOCAL = ['batch', 'meter', 'resolve', 'register', 'subscribers'];

export const errorText = (facts: ErrorFacts, paint: Paint, debug: boolean): string => {
  const lines = [`${paint.fail('error:')} ${show(facts.message)}`];
  for (const detail of facts.details ?? []) lines.push(`  ${show(detail)}`);
  if (facts.because !== undefined) lines.push(`  ${paint.dim('cause:')} ${show(facts.because)}`);
  if (facts.next !== undefined) lines.push(`  ${paint.dim('next:')}  ${show(facts.next)}`);
  if (facts.see !== undefined) lines.push(`  ${paint.dim('see:')}   ampmeter explain ${show(facts.see)}`);
  if (debug && facts.stack !== undefined) lines.push(...facts.stack.split('\n').map(line => show(line)));
  return `${lines.join('\n')}\n`;
};

/** One line of JSON; a contract. */
export const errorJson = ({ code, message, exitCode, because, next, details }: ErrorFacts): string =>
  `${JSON.stringify({ type: 'error', code, message, exitCode, ...(because && { because }), ...(next && { next }), ...(details && { details }) })}\n`;

const messageOf = (error: ServiceError): string => {
  const { kind, operation, message, code } = error;
  if (code === UNEXPECTED_REPLY) return `the reply to ${operation} did not come from AWS: ${message}`;
  switch (kind) {
    case 'throttled':
    case 'unavailable':
      return error.maybeDelivered
        ? `${operation} got no reply, and AWS may have processed it: ${message}`
        : `${operation} was not processed: ${message}`;
    case 'clock':
      return code === 'ClockWrong'
        ? `this machine's clock is wrong: ${message}`
        : `AWS rejected the time of this machine: ${message}`;
    case 'stale-credentials':
    case 'credentials':
      return `AWS rejected the credentials: ${message}`;
    case 'record':
    case 'call':
      return `AWS rejected ${operation}: ${message}`;
    default:
      return kind satisfies never;
  }
};
