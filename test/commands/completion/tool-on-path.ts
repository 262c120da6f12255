import { execFileSync } from 'node:child_process';
import { chmodSync, constants, openSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';

/**
 * Puts an `ampmeter` into this folder that hands its words to this process and prints the answer: a start of the built tool
 * costs more than all that a shell does with a line.
 */
export const putTool = (
  folder: string,
  answer: (words: readonly string[]) => Promise<string>,
): { readonly close: () => void } => {
  const [asked, told] = [join(folder, 'asked'), join(folder, 'told')];
  execFileSync('mkfifo', [asked, told]);
  const script = `#!/bin/sh\nprintf '%s\\0' "$#" "$@" > '${asked}'\nexec cat '${told}'\n`;
  writeFileSync(join(folder, 'ampmeter'), script);
  chmodSync(join(folder, 'ampmeter'), 0o755);

  // Also opened to write: it is not at its end when a caller is.
  const fd = openSync(asked, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  let text = '';
  socket.setEncoding('utf8').on('data', more => {
    text += more;
    const [count, ...words] = text.split('\0');
    // Behind the last one there is an empty rest.
    if (count === undefined || words.length <= Number(count)) return;
    text = '';
    void answer(words.slice(0, -1)).then(said => writeFile(told, said));
  });
  return { close: () => void socket.destroy() };
};
