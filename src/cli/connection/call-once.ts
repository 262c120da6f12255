import type { Terminal } from '../../render/text/terminal.ts';
import type { Inputs, Operation, Outputs } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
import type { ServiceFlags } from '../options/connection.ts';
import { type Connection, connect } from './connect.ts';
import { curlCommand } from './curl.ts';

/** Makes one call and returns its result; with `--show-request` prints the call instead and returns undefined. */
export const callOnce = async <O extends Operation>(
  operation: O,
  input: Inputs[O],
  flags: ServiceFlags,
  world: World,
  terminal: Terminal,
): Promise<Outputs[O] | undefined> => {
  const connection = await connect(operation, flags, world, terminal);
  try {
    return await callOver(connection, operation, input, flags, world);
  } finally {
    await connection.close();
  }
};

/** The same with an open connection. */
export const callOver = async <O extends Operation>(
  { client, caBundle }: Pick<Connection, 'client' | 'caBundle'>,
  operation: O,
  input: Inputs[O],
  flags: ServiceFlags,
  world: World,
): Promise<Outputs[O] | undefined> => {
  if (flags.showRequest) {
    const request = await client.prepare(operation, input);
    await world.stdout.write(`${curlCommand(request, caBundle)}\n`);
    return undefined;
  }
  return (await client.call(operation, input, flags)).output;
};
