import manifest from '../package.json' with { type: 'json' };
import { createProgram } from '../src/cli/program.ts';
import { COMMANDS, declarationsOf } from '../src/cli/registry.ts';

/** What `ampmeter --help` prints where standard output is no terminal, whose width it would depend on. */
export const helpText = async (): Promise<string> => {
  let text = '';
  const write = async (part: string): Promise<void> => {
    text += part;
  };
  const stream = { write, isTTY: false, columns: () => undefined } as never;
  const outside = { env: {}, stdout: stream, stderr: stream, version: manifest.version };
  createProgram(await declarationsOf(COMMANDS), async () => {}, outside).outputHelp();
  return text;
};
