/** What an exit code means in every command. A contract. */
export const MEANINGS = {
  0: 'everything asked for is done',
  1: 'unexpected failure, or the result could not be printed',
  2: 'wrong flags or arguments',
  3: 'the input is invalid; nothing was sent',
  4: 'finished, but some records are not billed',
  5: 'not finished; continue as the output says',
  6: 'credentials or permissions',
  7: 'AWS refused the call',
  8: 'another run is using this ledger',
  9: 'the ledger cannot be used',
  130: 'stopped by SIGINT (129 SIGHUP, 143 SIGTERM)',
} as const;

/** A second signal ends the program with the same code. */
export const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type ExitCode = keyof typeof MEANINGS;

/** The part of a help text that says what a command's exit codes mean; `own` where one means more in this command. */
export const exitCodesHelp = (
  codes: readonly ExitCode[],
  own: { readonly [C in ExitCode]?: string } = {},
): string =>
  `Exit codes:\n${codes.map(code => `  ${String(code).padStart(3)}  ${own[code] ?? MEANINGS[code]}\n`).join('')}`;

/** Which code counts when several apply: what must be fixed first comes first. */
const PRECEDENCE = [9, 1, 6, 7, 5, 4];

export const firstOf = (codes: readonly number[]): number =>
  PRECEDENCE.find(code => codes.includes(code)) ?? 0;

/** With these a command ended before it did anything, so that nothing it was asked for is lost. */
const NOTHING_DONE = [2, 3, 8];

/** The code of a command whose result, or a part of it, could not be printed. */
export const withLoss = (code: number): number => (NOTHING_DONE.includes(code) ? code : firstOf([code, 1]));
