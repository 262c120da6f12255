import { createProgram } from '../../src/cli/program.ts';
import { COMMANDS, declarationsOf, type ParsedLine } from '../../src/cli/registry.ts';

type Typed = { readonly command: string; readonly options: Readonly<Record<string, unknown>> };

/** What a command line asks for; nothing is run. Rejects with Commander's error. */
export const typed = async (line: string | readonly string[]): Promise<Typed> => {
  const found: Typed[] = [];
  const tree = program(({ name, options }) => {
    found.push({ command: name, options: { ...options } });
  });
  await tree.parseAsync(typeof line === 'string' ? line.split(' ') : [...line], { from: 'user' });
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} commands ran`);
  return only;
};

/** The whole help of a command, as it is printed. */
export const helpOf = async (command: string): Promise<string> => {
  let text = '';
  const tree = program(
    () => {},
    part => {
      text += part;
    },
  );
  await tree.parseAsync([command, '--help'], { from: 'user' }).catch(() => {});
  return text;
};

const DECLARATIONS = await declarationsOf(COMMANDS);

/** All commands. */
export const program = (
  note: (line: ParsedLine) => void = () => {},
  print: (text: string) => void = () => {},
) => {
  const stream = (write: (text: string) => void): never =>
    ({ write: async (text: string) => write(text), isTTY: false, columns: () => undefined }) as never;
  return createProgram(DECLARATIONS, async line => note(line), {
    env: {},
    stdout: stream(print),
    stderr: stream(() => {}),
    version: '1.2.3',
  });
};
