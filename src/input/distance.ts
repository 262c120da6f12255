/** What typing mistakes cost. Two letters changed for two others make another word: `product_cost`, `quality`. */
export const EDIT = { insert: 2, remove: 2, swap: 2, replace: 3 } as const;

/**
 * How many typing mistakes lie between two words, weighted by `EDIT`: a letter more, a letter less, two neighbours
 * swapped, a letter replaced. (Optimal string alignment.) Compare short words only: it takes the product of their lengths.
 */
export const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column * EDIT.insert);
  for (let row = 1; row <= a.length; row++) {
    const current = [row * EDIT.remove];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + EDIT.remove,
        (current[column - 1] ?? 0) + EDIT.insert,
        (previous[column - 1] ?? 0) + (same ? 0 : EDIT.replace),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (before[column - 2] ?? 0) + EDIT.swap);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
};
