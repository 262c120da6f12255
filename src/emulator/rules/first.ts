/** What the first item that gives something gives. */
export const first = <T, R>(items: readonly T[], of: (item: T) => R | undefined): R | undefined => {
  for (const item of items) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
};
