import type { Emulator } from '../../src/emulator/emulator.ts';
import type { WireCall } from './aws-command.ts';

/** What a client that others have written made of one reply. */
export type Seen = {
  /** The members of the reply; undefined when it raised. */
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    /** Whether it is the client's own type for this error, for those who catch by type. */
    readonly typed: boolean;
  };
};

/** Makes the calls one after another, each with so many attempts at most. */
export type Witness = (
  emulator: Emulator,
  calls: readonly WireCall[],
  attempts?: number,
) => Promise<readonly Seen[]>;
