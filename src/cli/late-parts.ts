import type { Command } from 'commander';

/** What a command loads before its own words are parsed or its help is printed; most have nothing. */
const loads = new WeakMap<Command, () => Promise<void>>();

/**
 * Loads part of a command's declaration only when the command is typed or its help is requested, so that all other
 * commands start without it.
 */
export const loadWhenTyped = (command: Command, load: () => Promise<void>): Command => {
  loads.set(command, load);
  return command;
};

export const loadParts = async (command: Command): Promise<void> => {
  await loads.get(command)?.();
};
