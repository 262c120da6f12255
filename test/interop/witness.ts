import type { Emulator } from '../../src/emulator/emulator.ts';
import type { WireCall } from './aws-command.ts';

/** What a third-party client made of one reply. */
export type Seen = {
  /** The members of the reply; undefined when the client raised an error. */
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    /** Whether it is the client's own type for this error, for code that catches by type. */
    readonly typed: boolean;
  };
};

/** Makes the calls one after another, each with at most `attempts` attempts. */
export type Witness = (
  emulator: Emulator,
  calls: readonly WireCall[],
  attempts?: number,
) => Promise<readonly Seen[]>;
