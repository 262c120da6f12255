/**
 * The errors a person can meet. Each knows its exit code (a contract, see the README), says what went wrong in one
 * sentence, and what to do next. Anything else that is thrown is a bug, exit code 1.
 */
export abstract class KnownError extends Error {
  abstract readonly exitCode: number;
  /** A word for scripts: AWS's own error code where there is one. */
  readonly code: string;
  /** What to do now. */
  readonly next: string | undefined;
  /** Facts below the sentence, such as AWS's own words. */
  readonly detail: string | undefined;

  constructor(message: string, facts: { code: string; next?: string; detail?: string; cause?: unknown }) {
    super(message, { cause: facts.cause });
    this.code = facts.code;
    this.next = facts.next;
    this.detail = facts.detail;
  }
}

/** Wrong flags or arguments. */
export class UsageError extends KnownError {
  override readonly name = 'UsageError';
  readonly exitCode = 2;

  constructor(message: string, next?: string) {
    super(message, { code: 'Usage', ...(next !== undefined && { next }) });
  }
}

/** The input is invalid, or cannot be read; nothing was sent. */
export class InputError extends KnownError {
  override readonly name = 'InputError';
  readonly exitCode = 3;

  constructor(message: string, next?: string) {
    super(message, { code: 'InvalidInput', ...(next !== undefined && { next }) });
  }
}

/** There are no credentials, or AWS does not accept them, or they do not permit the call. */
export class CredentialsError extends KnownError {
  override readonly name = 'CredentialsError';
  readonly exitCode = 6;
}

/** AWS refused the call, or what it returned does not hold. */
export class RefusedError extends KnownError {
  override readonly name = 'RefusedError';
  readonly exitCode = 7;
}

/** The usage of a single call is too old: it is not billed and will not be. */
export class TooLateError extends KnownError {
  override readonly name = 'TooLateError';
  readonly exitCode = 4;

  constructor(message: string, next?: string) {
    super(message, { code: 'Expired', ...(next !== undefined && { next }) });
  }
}

/** AWS could not be reached or did not answer in time: the same command again may do it. */
export class UnfinishedError extends KnownError {
  override readonly name = 'UnfinishedError';
  readonly exitCode = 5;
}
