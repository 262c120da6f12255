import { connect, type Socket } from 'node:net';

const CONNECTIONS = 4;

/** Requests on the way on each connection: the server always finds the next one in its buffer. */
const DEPTH = 8;

/**
 * Sends whole requests over a few connections as fast as they are answered, and costs little itself: it looks at nothing
 * of a reply but its status and where it ends. Rejects when an answer has another status, or the server hangs up.
 */
export const sendAll = async (url: string, requests: readonly Buffer[], status: number): Promise<void> => {
  let next = 0;
  const { hostname, port } = new URL(url);
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let waiting = 0;
      let rest: Buffer = Buffer.alloc(0);
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const send = (socket: Socket): void => {
        while (waiting < DEPTH) {
          const request = requests[next++];
          if (request === undefined) break;
          waiting++;
          socket.write(request);
        }
        if (waiting === 0) socket.end();
      };
      socket.on('connect', () => send(socket));
      socket.on('data', (chunk: Buffer) => {
        const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        let from = 0;
        for (;;) {
          const end = replyEnd(bytes, from, status);
          if (end === undefined) break;
          from = end;
          waiting--;
        }
        rest = bytes.subarray(from);
        send(socket);
      });
      socket.on('error', reject);
      socket.on('close', () => (waiting === 0 ? resolve() : reject(new Error('the emulator hung up'))));
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
};

/** Where the reply ends that starts here; undefined: it is not all there yet. */
const replyEnd = (bytes: Buffer, from: number, status: number): number | undefined => {
  const blank = bytes.indexOf('\r\n\r\n', from, 'latin1');
  if (blank < 0) return undefined;
  const head = bytes.toString('latin1', from, blank);
  if (!head.startsWith(`HTTP/1.1 ${status} `)) throw new Error(bytes.toString('utf8', from, blank + 500));
  const end = blank + 4 + Number(/content-length: ([0-9]+)/i.exec(head)?.[1]);
  return end <= bytes.length ? end : undefined;
};
