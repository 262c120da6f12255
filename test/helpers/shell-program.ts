import { execFileSync } from 'node:child_process';
import { constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Env } from '../../src/world.ts';
import { toolHere } from './in-process.ts';
import { type Ended, newFolder, shell, TOOL } from './tool.ts';
import { isAll } from './volume.ts';

/**
 * Makes `ampmeter` for shells in this folder: it hands over to this process, where the tool runs as in `toolHere`, and says
 * and ends as that did. A start of a shell costs a tenth of what a start of the built tool does. Several may run at a time.
 */
export const makeProgram = (folder: string): Disposable => {
  const program = join(folder, 'ampmeter');
  if (isAll) {
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${TOOL}' "$@"\n`, { mode: 0o755 });
    return { [Symbol.dispose]: () => {} };
  }
  const calls = newFolder();
  const queue = join(calls, 'queue');
  execFileSync('mkfifo', [queue]);
  writeFileSync(program, scriptOf(calls), { mode: 0o755 });
  // Open for writing as well: without a writer it would end with the first call. Not read as a file is: such a read would
  // keep this process from ending.
  const descriptor = openSync(queue, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new Socket({ fd: descriptor, readable: true, writable: false });
  createInterface(socket).on('line', name => void answer(join(calls, name)));
  return { [Symbol.dispose]: () => void socket.destroy() };
};

/** The same as `shell`, with that program. */
export const shellHere = async (command: string, env: Env): Promise<Ended> => {
  const folder = newFolder();
  using _program = makeProgram(folder);
  return await shell(command, env, join(folder, 'ampmeter'));
};

/** Standard input is handed over where it is another program's output. */
const scriptOf = (calls: string): string => `#!/bin/sh
call='${calls}'/$$
{ printf '%s\\0' "$PWD" "$#" "$@"; env -0; } > "$call.call"
if [ -p /dev/stdin ]; then cat > "$call.stdin"; else : > "$call.stdin"; fi
mkfifo "$call.code"
echo $$ > '${calls}/queue'
read -r code < "$call.code"
[ ! -s "$call.stdout" ] || cat "$call.stdout"
[ ! -s "$call.stderr" ] || cat "$call.stderr" >&2
exit "$code"
`;

const answer = async (call: string): Promise<void> => {
  const [cwd = '', count, ...parts] = readFileSync(`${call}.call`, 'utf8').split('\0').slice(0, -1);
  const words = parts.splice(0, Number(count));
  const env = Object.fromEntries(parts.map(part => /^(.*?)=(.*)$/s.exec(part)?.slice(1) ?? [part, '']));
  const ended = await toolHere(words, { env, cwd, input: readFileSync(`${call}.stdin`) });
  writeFileSync(`${call}.stdout`, ended.stdout);
  writeFileSync(`${call}.stderr`, ended.stderr);
  // Last: the program waits for it.
  await writeFile(`${call}.code`, `${ended.code}\n`);
};
