import { KnownError } from '../../../errors.ts';
import type { CheckDocument } from '../../../render/text/checks.ts';
import { errorFacts } from '../../../render/text/errors.ts';

/** The result of one check. */
export type CheckResult = {
  readonly check: string;
  readonly status: CheckDocument['status'];
  /** What was found. */
  readonly message: string;
  /** What to do about it. */
  readonly next?: string | undefined;
  readonly facts?: CheckDocument['facts'];
  /** The exit code of the command if this check fails. */
  readonly exitCode?: number;
};

/** As it is printed. */
export const checkOf = ({ check, status, message, next, facts }: CheckResult): CheckDocument => ({
  check,
  status,
  says: message,
  ...(next !== undefined && { next }),
  ...(facts !== undefined && { facts }),
});

export const ok = (check: string, message: string, facts?: CheckResult['facts']): CheckResult => ({
  check,
  status: 'ok',
  message,
  ...(facts !== undefined && { facts }),
});

export const warn = (
  check: string,
  message: string,
  next?: string,
  facts?: CheckResult['facts'],
): CheckResult => ({
  check,
  status: 'warn',
  message,
  next,
  ...(facts !== undefined && { facts }),
});

export const fail = (
  check: string,
  exitCode: number,
  message: string,
  next?: string,
  facts?: CheckResult['facts'],
): CheckResult => ({ check, status: 'fail', exitCode, message, next, ...(facts !== undefined && { facts }) });

/** Why a check is skipped that depends on another one. */
export const BECAUSE_ABOVE = 'fix the problem above first';

export const skipped = (check: string, because: string): CheckResult => ({
  check,
  status: 'skipped',
  message: because,
});

/** The error that a command would end with. Any other error is a bug, and is thrown again. */
export const failed = (check: string, error: unknown): CheckResult => {
  if (!(error instanceof KnownError)) throw error;
  const { message, because, next, exitCode } = errorFacts(error);
  return fail(check, exitCode, because === undefined ? message : `${message}: ${because}`, next);
};
