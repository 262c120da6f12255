import { type Explanation, ofKind, runAgain } from './explanation.ts';

/** The codes of `errors.ts`. */
export const OWN_ERRORS: readonly Explanation[] = ofKind('ampmeter error', [
  {
    name: 'Usage',
    means: 'flags, arguments or settings are wrong; nothing was sent (exit code 2)',
    why: [
      'a flag is misspelled, missing or empty',
      'a flag would have no effect because another one is present or missing',
      'an environment variable or the AWS config contains an invalid value',
    ],
    next: 'ampmeter help lists the commands, and ampmeter batch --help, for example, shows the flags of one',
  },
  {
    name: 'InvalidInput',
    means: 'the input is invalid or cannot be read; nothing was sent (exit code 3)',
    why: [
      'a row is invalid; one is enough, unless --skip-invalid is used',
      'the file is empty, or not a CSV file',
    ],
    next: 'fix the input and run the same command again; see ampmeter help csv',
  },
  {
    name: 'Expired',
    means: 'the usage of a single call is older than AWS accepts; it is not billed (exit code 4)',
    why: ['ampmeter help windows shows the limits'],
    next: 'AWS no longer accepts usage for this hour; add it to a later hour if your agreement with the buyer allows that',
  },
  {
    name: 'Credentials',
    means: 'no AWS credentials were found (exit code 6)',
    why: [
      'none are configured: no environment variables, no profile, no role of the machine',
      'those that the environment or the profile configures do not work; the cause names them',
      'the session of aws sso login or aws login has ended',
      'cron has a different environment from your shell',
    ],
    next: 'see ampmeter help credentials, or run ampmeter doctor to see what is configured here',
  },
  {
    name: 'Output',
    means:
      'an output file could not be written; records already sent are still recorded in the ledger (exit code 1)',
    why: ['the disk is full', 'the folder does not exist, or belongs to another user'],
    ...runAgain('free some space or choose another file'),
  },
  {
    name: 'Locked',
    means: 'another run is using the ledger; nothing was sent (exit code 8)',
    why: ['two cron jobs overlap', 'a run is active in another terminal'],
    next: 'wait for it with --wait 10m, or run again later',
  },
  {
    name: 'Ledger',
    means: 'the ledger cannot be used (exit code 9)',
    why: ['the disk is full or broken', 'permission is denied', 'the file is damaged, or is not a ledger'],
    next: 'run ampmeter doctor to see the cause, or choose another ledger with --ledger',
  },
  {
    name: 'NotVerified',
    means:
      "the reply could not be verified: the signature is not AWS's, or it is about another call (exit code 7)",
    why: ['the public key belongs to another product or version', 'the reply was forged in transit'],
    next: 'check the public key and its version in the AWS Marketplace Management Portal; do not trust the reply',
  },
  {
    name: 'Internal',
    means: 'a bug in ampmeter (exit code 1)',
    why: ['ampmeter met a case that its code does not handle'],
    next: 'run the command again with --debug and report the output; records that AWS has accepted are not lost',
  },
  {
    name: 'Stopped',
    means:
      'the program was stopped while it waited for its input; nothing was sent (exit code 129, 130 or 143)',
    why: ['Ctrl-C, or a signal from the system', 'nothing was written to standard input or a named pipe'],
    next: 'run the same command again',
  },
]);
