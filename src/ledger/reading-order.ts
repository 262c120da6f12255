import { LIMITS } from '../usage/limits.ts';
import type { PlannedRecord } from '../usage/outcome.ts';

export type PendingState = 'planned' | 'unknown';

/** Items of a list, in its order. With a state, they are neighbors; without, it is one alone. */
export type Neighbors<Item> = {
  readonly state: PendingState | undefined;
  readonly items: readonly [Item, ...Item[]];
};

/** Records of one state that were read one after the other, with their places in the order of reading. */
type Reading = { readonly state: PendingState; readonly places: Map<PlannedRecord, number> };

/** At least so many are remembered as 64 requests, the most at a time, have under way. Older ones count as alone. */
const RECENT = 64 * LIMITS.recordsPerRequest;

/**
 * The order in which a run has read the records that it sends, which is the order of the table. Neighbors are all that
 * the run has to send, of one state, between their keys, so that one statement can change all of them, and no other record.
 */
export class ReadingOrder {
  #now: Reading = { state: 'unknown', places: new Map() };
  #before: Reading = this.#now;
  #next = 0;
  readonly #states = new Set<PendingState>();

  /** Whether records of both states were read. Once they are begun, one may be between neighbors of the other. */
  get isMixed(): boolean {
    return this.#states.size > 1;
  }

  /** What is read next is no neighbor of what was read before. */
  start(state: PendingState): void {
    this.#next += 1;
    this.#turn(state);
  }

  note(planned: PlannedRecord, state: PendingState): void {
    if (this.#now.state !== state) this.start(state);
    else if (this.#now.places.size >= RECENT) this.#turn(state);
    this.#states.add(state);
    this.#now.places.set(planned, this.#next);
    this.#next += 1;
  }

  #turn(state: PendingState): void {
    this.#before = this.#now;
    this.#now = { state, places: new Map() };
  }

  /** Cuts a list into neighbors, `most` together at most. */
  *neighborsIn<Item>(
    list: readonly Item[],
    plannedOf: (item: Item) => PlannedRecord,
    most = Number.POSITIVE_INFINITY,
  ): Generator<Neighbors<Item>> {
    let items: [Item, ...Item[]] | undefined;
    let state: PendingState | undefined;
    let place: number | undefined;
    for (const item of list) {
      const planned = plannedOf(item);
      const reading = this.#readingOf(planned);
      const at = reading?.places.get(planned);
      if (items !== undefined && items.length < most && place !== undefined && at === place + 1)
        items.push(item);
      else {
        if (items !== undefined) yield { state, items };
        items = [item];
      }
      state = reading?.state;
      place = at;
    }
    if (items !== undefined) yield { state, items };
  }

  #readingOf(planned: PlannedRecord): Reading | undefined {
    if (this.#now.places.has(planned)) return this.#now;
    return this.#before.places.has(planned) ? this.#before : undefined;
  }
}
