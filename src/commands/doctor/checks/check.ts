import { KnownError } from '../../../errors.ts';
import type { Check } from '../../../render/text/checks.ts';
import { errorFacts } from '../../../render/text/errors.ts';

/** A check with the exit code that the whole ends with if it fails. */
export type Finding = Check & { readonly exitCode?: number };

export const ok = (check: string, says: string, facts?: Check['facts']): Finding => ({
  check,
  status: 'ok',
  says,
  ...(facts !== undefined && { facts }),
});

export const warn = (check: string, says: string, next?: string, facts?: Check['facts']): Finding => ({
  check,
  status: 'warn',
  says,
  next,
  ...(facts !== undefined && { facts }),
});

export const fail = (
  check: string,
  exitCode: number,
  says: string,
  next?: string,
  facts?: Check['facts'],
): Finding => ({ check, status: 'fail', exitCode, says, next, ...(facts !== undefined && { facts }) });

/** Why a check is skipped that rests on another one. */
export const BECAUSE_ABOVE = 'what is wrong above comes first';

export const skipped = (check: string, because: string): Finding => ({
  check,
  status: 'skipped',
  says: because,
});

/** The error that a command would end with here. What is no error for people is a mistake of ours, and thrown on. */
export const failed = (check: string, error: unknown): Finding => {
  if (!(error instanceof KnownError)) throw error;
  const { message, because, next, exitCode } = errorFacts(error);
  return fail(check, exitCode, because === undefined ? message : `${message}: ${because}`, next);
};
