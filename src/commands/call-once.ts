import type { Inputs, Operation, Outputs } from '../metering/wire.ts';
import type { Terminal } from '../report/terminal.ts';
import type { World } from '../world.ts';
import { connect } from './connect.ts';
import type { ServiceFlags } from './flags.ts';
import { curlCommand } from './show-request.ts';

/** Makes one call and gives its result; with `--show-request` prints the call instead and gives undefined. */
export const callOnce = async <O extends Operation>(
  operation: O,
  input: Inputs[O],
  flags: ServiceFlags,
  world: World,
  terminal: Terminal,
): Promise<Outputs[O] | undefined> => {
  const connection = await connect(operation, flags, world, terminal);
  try {
    if (flags.showRequest) {
      const request = await connection.client.prepare(operation, input);
      await world.stdout.write(`${curlCommand(request, connection.caBundle)}\n`);
      return undefined;
    }
    const { output } = await connection.client.call(operation, input, flags);
    return output;
  } finally {
    await connection.close();
  }
};
