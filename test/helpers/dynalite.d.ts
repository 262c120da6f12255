declare module 'dynalite' {
  import type { Server } from 'node:http';

  const dynalite: (options: Readonly<Record<string, unknown>>) => Server;
  export default dynalite;
}
