declare module 'dynalite' {
  import type { Server } from 'node:http';

  const dynalite: (options: Readonly<Record<string, unknown>>) => Server;
  // biome-ignore lint/style/noDefaultExport: the package has one
  export default dynalite;
}
