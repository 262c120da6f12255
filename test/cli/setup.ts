import { createProgram, type Runs } from '../../src/cli/program.ts';

type Typed = { readonly command: keyof Runs; readonly options: Readonly<Record<string, unknown>> };

/** What a command line asks for; nothing is run. Rejects with Commander's error. */
export const typed = async (line: string | readonly string[]): Promise<Typed> => {
  const found: Typed[] = [];
  const note =
    (command: keyof Runs) =>
    async (options: object): Promise<void> => {
      found.push({ command, options: { ...options } });
    };
  await program(note).parseAsync(typeof line === 'string' ? line.split(' ') : [...line], { from: 'user' });
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} commands ran`);
  return only;
};

/** The whole help of a command, as it is printed. */
export const helpOf = async (command: string): Promise<string> => {
  let text = '';
  const tree = program(
    () => async () => {},
    part => {
      text += part;
    },
  );
  await tree.parseAsync([command, '--help'], { from: 'user' }).catch(() => {});
  return text;
};

export const program = (
  note: (command: keyof Runs) => (options: object) => Promise<void>,
  print: (text: string) => void = () => {},
) => {
  const stream = (write: (text: string) => void): never =>
    ({ write: async (text: string) => write(text), isTTY: false, columns: () => undefined }) as never;
  return createProgram(
    {
      resolve: note('resolve'),
      meter: note('meter'),
      batch: note('batch'),
      register: note('register'),
      history: note('history'),
      gaps: note('gaps'),
      report: note('report'),
      reconcile: note('reconcile'),
      ledger: note('ledger'),
      emulator: note('emulator'),
      doctor: note('doctor'),
      explain: note('explain'),
      help: note('help'),
      completion: note('completion'),
      complete: note('complete'),
    },
    { env: {}, stdout: stream(print), stderr: stream(() => {}), version: '1.2.3' },
  );
};
