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

/** What is said of an error, before it becomes text or JSON. */
export type ErrorFacts = {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  readonly because: string | undefined;
  readonly next: string | undefined;
  /** The name under which `explain` says more. */
  readonly see?: string;
  readonly stack: string | undefined;
  readonly details?: readonly string[];
};

/**
 * A bug of ours keeps its stack; an error that a person can meet does not need one. `command`: the one that the advice is
 * for, as it is typed; empty when none is known.
 */
export const errorFacts = (error: unknown, command = ''): ErrorFacts => {
  if (error instanceof UnfinishedCallError) {
    const before = [stepBefore(error.cause), error.first ?? ''].filter(step => step !== '').join('; ');
    const next = `${before === '' ? '' : `${before}; then `}repeat this very call: ${error.command}`;
    return { ...errorFacts(error.cause, command), next };
  }
  if (error instanceof ServiceError) {
    const { code, exitCode, because } = error;
    return {
      code,
      message: sentence(error),
      exitCode,
      because,
      next: error.next ?? adviceFor(error),
      ...(explanationFor(error) !== undefined && { see: code }),
      stack: undefined,
    };
  }
  if (error instanceof KnownError) {
    const { code, message, exitCode, because, details } = error;
    const next = withTrial(error, error.next ?? usualAdvice(code, command), command);
    const facts = { code, message, exitCode, because, next, stack: undefined };
    return details.length === 0 ? facts : { ...facts, details };
  }
  const text = error instanceof Error ? error.message : String(error);
  return {
    code: 'Internal',
    message: `this should not have happened: ${text}`,
    exitCode: 1,
    because: undefined,
    next: usualAdvice('Internal', command),
    stack: error instanceof Error ? error.stack : undefined,
  };
};

/** Who has no credentials may only want to try a command, where it has a way to. */
const withTrial = (error: KnownError, next: string | undefined, command: string): string | undefined =>
  error instanceof CredentialsError && HAVE_LOCAL.includes(command)
    ? `${next}; to try without an account, add --local`
    : next;

const HAVE_LOCAL = ['batch', 'meter', 'resolve', 'register'];

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

const sentence = (error: ServiceError): string => {
  const { kind, operation, message, code } = error;
  if (code === UNEXPECTED_REPLY) return `${operation} was not answered by AWS: ${message}`;
  switch (kind) {
    case 'throttled':
    case 'unavailable':
      return error.maybeDelivered
        ? `${operation} got no answer, and AWS may have acted on it: ${message}`
        : `${operation} did not get through: ${message}`;
    case 'clock':
      return code === 'ClockWrong'
        ? `this machine's clock is wrong: ${message}`
        : `AWS does not accept this machine's time: ${message}`;
    case 'stale-credentials':
    case 'credentials':
      return `AWS does not accept the credentials: ${message}`;
    case 'record':
    case 'call':
      return `AWS refused ${operation}: ${message}`;
    default:
      return kind satisfies never;
  }
};
