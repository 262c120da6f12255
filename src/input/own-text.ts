/**
 * The same text with memory of its own. A slice keeps the whole text that it was cut from, so that one row kept would
 * keep the piece of the file it came in; joining and cutting again makes a copy.
 */
export const ownText = (slice: string): string => ` ${slice}`.slice(1);
