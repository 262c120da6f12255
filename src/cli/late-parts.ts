import type { Command } from 'commander';

/** What a command must load before its own words are parsed, or its help is printed; nothing for most. */
const loads = new WeakMap<Command, () => Promise<void>>();

/**
 * Loads a part of a command's declaration only when the command is typed or its help is asked for, so that every other
 * command starts without it.
 */
export const loadWhenTyped = (command: Command, load: () => Promise<void>): Command => {
  loads.set(command, load);
  return command;
};

export const loadParts = async (command: Command): Promise<void> => {
  await loads.get(command)?.();
};
