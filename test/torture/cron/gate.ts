import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The one way to the service, under one address whether it is open or not. */
export type Gate = {
  readonly url: string;
  /** Shut: connections are refused. */
  readonly set: (isOpen: boolean) => Promise<void>;
  /** Whether the next connection that is made is cut. */
  readonly cutNext: (isCut: boolean) => void;
};

export const startGate = async (target: string): Promise<Gate> => {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer(near => {
    if (isCut) {
      isCut = false;
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  const listen = async (at: number): Promise<void> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    server.unref();
  };
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${own}`,
    set: async isOpen => {
      if (isOpen === server.listening) return;
      if (isOpen) return listen(own);
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    cutNext: to => {
      isCut = to;
    },
  };
};
