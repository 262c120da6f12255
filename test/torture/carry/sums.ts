/** The checker's own arithmetic: amounts are whole numbers of 10⁻¹⁸ units, read from their text. */
export const ONE = 10n ** 18n;

export const amountIn = (text: string): bigint => {
  const [, sign, whole = '0', fraction = ''] = /^(-?)(\d+)\.?(\d{0,18})$/.exec(text) ?? [];
  if (sign === undefined) throw new Error(`not an amount: ${text}`);
  const size = BigInt(whole + fraction.padEnd(18, '0'));
  return sign === '-' ? -size : size;
};

/** Whole units, never less than 0. */
export const floorOf = (amount: bigint): bigint => (amount < 0n ? 0n : amount / ONE);

/**
 * What is wrong with the parts of a record. They add up to what was sent, each is its exact share or less than a unit away
 * from it, and none that was rounded up has lost less than one that was rounded down: the largest remainders.
 */
export const shareTrouble = (
  sent: number,
  parts: ReadonlyMap<string, number>,
  used: ReadonlyMap<string, bigint>,
): string | undefined => {
  const tagged = [...used].filter(([team]) => team !== '');
  if (tagged.length === 0) return parts.size === 0 ? undefined : 'parts of a record without tags';
  const total = tagged.reduce((sum, [, amount]) => sum + amount, 0n);
  const all = [...parts.values()].reduce((sum, part) => sum + part, 0);
  if (all !== sent || parts.size !== tagged.length) return `the parts add up to ${all}, ${sent} were sent`;
  if (total === 0n) return undefined;
  const rests = tagged.map(([team, amount]) => {
    const exact = BigInt(sent) * amount;
    return { up: BigInt(parts.get(team) ?? -1) - exact / total, lost: exact % total };
  });
  if (rests.some(({ up, lost }) => up < 0n || up > 1n || (up === 1n && lost === 0n)))
    return 'a part is a unit or more away from its share';
  const isUnfair = rests.some(
    ({ up, lost }) => up === 1n && rests.some(one => one.up === 0n && one.lost > lost),
  );
  return isUnfair ? 'a part with a smaller remainder was rounded up' : undefined;
};
