import type { EventStore } from '../../cloudtrail/event-store.ts';
import type { OutputFormat } from '../../render/text/members.ts';
import { type Terminal, warningText } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';

/** Names some of the files in folders that were not read. */
export const warnLeftOut = async (
  leftOut: readonly string[],
  output: OutputFormat,
  { stderr }: Pick<World, 'stderr'>,
  { err }: Terminal,
): Promise<void> => {
  for (const path of leftOut.slice(0, MAX_LEFT_OUT_LISTED)) {
    const text = `${path} was not read: its name does not end like that of an event file`;
    await stderr.write(warningText(text, output, err));
  }
};

/** In JSON they are part of the result. */
export const warnIncomplete = async (
  store: Pick<EventStore, 'incompleteEvents'>,
  { stderr }: Pick<World, 'stderr'>,
  { err }: Terminal,
): Promise<void> => {
  for (const { eventID, eventTime, reason } of store.incompleteEvents().slice(0, MAX_INCOMPLETE_LISTED)) {
    const text = `event ${eventID} of ${eventTime ?? 'an unknown time'}: ${reason}`;
    await stderr.write(warningText(text, 'table', err));
  }
};

const MAX_INCOMPLETE_LISTED = 10;
const MAX_LEFT_OUT_LISTED = 3;
