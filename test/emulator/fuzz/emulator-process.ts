import { startEmulator } from '../../../src/emulator/server.ts';
import { NOW } from '../setup.ts';

/** An emulator at NOW in a process of its own, so that its end would be seen. Says its URL; every failure of its own; lives as long as its standard input. */
const emulator = await startEmulator({
  port: 0,
  now: () => NOW,
  uuid: () => crypto.randomUUID(),
  window: 'on',
  signatures: 'verify',
  onRequest: ({ failure }) => {
    if (failure !== undefined) console.error(failure);
  },
});
process.stdout.write(`${emulator.url}\n`);
process.stdin.resume().on('end', () => void emulator.close());
