import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes of new objects at which V8 stops growing their space; with less it would spend its time collecting. */
const LARGE_ENOUGH = 16_000_000;

/** How often the size is looked at. Milliseconds. */
const INTERVAL_MS = 20;

/** It is looked at once for the process, however many commands run in it. */
let isWatched = false;

/** Stops V8 from growing the space of new objects, from now on. */
export const holdYoungSpace = (): void => {
  collectAlone();
  hold();
};

const hold = (): void => setFlagsFromString('--semi-space-growth-factor=1');

/** In one thread: little survives, and several would take more of the processor to wake than they save. */
const collectAlone = (): void => setFlagsFromString('--no-parallel-scavenge');

/**
 * The same once that space is large enough. A long file makes many short-lived objects: V8 would let 130 MB of them pile
 * up before it collects.
 */
export const holdYoungSpaceLater = (): void => {
  if (isWatched) return;
  isWatched = true;
  collectAlone();
  const watch = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if (young === undefined || young.space_size < LARGE_ENOUGH) return;
    hold();
    clearInterval(watch);
  }, INTERVAL_MS);
  watch.unref();
};
