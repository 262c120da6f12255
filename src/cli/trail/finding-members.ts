import type { EventStore } from '../../cloudtrail/event-store.ts';
import { DIFFERENCES, OPEN } from '../../cloudtrail/finding.ts';
import type { World } from '../../world.ts';
import { jsonLines, writeAll } from '../stream-json.ts';

type Found = Pick<EventStore, 'findings' | 'incompleteEvents'>;

/** What a comparison has found, as members of a JSON document; a contract. */
export const findingMembers = (store: Found) => ({
  differences: store.findings(DIFFERENCES),
  open: store.findings(OPEN),
  incompleteEvents: store.incompleteEvents(),
});

/** The same as JSON lines. */
export const writeFindingLines = async (
  store: Found,
  world: Pick<World, 'sleep' | 'stdout' | 'stop'>,
): Promise<void> => {
  await writeAll(jsonLines('difference', store.findings(DIFFERENCES)), world);
  await writeAll(jsonLines('open', store.findings(OPEN)), world);
  await writeAll(jsonLines('incomplete-event', store.incompleteEvents()), world);
};
