import { type Command, Option } from 'commander';
import type { OutputFormat } from '../../render/text/members.ts';
import type { ColorFlag } from '../../render/text/style.ts';

/** The flags of every command that has a result. */
export type OutputFlags = {
  readonly output: OutputFormat;
  readonly color: ColorFlag;
  readonly debug: boolean;
};

/** `more`: formats of this command besides those that every command has. */
export const addOutputFlags = (command: Command, more: readonly string[] = []): Command =>
  command
    .optionsGroup('Output:')
    .addOption(
      new Option('-o, --output <format>', 'output format of the result')
        .choices(['table', 'json', 'jsonl', ...more])
        .default('table'),
    )
    .addOption(
      new Option('--color <when>', 'when to use color').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--debug', 'print every request and reply on standard error, with secrets masked');

/** The flags above as Commander gives them. */
export type RawOutputFlags = Omit<OutputFlags, 'debug'> & { readonly debug?: boolean };

export const outputFlags = ({ output, color, debug }: RawOutputFlags): OutputFlags => ({
  output,
  color,
  debug: debug ?? false,
});
