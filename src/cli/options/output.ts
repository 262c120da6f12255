import { type Command, Option } from 'commander';
import type { Format } from '../../render/text/members.ts';
import type { ColorFlag } from '../../render/text/style.ts';

/** Flags that every command with a result has. */
export type OutputFlags = { readonly output: Format; readonly color: ColorFlag; readonly debug: boolean };

/** `more`: formats that this command has besides those of every command. */
export const addOutputFlags = (command: Command, more: readonly string[] = []): Command =>
  command
    .optionsGroup('Output:')
    .addOption(
      new Option('-o, --output <format>', 'how the result is printed')
        .choices(['table', 'json', 'jsonl', ...more])
        .default('table'),
    )
    .addOption(
      new Option('--color <when>', 'use of colour').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--debug', 'show every request and reply on standard error, secrets masked');

/** The flags above as Commander gives them. */
export type RawOutputFlags = Omit<OutputFlags, 'debug'> & { readonly debug?: boolean };

export const outputFlags = ({ output, color, debug }: RawOutputFlags): OutputFlags => ({
  output,
  color,
  debug: debug ?? false,
});
