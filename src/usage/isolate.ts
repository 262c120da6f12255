/**
 * The two halves of a refused batch, in order. Sent apart, they tell which of them has the bad record: AWS refuses
 * the whole request for one, and does not reliably say for which.
 */
export const halves = <R>(records: readonly R[]): readonly [readonly R[], readonly R[]] => {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)];
};
