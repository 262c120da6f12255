/** What the program ends with, by its meaning. A contract; `cli/exit-codes.ts` has the sentences. */
export const EXIT = {
  done: 0,
  /** Unexpected, or the result could not be printed. */
  failure: 1,
  usage: 2,
  input: 3,
  notBilled: 4,
  unfinished: 5,
  credentials: 6,
  /** By AWS. */
  rejected: 7,
  locked: 8,
  ledger: 9,
} as const;

/**
 * The errors that a user can meet. Each has its exit code (a contract, see the README), a sentence about what went wrong,
 * and what to do next. Anything else that is thrown is a bug: exit code 1.
 */
export abstract class KnownError extends Error {
  abstract readonly exitCode: number;
  /** A word for scripts: AWS's own error code where there is one. */
  readonly code: string;
  /** The cause, for example AWS's own code and the request ID. */
  readonly because: string | undefined;
  /** What to do now. */
  readonly next: string | undefined;
  /** Each problem by itself, when there are several. */
  readonly details: readonly string[];

  constructor(
    message: string,
    facts: {
      code: string;
      because?: string | undefined;
      next?: string | undefined;
      details?: readonly string[];
      cause?: unknown;
    },
  ) {
    super(message, { cause: facts.cause });
    this.code = facts.code;
    this.because = facts.because;
    this.next = facts.next;
    this.details = facts.details ?? [];
  }
}

/** Wrong flags, arguments or configuration. */
export class UsageError extends KnownError {
  override readonly name = 'UsageError';
  readonly exitCode = EXIT.usage;

  constructor(message: string, next?: string, details: readonly string[] = []) {
    super(message, { code: 'Usage', next, details });
  }
}

/** The input is invalid, or cannot be read; nothing was sent. */
export class InputError extends KnownError {
  override readonly name = 'InputError';
  readonly exitCode = EXIT.input;

  constructor(message: string, next?: string) {
    super(message, { code: 'InvalidInput', next });
  }
}

/** The usage of a single call is older than AWS accepts: it is not billed and no longer can be. */
export class TooLateError extends KnownError {
  override readonly name = 'TooLateError';
  readonly exitCode = EXIT.notBilled;

  constructor(message: string, next?: string) {
    super(message, { code: 'Expired', next });
  }
}

/** The program was asked to stop before it had read its input; nothing was sent. */
export class StoppedError extends KnownError {
  override readonly name = 'StoppedError';
  /** The code of SIGINT; the program ends with that of the signal it received. */
  readonly exitCode = 130;

  constructor(what: string) {
    super(`stopped before ${what}`, { code: 'Stopped', next: 'run the same command again' });
  }
}

/** No credentials were found, or they could not be used. */
export class CredentialsError extends KnownError {
  override readonly name = 'CredentialsError';
  readonly exitCode = EXIT.credentials;

  constructor(message: string, facts: { because?: string; next?: string; cause?: unknown } = {}) {
    super(message, { code: 'Credentials', ...facts });
  }
}

/** A requested file could not be written; records already sent are still recorded in the ledger. */
export class OutputError extends KnownError {
  override readonly name = 'OutputError';
  readonly exitCode = EXIT.failure;

  constructor(message: string, next?: string) {
    super(message, { code: 'Output', next });
  }
}

/** Another run is uploading with this ledger. */
export class LockedError extends KnownError {
  override readonly name = 'LockedError';
  readonly exitCode = EXIT.locked;

  constructor(ledger: string) {
    super(`another run is using the ledger ${ledger}`, {
      code: 'Locked',
      next: 'wait for it with --wait 10m, or run again later',
    });
  }
}

/** The ledger cannot be used: disk, permission, damage. */
export class LedgerError extends KnownError {
  override readonly name = 'LedgerError';
  readonly exitCode = EXIT.ledger;

  constructor(message: string, facts: { because?: string; next?: string; cause?: unknown } = {}) {
    super(message, { code: 'Ledger', ...facts });
  }
}

/** What AWS returned could not be verified: the signature is not AWS's, or the claims do not match the request. */
export class VerificationError extends KnownError {
  override readonly name = 'VerificationError';
  readonly exitCode = EXIT.rejected;

  constructor(message: string, next?: string) {
    super(message, { code: 'NotVerified', next });
  }
}

/**
 * The kind of failure that ended a call; it decides how to react.
 * - `throttled`, `unavailable`: the same request may succeed later
 * - `clock`: the signature's time is wrong; it is corrected from the reply's `Date`
 * - `stale-credentials`: refreshed once
 * - `credentials`: unknown to AWS, or not permitted
 * - `record`: caused by a record; the other records of the request may be valid
 * - `call`: not caused by a record
 */
export type ServiceErrorKind =
  | 'throttled'
  | 'unavailable'
  | 'clock'
  | 'stale-credentials'
  | 'credentials'
  | 'record'
  | 'call';

export type ServiceFacts = {
  readonly kind: ServiceErrorKind;
  readonly operation: string;
  readonly code: string;
  readonly httpStatus?: number | undefined;
  readonly requestId?: string | undefined;
  /** False only if it is certain that AWS did not act on any attempt. */
  readonly maybeDelivered: boolean;
  readonly because?: string | undefined;
  readonly next?: string | undefined;
  readonly cause?: unknown;
};

/** The code of a reply that does not come from AWS, for example the page of a proxy. */
export const UNEXPECTED_REPLY = 'UnexpectedReply';

/** A call to AWS that failed after all retries. `message` is AWS's own, or describes the failure on the way. */
export class ServiceError extends KnownError {
  override readonly name = 'ServiceError';
  readonly kind: ServiceErrorKind;
  readonly operation: string;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;
  readonly maybeDelivered: boolean;

  constructor(message: string, facts: ServiceFacts) {
    super(message, facts);
    this.kind = facts.kind;
    this.operation = facts.operation;
    this.httpStatus = facts.httpStatus;
    this.requestId = facts.requestId;
    this.maybeDelivered = facts.maybeDelivered;
  }

  get exitCode(): number {
    switch (this.kind) {
      case 'throttled':
      case 'unavailable':
        return EXIT.unfinished;
      case 'clock':
      case 'stale-credentials':
      case 'credentials':
        return EXIT.credentials;
      case 'record':
        // Too old for AWS is as final as too old by our own table: it is not billed.
        return this.code.startsWith('TimestampOutOfBounds') ? EXIT.notBilled : EXIT.rejected;
      case 'call':
        // The reply did not come from AWS: what AWS did, or will do, is not known.
        return this.code === UNEXPECTED_REPLY ? EXIT.unfinished : EXIT.rejected;
      default:
        return this.kind satisfies never;
    }
  }
}

/**
 * A call that AWS may have acted on, and that must be repeated exactly to be the same call. Its `cause` is the error that
 * ended it, and has all other facts.
 */
export class UnfinishedCallError extends Error {
  override readonly name = 'UnfinishedCallError';
  /** The shell command that repeats the call. */
  readonly command: string;
  /** What to do before running it. */
  readonly first: string | undefined;

  constructor(cause: unknown, command: string, first?: string) {
    super('a call did not finish', { cause });
    this.command = command;
    this.first = first;
  }
}

/** Why a file could not be read, in words, from Node's error. */
export const unreadableBecause = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'file not found';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return message;
  }
};
